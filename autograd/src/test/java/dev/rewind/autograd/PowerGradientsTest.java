package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// `x^b` and its derivatives up to the fifth at the edges, against `b (b - 1) .. (b - k + 1) x^(b - k)`.
class PowerGradientsTest {
  private static final int ORDERS = 5;

  /// How the exponent is given.
  private enum Exponent {
    NUMBER((x, b) -> x.pow(b)), CONSTANT((x, b) -> x.pow(x.tape().constant(Tensor.scalar(b).to(x.dtype())))), VARIABLE(
        (x, b) -> x.pow(x.tape().watch(Tensor.full(x.dtype(), b, x.shape()))));

    final BiFunction<Variable, Double, Variable> pow;

    Exponent(BiFunction<Variable, Double, Variable> pow) {
      this.pow = pow;
    }
  }

  record Case(Exponent exponent, DType dtype, double base, double power) {}

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Exponent exponent : Exponent.values()) {
      for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
        double subnormal = dtype == DType.FLOAT32 ? 1e-40f : 1e-310;
        for (double base : new double[] {0, -0.0, subnormal, 1e-20f, 0.75, 1, 3, -subnormal, -0.75, -2}) {
          for (double power : new double[] {0, 1, 2, 3, 4, -1, 0.5}) {
            if (!(base < 0 && power == 0.5)) {
              cases.add(new Case(exponent, dtype, base, power));
            }
          }
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void derivativesAreThoseOfAPower(Case c) {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.full(c.dtype, c.base, 1));
      Variable derivative = c.exponent.pow.apply(x, c.power);
      assertIsDerivative(c, 0, derivative);
      for (int order = 1; order <= ORDERS && derivative.isTracked(); order++) {
        derivative = tape.differentiate(derivative.sum(), x);
        assertIsDerivative(c, order, derivative);
      }
    }
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.full(c.dtype, c.base, 1));
      Variable y = c.exponent.pow.apply(x, c.power).sum();
      assertIsDerivative(c, 1, tape.constant(tape.gradients(y).of(x)));
    }
  }

  private static void assertIsDerivative(Case c, int order, Variable derivative) {
    double factor = 1;
    for (int k = 0; k < order; k++) {
      factor *= c.power - k;
    }
    double exact = factor == 0 ? 0 : factor * Math.pow(c.base, c.power - order);
    double expected = c.dtype == DType.FLOAT32 ? (float) exact : exact;
    double found = derivative.value().at(0);
    if (Double.isInfinite(expected)) {
      assertThat(found).as("order %d", order).isEqualTo(expected);
    } else {
      double tolerance = c.dtype == DType.FLOAT32 ? 2e-6 * Math.abs(expected) + 24 * Float.MIN_VALUE
          : 1e-14 * Math.abs(expected) + 24 * Double.MIN_VALUE; // a subnormal power times at most 24
      assertThat(found).as("order %d", order).isCloseTo(expected, within(tolerance));
    }
  }

  @ParameterizedTest
  @EnumSource(value = DType.class, names = {"FLOAT32", "FLOAT64"})
  void atBaseZeroTheGradientOfTheExponentIsZeroUnlessTheExponentIsNegative(DType dtype) {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.constant(Tensor.zeros(dtype, 5));
      Variable b = tape.watch(Tensor.of(new double[] {0, 0.5, 1, 2, -1}).to(dtype));
      Tensor gradient = tape.gradients(x.pow(b).sum()).of(b);
      assertThat(gradient.toDoubles()).containsExactly(0, 0, 0, 0, Double.NEGATIVE_INFINITY);
    }
  }

  @ParameterizedTest
  @EnumSource(Exponent.class)
  void exponentZeroHasNoGradientHoweverLargeThatOfThePowerIs(Exponent exponent) {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(new double[] {0, 1e-310, -2}));
      Variable power = exponent.pow.apply(x, 0.0);
      assertThat(power.value().toDoubles()).containsOnly(1);
      Tensor gradient = tape.gradients(power.minus(1).sqrt().sum()).of(x); // the root's is infinite
      assertThat(gradient.toDoubles()).containsOnly(0);
    }
  }
}
