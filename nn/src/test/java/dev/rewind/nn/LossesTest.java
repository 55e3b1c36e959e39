package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;

class LossesTest {
  private static final Tensor LOGITS = Tensor.normal(Rng.of(1), DType.FLOAT64, 0, 2, 2, 3, 4);
  private static final Tensor TARGETS = Tensor.of(new int[] {3, 0, 1, 1, 2, 0}, 2, 3);
  private static final Tensor MASK = Tensor.of(new boolean[] {true, false, true, true, true, false}, 2, 3);

  @Test
  void crossEntropyIsTheMeanOfMinusLogProbabilities() {
    double sum = 0;
    double masked = 0;
    for (int i = 0; i < 6; i++) {
      double z = 0;
      for (int k = 0; k < 4; k++) {
        z += Math.exp(LOGITS.at(i / 3, i % 3, k));
      }
      double each = Math.log(z) - LOGITS.at(i / 3, i % 3, (int) TARGETS.at(i / 3, i % 3));
      sum += each;
      masked += MASK.at(i / 3, i % 3) * each;
    }
    try (Tape tape = Tape.inference()) {
      assertThat(Losses.crossEntropy(tape.constant(LOGITS), TARGETS).item()).isCloseTo(sum / 6, within(1e-14));
      assertThat(Losses.crossEntropy(tape.constant(LOGITS), TARGETS, MASK).item()).isCloseTo(masked / 4, within(1e-14));
    }
  }

  @Test
  void gradientsAgreeWithNumericalOnes() {
    GradientCheck.of(x -> Losses.crossEntropy(x, TARGETS)).at(LOGITS).secondOrder().run().assertPasses();
    GradientCheck.of(x -> Losses.crossEntropy(x, TARGETS, MASK)).at(LOGITS).secondOrder().run().assertPasses();
    GradientCheck.ofMany(xs -> Losses.meanSquaredError(xs.get(0), xs.get(1)))
        .at(LOGITS, LOGITS.plus(1).square()).secondOrder().run().assertPasses();
  }

  @Test
  void smoothedTargetsAreSpreadOverAllClasses() {
    double even = 0;
    Tensor logs = LOGITS.logSoftmax(-1);
    for (double log : logs.toDoubles()) {
      even -= log / 24;
    }
    double expected = even;
    try (Tape tape = Tape.inference()) {
      double plain = Losses.crossEntropy(tape.constant(LOGITS), TARGETS).item();
      assertThat(Losses.smoothedCrossEntropy(tape.constant(LOGITS), TARGETS, 0).item()).isEqualTo(plain);
      assertThat(Losses.smoothedCrossEntropy(tape.constant(LOGITS), TARGETS, 0.1).item())
          .isCloseTo(0.9 * plain + 0.1 * expected, within(1e-14));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.smoothedCrossEntropy(tape.constant(LOGITS), TARGETS, 1)).withMessageContaining("share");
    }
    GradientCheck.of(x -> Losses.smoothedCrossEntropy(x, TARGETS, 0.2)).at(LOGITS).secondOrder().run().assertPasses();
  }

  @Test
  void binaryCrossEntropyIsThatOfItsDefinitionAndDoesNotOverflow() {
    Tensor targets = Tensor.uniform(Rng.of(2), DType.FLOAT64, 0, 1, 2, 3, 4);
    double sum = 0;
    for (int i = 0; i < 24; i++) {
      double p = 1 / (1 + Math.exp(-LOGITS.toDoubles()[i]));
      double t = targets.toDoubles()[i];
      sum -= t * Math.log(p) + (1 - t) * Math.log(1 - p);
    }
    try (Tape tape = Tape.inference()) {
      assertThat(Losses.binaryCrossEntropy(tape.constant(LOGITS), targets).item()).isCloseTo(sum / 24, within(1e-13));
      Variable huge = tape.constant(Tensor.of(new double[] {800, -800}));
      assertThat(Losses.binaryCrossEntropy(huge, Tensor.of(new double[] {1, 1})).item()).isEqualTo(400);
    }
    GradientCheck.of(x -> Losses.binaryCrossEntropy(x, targets)).at(LOGITS).secondOrder().run().assertPasses();
  }

  @Test
  void huberIsSquaredWithinAndLinearBeyond() {
    Tensor target = Tensor.zeros(DType.FLOAT64, 4);
    Tensor at = Tensor.of(new double[] {0.5, -1, 3, -4});
    try (Tape tape = Tape.inference()) {
      // 0.125, 0.5, 2 * 3 - 2, 2 * 4 - 2
      assertThat(Losses.huber(tape.constant(at), target, 2).item()).isCloseTo((0.125 + 0.5 + 4 + 6) / 4, within(1e-15));
      assertThatIllegalArgumentException().isThrownBy(() -> Losses.huber(tape.constant(at), target, 0));
      assertThatIllegalArgumentException().isThrownBy(() -> Losses.huber(tape.constant(at), Tensor.arange(3), 1))
          .withMessage("huber: [4] with targets [3]");
    }
    GradientCheck.of(x -> Losses.huber(x, target, 2)).at(at).secondOrder().run().assertPasses();
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    try (Tape tape = Tape.inference()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.crossEntropy(tape.constant(LOGITS), Tensor.arange(3)))
          .withMessage("crossEntropy: logits [2, 3, 4] with targets [3]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.crossEntropy(tape.constant(LOGITS), TARGETS, Tensor.zeros(DType.BOOL, 2, 3)))
          .withMessageContaining("leaves no position");
    }
  }
}
