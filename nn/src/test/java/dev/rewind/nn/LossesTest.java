package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
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
