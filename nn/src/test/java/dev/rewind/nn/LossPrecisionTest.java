package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Losses and their derivatives keep their digits where a plain formula would cancel or overflow; what is expected
/// comes from numbers of forty digits.
class LossPrecisionTest {
  private static final MathContext DIGITS = new MathContext(120);
  private static final List<DType> DTYPES = List.of(DType.FLOAT32, DType.FLOAT64);

  private static BigDecimal exp(double x) {
    BigDecimal small = new BigDecimal(x).divide(new BigDecimal(4096), DIGITS);
    BigDecimal term = BigDecimal.ONE;
    BigDecimal sum = BigDecimal.ONE;
    for (int n = 1; n < 80; n++) {
      term = term.multiply(small, DIGITS).divide(new BigDecimal(n), DIGITS);
      sum = sum.add(term, DIGITS);
    }
    return sum.pow(4096, DIGITS);
  }

  /// `log(1 + x)` for `x >= 0`, by Newton's method on the exponential.
  private static BigDecimal log1p(BigDecimal x) {
    BigDecimal y = new BigDecimal(Math.log1p(x.doubleValue()));
    for (int i = 0; i < 4; i++) {
      BigDecimal e = expOf(y);
      y = y.add(x.add(BigDecimal.ONE).subtract(e).divide(e, DIGITS), DIGITS);
    }
    return y;
  }

  private static BigDecimal expOf(BigDecimal x) {
    double head = x.doubleValue();
    BigDecimal rest = x.subtract(new BigDecimal(head));
    return exp(head).multiply(BigDecimal.ONE.add(rest).add(rest.multiply(rest).divide(new BigDecimal(2), DIGITS)),
        DIGITS);
  }

  private static double softplus(double x) {
    return log1p(exp(x)).doubleValue();
  }

  private static double sigmoid(double x) {
    return BigDecimal.ONE.divide(exp(-x).add(BigDecimal.ONE), DIGITS).doubleValue();
  }

  private static void assertClose(DType dtype, double found, double expected, String what) {
    double least = dtype == DType.FLOAT32 ? 4 * Float.MIN_VALUE : 4 * Double.MIN_VALUE;
    double digits = dtype == DType.FLOAT32 ? 1e-6 : 1e-14;
    assertThat(found).as("%s, %s", what, dtype).isCloseTo(expected, within(digits * Math.abs(expected) + least));
  }

  // ---- binary cross-entropy
  // -------------------------------------------------------------------------------------------

  @Test
  void binaryCrossEntropyAndItsDerivativesAreRightHoweverSureTheLogitIs() {
    for (DType dtype : DTYPES) {
      for (double logit : new double[] {0, 0.5, -0.5, 5, -5, 10, -10, 15, -15, 20, -20, 100, -100}) {
        for (double target : new double[] {0, 1, 0.5, 0.25, 0.125, 0.9375}) {
          String what = "logit " + logit + ", target " + target;
          try (Tape tape = Tape.recording()) {
            Variable x = tape.watch(Tensor.full(dtype, logit, 1));
            Variable loss = Losses.binaryCrossEntropy(x, Tensor.full(dtype, target, 1));
            assertClose(dtype, loss.item(), target * softplus(-logit) + (1 - target) * softplus(logit), what);
            Variable first = tape.differentiate(loss, x);
            // terms of both signs
            double rounding = target == 0 || target == 1 ? 0 : dtype == DType.FLOAT32 ? 1e-7 : 1e-16;
            double derivative = (1 - target) * sigmoid(logit) - target * sigmoid(-logit);
            assertThat(first.item()).as(what).isCloseTo(derivative,
                within(rounding + 1e-6 * Math.abs(derivative) + Float.MIN_NORMAL));
            double curvature = sigmoid(logit) * sigmoid(-logit);
            assertClose(dtype, tape.differentiate(first, x).item(), curvature, what + ", second derivative");
          }
        }
      }
    }
  }

  @Test
  void aCertainAndRightLogitCostsNothing() {
    for (DType dtype : DTYPES) {
      double infinity = Double.POSITIVE_INFINITY;
      try (Tape tape = Tape.recording()) {
        Variable x = tape.watch(Tensor.of(new double[] {infinity, -infinity}).to(dtype));
        Variable loss = Losses.binaryCrossEntropy(x, Tensor.of(new double[] {1, 0}).to(dtype));
        assertThat(loss.item()).isZero();
        assertThat(tape.gradients(loss).of(x).toDoubles()).containsOnly(0);
      }
    }
  }

  // ---- cross-entropy
  // --------------------------------------------------------------------------------------------------

