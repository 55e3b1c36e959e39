package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Gradients keep their digits where a plain formula would cancel, overflow or vanish.
class GradientPrecisionTest {
  private static final double[] ARGUMENTS = {-30, -20, -10, -6, -3, -1.25, -0.5, 0, 0.5, 1.25, 3, 6, 10, 20, 30};

  private static double accuracy(DType dtype) {
    return dtype == DType.FLOAT32 ? 3e-6 : 3e-13;
  }

  /// `e^x`, to forty digits.
  private static BigDecimal exp(double x) {
    MathContext context = new MathContext(60);
    BigDecimal small = new BigDecimal(x).divide(new BigDecimal(1024), context);
    BigDecimal term = BigDecimal.ONE;
    BigDecimal sum = BigDecimal.ONE;
    for (int n = 1; n < 60; n++) {
      term = term.multiply(small, context).divide(new BigDecimal(n), context);
      sum = sum.add(term, context);
    }
    return sum.pow(1024, context);
  }

  private static BigDecimal quotient(BigDecimal a, BigDecimal b) {
    return a.divide(b, new MathContext(40));
  }

  private static double sigmoid(double x) {
    return quotient(BigDecimal.ONE, exp(-x).add(BigDecimal.ONE)).doubleValue();
  }

  /// The normal distribution function, by its continued fraction for negative arguments (Abramowitz and Stegun,
  /// 26.2.14), and its series (26.2.10) for those near zero.
  private static double distribution(double x) {
    double density = density(x);
    if (x > 2) {
      return 1 - distribution(-x);
    }
    if (x < -2) {
      double fraction = -x;
      for (int n = 500; n >= 1; n--) {
        fraction = -x + n / fraction;
      }
      return density / fraction;
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 100; n++) {
      term *= x * x / (2 * n + 1);
      sum += term;
    }
    return 0.5 + density * sum;
  }

  private static double density(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  /// A function of one element, and its first and second derivative at an argument.
  private record Derivative(String name, UnaryOperator<Variable> f, UnaryOperator<Double> first,
      UnaryOperator<Double> second) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Derivative> derivatives() {
    return Stream.of(
        new Derivative("softplus", Variable::softplus, GradientPrecisionTest::sigmoid, x -> sigmoid(x) * sigmoid(-x)),
        new Derivative("expm1", Variable::expm1, x -> exp(x).doubleValue(), x -> exp(x).doubleValue()),
        new Derivative("gelu", Variable::gelu, x -> distribution(x) + x * density(x), x -> (2 - x * x) * density(x)));
  }

  @ParameterizedTest
  @MethodSource("derivatives")
  void derivativesAreRightInBothTails(Derivative function) {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      for (double at : ARGUMENTS) {
        try (Tape tape = Tape.recording()) {
          Variable x = tape.watch(Tensor.scalar(at).to(dtype));
          Variable first = tape.differentiate(function.f.apply(x), x);
          Variable second = tape.differentiate(first, x);
          assertClose(dtype, first, function.first.apply(at), "first at " + at);
          assertClose(dtype, second, function.second.apply(at), "second at " + at);
        }
      }
    }
  }

  private static void assertClose(DType dtype, Variable found, double expected, String what) {
    double least = dtype == DType.FLOAT32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
    // of an exponential, in proportion to its argument
    double loss = 1 + Math.abs(Math.log(Math.max(Math.abs(expected), least)));
    assertThat(found.item()).as("%s of %s", what, dtype)
        .isCloseTo(expected, within(accuracy(dtype) * loss * Math.abs(expected) + least));
  }

