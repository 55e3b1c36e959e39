package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Derivatives;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CtcTest {
  private static final int[] LENGTHS = {5, 3, 5, 1, 0};
  private static final int[] LABEL_LENGTHS = {2, 2, 3, 0, 0};
  private static final Tensor LABELS = Tensor.of(new int[][] {{2, 1, 9}, {1, 1, 9}, {3, 3, 1}, {9, 9, 9}, {9, 9, 9}});
  private static final Tensor LOGITS = Tensor.normal(Rng.of(1), DType.FLOAT64, 0, 2, 5, 5, 4);

  /// The likelihood summed over every alignment that leads to the labelling.
  private static double enumerated(Tensor logits, int steps, List<Integer> labelling, int blank) {
    Tensor p = logits.softmax(-1);
    int classes = logits.size(1);
    double total = 0;
    for (int code = 0; code < Math.pow(classes, steps); code++) {
      double likelihood = 1;
      int before = blank;
      List<Integer> collapsed = new ArrayList<>();
      int rest = code;
      for (int t = 0; t < steps; t++) {
        int symbol = rest % classes;
        rest /= classes;
        likelihood *= p.at(t, symbol);
        if (symbol != blank && symbol != before) {
          collapsed.add(symbol);
        }
        before = symbol;
      }
      total += collapsed.equals(labelling) ? likelihood : 0;
    }
    return total;
  }

  @Test
  void theLossIsThatOfAllAlignments() {
    double sum = 0;
    for (int b = 0; b < 5; b++) {
      List<Integer> labelling = new ArrayList<>();
      for (int i = 0; i < LABEL_LENGTHS[b]; i++) {
        labelling.add((int) LABELS.at(b, i));
      }
      double likelihood = enumerated(LOGITS.select(0, b), LENGTHS[b], labelling, 0);
      sum -= Math.log(likelihood);
      try (Tape tape = Tape.inference()) {
        Variable one = tape.constant(LOGITS.slice(0, b, b + 1));
        double loss = Losses
            .ctc(one, LABELS.slice(0, b, b + 1), new int[] {LENGTHS[b]}, new int[] {LABEL_LENGTHS[b]}, 0).item();
        assertThat(loss).isCloseTo(-Math.log(likelihood), within(1e-12));
      }
    }
    try (Tape tape = Tape.inference()) {
      assertThat(Losses.ctc(tape.constant(LOGITS), LABELS, LENGTHS, LABEL_LENGTHS, 0).item())
          .isCloseTo(sum / 5, within(1e-12));
      assertThat(Losses.ctc(tape.constant(LOGITS.to(DType.FLOAT32)), LABELS, LENGTHS, LABEL_LENGTHS, 0).item())
          .isCloseTo(sum / 5, within(1e-5));
    }
  }

  @Test
  void anyClassCanBeTheBlank() {
    Tensor labels = Tensor.of(new int[][] {{0, 2, 2}});
    try (Tape tape = Tape.inference()) {
      double loss = Losses.ctc(tape.constant(LOGITS.slice(0, 0, 1)), labels, new int[] {5}, new int[] {3}, 3).item();
      assertThat(loss).isCloseTo(-Math.log(enumerated(LOGITS.select(0, 0), 5, List.of(0, 2, 2), 3)), within(1e-12));
    }
  }

  @Test
  void gradientsAgreeWithNumericalOnesAndEndWithTheSequence() {
    GradientCheck.of(x -> Losses.ctc(x, LABELS, LENGTHS, LABEL_LENGTHS, 0)).at(LOGITS).secondOrder().run()
        .assertPasses();
    Derivatives.ValueAndGradient both = Derivatives.valueAndGradient(
        x -> Losses.ctc(x, LABELS, LENGTHS, LABEL_LENGTHS, 0), LOGITS);
    Tensor twice = Derivatives.vjp(
        x -> Losses.ctc(x, LABELS, LENGTHS, LABEL_LENGTHS, 0), LOGITS, Tensor.scalar(2.0));
    assertThat(twice).isEqualTo(both.gradient().times(2));
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(LOGITS);
      assertThat(both.gradient()).isEqualTo(tape.gradients(Losses.ctc(x, LABELS, LENGTHS, LABEL_LENGTHS, 0)).of(x));
    }
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 20, 5, 5, 4)); // likelihoods down to e^-100
      Tensor derivative = tape.gradients(Losses.ctc(x, LABELS, LENGTHS, LABEL_LENGTHS, 0)).of(x);
      assertThat(derivative.isFinite().all().item()).isEqualTo(1);
      assertThat(derivative.select(0, 1).slice(0, 3, 5)).isEqualTo(Tensor.zeros(DType.FLOAT64, 2, 4));
      assertThat(derivative.sum(-1).abs().max().item()).isLessThan(1e-14); // a softmax does not see a shift
    }
  }

  @Test
  void theRecordedGradientIsTheFastOneAndSkipsWhatIsTooShort() {
    int[] lengths = {5, 2, 5, 1, 0}; // the second is too short for 1 1
    Tensor logits = LOGITS.copy();
    logits.select(0, 1).slice(0, 2, 5).fill(Double.NaN);
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(logits);
      Variable loss = Losses.ctcOfPossible(x, LABELS, lengths, LABEL_LENGTHS, 0);
      Variable gradient = tape.differentiate(loss, x);
      Tensor second = tape.differentiate(gradient.square().sum(), x).value();
      assertThat(second.isFinite().all().item()).isEqualTo(1);
      assertThat(second.select(0, 1)).isEqualTo(Tensor.zeros(DType.FLOAT64, 5, 4));
      assertThat(gradient.value().allClose(tape.gradients(loss).of(x), 1e-12, 1e-14)).isTrue();
    }
    GradientCheck.of(x -> Losses.ctcOfPossible(x, LABELS, lengths, LABEL_LENGTHS, 0)).at(LOGITS).secondOrder().run()
        .assertPasses();
    Tensor labels = Tensor.of(new int[][] {{0, 2, 2}});
    GradientCheck.of(x -> Losses.ctc(x, labels, new int[] {5}, new int[] {3}, 3)).at(LOGITS.slice(0, 0, 1))
        .secondOrder().run().assertPasses();
  }

  /// The Hessian of a softmax: with one step and one label there is one way.
  @Test
  void ofOneStepTheSecondDerivativeIsThatOfASoftmax() {
    Tensor x = LOGITS.slice(0, 0, 1).slice(1, 0, 1); // [1, 1, 4]
    double[] p = x.softmax(-1).contiguous().toDoubles();
    Tensor hessian = Derivatives.hessian(
        v -> Losses.ctc(v, Tensor.of(new int[][] {{2}}), new int[] {1}, new int[] {1}, 0), x).reshape(4, 4);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        assertThat(hessian.at(i, j)).isCloseTo((i == j ? p[i] : 0) - p[i] * p[j], within(1e-14));
      }
    }
  }

  @Test
  void longSequencesDoNotUnderflow() {
    Tensor logits = Tensor.zeros(DType.FLOAT32, 1, 2000, 50);
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(logits);
      Variable loss = Losses.ctc(x, Tensor.of(new int[][] {{7}}), new int[] {2000}, new int[] {1}, 0);
      // of 50^2000 alignments those with one run of label 7: 2000 * 2001 / 2
      assertThat(loss.item()).isCloseTo(2000 * Math.log(50) - Math.log(2000.0 * 2001 / 2), within(1e-3));
      assertThat(tape.gradients(loss).of(x).isFinite().all().item()).isEqualTo(1);
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(LOGITS.slice(0, 0, 1));
      Tensor labels = Tensor.of(new int[][] {{1, 1, 4}});
      assertThatIllegalArgumentException().isThrownBy(() -> Losses.ctc(x, labels, new int[] {2}, new int[] {2}, 0))
          .withMessage("ctc: sequence 0 has 2 steps, but its 2 labels need 3, with a blank between equal ones");
      assertThatIllegalArgumentException().isThrownBy(() -> Losses.ctc(x, labels, new int[] {5}, new int[] {3}, 0))
          .withMessage("ctc: label 4 at [0, 2] is not in [0, 4) without the blank 0");
      assertThatIllegalArgumentException().isThrownBy(() -> Losses.ctc(x, labels, new int[] {6}, new int[] {1}, 0))
          .withMessage("ctc: the length of sequence 0 is 6, not in [0, 5]");
      assertThatIllegalArgumentException().isThrownBy(() -> Losses.ctc(x, labels, new int[] {5}, new int[] {1}, 4))
          .withMessage("ctc: the blank 4 is not in [0, 4)");
      assertThatIllegalArgumentException().isThrownBy(() -> Losses.ctc(x, labels, LENGTHS, new int[] {1}, 0))
          .withMessageStartingWith("ctc: logits [1, 5, 4] with labels [1, 3], 5 lengths and 1 label lengths");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.ctc(x, labels.to(DType.FLOAT32), new int[] {5}, new int[] {1}, 0))
          .withMessageStartingWith("ctc: wants floating logits and INT32 labels, not ");
    }
  }
}