  @Test
  void crossEntropyIsRightHoweverSureTheLogitIs() {
    for (DType dtype : DTYPES) {
      for (double margin : new double[] {0, 1, 3, 5, 10, 15, 20}) {
        for (double shift : new double[] {0, 100, -1000}) {
          Tensor logits = Tensor.of(new double[][] {{shift - margin, shift, shift - margin}}).to(dtype);
          double sure = log1p(exp(-margin).multiply(new BigDecimal(2))).doubleValue();
          for (double[] wanted : new double[][] {{1, sure}, {0, sure + margin}}) {
            Tensor target = Tensor.of(new int[] {(int) wanted[0]});
            String what = "margin " + margin + " from " + shift;
            try (Tape tape = Tape.inference()) {
              Variable x = tape.constant(logits);
              double digits = dtype == DType.FLOAT32 ? 1e-6 * wanted[1] : 1e-14 * wanted[1] + 3e-16; // of a sum near 1
              assertThat(Losses.crossEntropy(x, target).item()).as(what).isCloseTo(wanted[1], within(digits));
              assertThat(Losses.crossEntropies(x, target).value().at(0)).as(what).isCloseTo(wanted[1], within(digits));
            }
          }
        }
      }
    }
  }

  @Test
  void maskedPositionsHaveNoGradientHoweverLargeThatOfTheLossIs() {
    Tensor targets = Tensor.of(new int[] {1, 0});
    Tensor mask = Tensor.of(new boolean[] {true, false});
    Tensor wide = Tensor.of(new boolean[][] {{true, true}, {false, false}});
    for (DType dtype : DTYPES) {
      List<UnaryOperator<Variable>> losses = List.of(
          x -> Losses.smoothedCrossEntropy(x, targets, mask, 0.1),
          x -> Losses.binaryCrossEntropy(x, Tensor.zeros(dtype, 2, 2), wide),
          x -> Losses.huber(x, Tensor.zeros(dtype, 2, 2), wide, 1),
          x -> Losses.meanSquaredError(x, x.tape().constant(Tensor.zeros(dtype, 2, 2)), wide));
      for (UnaryOperator<Variable> loss : losses) {
        try (Tape tape = Tape.recording()) {
          Variable x = tape.watch(Tensor.of(new double[][] {{1, 2}, {3, 4}}).to(dtype));
          Variable steep = loss.apply(x).times(Double.POSITIVE_INFINITY);
          assertThat(tape.differentiate(steep, x).value().select(0, 1).toDoubles()).containsOnly(0);
          assertThat(tape.gradients(steep).of(x).select(0, 1).toDoubles()).containsOnly(0);
        }
      }
    }
  }

  @Test
  void paddingHasNoGradientOfCtcHoweverLargeThatOfTheLossIs() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.zeros(DType.FLOAT32, 1, 4, 3));
      Variable loss = Losses.ctc(x, Tensor.of(new int[][] {{1}}), new int[] {2}, new int[] {1}, 0);
      Tensor gradient = tape.gradients(loss.times(Double.POSITIVE_INFINITY)).of(x);
      assertThat(gradient.slice(1, 2, 4).contiguous().toDoubles()).containsOnly(0);
    }
  }

  // ---- Huber's
  // --------------------------------------------------------------------------------------------------------

  @Test
  void hubersLossAndItsDerivativesAreRightForSmallAndLargeDifferences() {
    for (DType dtype : DTYPES) {
      for (double delta : new double[] {1e-3, 1, 1000}) {
        for (double d : new double[] {0, 1e-12, -1e-5, 1e-4, 0.1, -0.99, 5, -1e4, 1e15, -1e15}) {
          double at = dtype == DType.FLOAT32 ? (float) d : d;
          double limit = dtype == DType.FLOAT32 ? (float) delta : delta;
          boolean within = Math.abs(at) < limit;
          String what = "difference " + d + ", delta " + delta;
          try (Tape tape = Tape.recording()) {
            Variable x = tape.watch(Tensor.full(dtype, at, 1));
            Variable loss = Losses.huber(x, Tensor.zeros(dtype, 1), delta);
            assertClose(dtype, loss.item(), within ? at * at / 2 : limit * (Math.abs(at) - limit / 2), what);
            Variable first = tape.differentiate(loss, x);
            assertClose(dtype, first.item(), within ? at : Math.copySign(limit, at), what);
            assertThat(tape.differentiate(first, x).item()).as(what).isEqualTo(within ? 1 : 0);
            assertThat(tape.gradients(Losses.huber(x, Tensor.zeros(dtype, 1), delta)).of(x).at(0))
                .isEqualTo(first.item());
          }
        }
      }
    }
  }

  @Test
  void hubersLossOfAnInfiniteDifferenceHasItsGradient() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(new double[] {Double.NEGATIVE_INFINITY, 3e200}));
      Variable loss = Losses.huber(x, Tensor.zeros(DType.FLOAT64, 2), 2);
      assertThat(loss.item()).isEqualTo(Double.POSITIVE_INFINITY);
      assertThat(tape.gradients(loss).of(x).toDoubles()).containsExactly(-1, 1);
    }
  }
}