  // ---- the logarithm of a sum of exponentials -----------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(value = DType.class, names = {"FLOAT32", "FLOAT64"})
  void theGradientOfLogSumExpIsASoftmaxHoweverLargeTheArguments(DType dtype) {
    for (double shift : new double[] {0, 1e4, -1e4, 1e7, 1e8, -1e8, 3e38, -3e38}) {
      for (int n : new int[] {2, 3, 100}) {
        try (Tape tape = Tape.recording()) {
          Variable x = tape.watch(Tensor.full(dtype, shift, n));
          Tensor gradient = tape.gradients(x.logSumExp()).of(x);
          assertThat(gradient.allClose(Tensor.full(dtype, 1.0 / n, n), dtype == DType.FLOAT32 ? 1e-6 : 1e-15, 0))
              .as("%d of %s", n, shift).isTrue();
        }
      }
    }
    try (Tape tape = Tape.recording()) {
      Tensor at = Tensor.of(new double[][] {{1, 2, -3}, {0.5, -1, 4}}).plus(1000).to(dtype);
      Variable x = tape.watch(at);
      Variable gradient = tape.differentiate(x.logSumExp(), x);
      assertThat(gradient.value().allClose(at.reshape(6).softmax(0).reshape(2, 3), accuracy(dtype), 0)).isTrue();
      Tensor second = tape.gradients(gradient.select(0, 0).select(0, 0)).of(x); // p (1 - p), - p q
      Tensor p = gradient.value();
      Tensor expected = p.times(-p.at(0, 0));
      expected.slice(0, 0, 1).slice(1, 0, 1).plusInPlace(Tensor.full(dtype, p.at(0, 0), 1, 1));
      assertThat(second.allClose(expected, accuracy(dtype), 0)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(value = DType.class, names = {"FLOAT32", "FLOAT64"})
  void logSumExpOfNothingPossibleHasAGradientOfZero(DType dtype) {
    double never = Double.NEGATIVE_INFINITY;
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(new double[][] {{never, never}, {0, never}}).to(dtype));
      Variable y = x.logSumExp(1);
      assertThat(y.value().toDoubles()).containsExactly(never, 0);
      Variable gradient = tape.differentiate(y.sum(), x);
      assertThat(gradient.value()).isEqualTo(Tensor.of(new double[][] {{0, 0}, {1, 0}}).to(dtype));
      assertThat(tape.gradients(gradient.square().sum()).of(x).abs().max().item()).isEqualTo(0);
    }
  }

  // ---- norms
  // ----------------------------------------------------------------------------------------------------------

  @Test
  void theGradientOfANormIsAUnitVectorHoweverSmallOrLarge() {
    double[][] scales = {{1, 1e-30, 1e-39, 3e-45, 1e30, 2e38}, {1, 1e-160, 1e-200, 1e-310, 1e160, 1e200, 1e308}};
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      for (double scale : scales[dtype == DType.FLOAT32 ? 0 : 1]) {
        try (Tape tape = Tape.recording()) {
          Tensor at = Tensor.full(dtype, scale, 2);
          Variable x = tape.watch(at);
          Tensor gradient = tape.gradients(x.norm().times(1e-3)).of(x);
          double digits = Math.max(dtype == DType.FLOAT32 ? 1e-6 : 1e-14, 1.1 * spacing(at) / at.at(0));
          double half = Math.sqrt(0.5) * 1e-3;
          assertThat(gradient.allClose(Tensor.full(dtype, half, 2), digits, 0)).as("%s of %s", scale, dtype).isTrue();
        }
      }
    }
  }

  @Test
  void theGradientOfANormDoesNotDependOnOtherNorms() {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      Tensor at = Tensor.of(new double[][] {{0.3, 0.7, -1.1}, {1e-39, 1e-39, 0}, {0, 0, 0}, {1e38, -1e38, 1e38}})
          .to(dtype);
      Tensor together = Derivatives.jacobian(x -> x.norm(1).times(0.9).sum(), at);
      for (int row = 0; row < at.size(0); row++) {
        Tensor alone = Derivatives.jacobian(x -> x.norm(1).times(0.9).sum(), at.slice(0, row, row + 1).copy());
        assertThat(together.slice(0, row, row + 1)).isEqualTo(alone);
      }
    }
  }

  private static double spacing(Tensor x) {
    return x.dtype() == DType.FLOAT32 ? Math.ulp((float) x.at(0)) : Math.ulp(x.at(0));
  }

  @Test
  void atZeroAllDerivativesOfANormAreZero() {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      assertThat(Derivatives.hessian(Variable::norm, Tensor.zeros(dtype, 3))).isEqualTo(Tensor.zeros(dtype, 3, 3));
    }
    Tensor hessian = Derivatives.hessian(Variable::norm, Tensor.of(new double[] {3, 4}));
    assertThat(hessian.allClose(Tensor.of(new double[][] {{16, -12}, {-12, 9}}).divide(125), 1e-14, 0)).isTrue();
  }

  @Test
  void clippingNeitherLosesNorOverlooksSquaresBeyondTheRangeOfDouble() {
    for (double scale : new double[] {1e-200, 1e-160, 1, 1e160, 1e200, 1e300}) {
      Param a = new Param("a", Tensor.full(DType.FLOAT64, 3 * scale, 1));
      Param b = new Param("b", Tensor.full(DType.FLOAT64, 4 * scale, 1, 1));
      try (Tape tape = Tape.recording()) {
        Gradients gradients = tape.gradients(linear(tape, a).plus(linear(tape, b)));
        assertThat(gradients.norm()).isCloseTo(5 * scale, within(5e-15 * scale));
        Gradients clipped = gradients.clipByNorm(scale);
        assertThat(clipped.of(a).item() / scale).isCloseTo(0.6, within(1e-14));
        assertThat(clipped.of(b).item() / scale).isCloseTo(0.8, within(1e-14));
      }
    }
  }

  /// A scalar whose gradient is the parameter.
  private static Variable linear(Tape tape, Param parameter) {
    return tape.watch(parameter).times(tape.constant(parameter.value().copy())).sum();
  }
}
