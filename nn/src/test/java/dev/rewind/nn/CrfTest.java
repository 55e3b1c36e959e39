package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;

/// Against the definition: the scores of all sequences of tags, one after another.
class CrfTest {
  private static final int TAGS = 3;
  private static final int[] LENGTHS = {4, 2, 0, 1};
  private static final Tensor SCORES = Tensor.normal(Rng.of(1), DType.FLOAT64, 0, 1, 4, 4, TAGS);
  private static final Tensor TARGETS = Tensor
      .of(new int[][] {{2, 0, 1, 1}, {1, 2, -1, -1}, {-1, -1, -1, -1}, {0, 9, 9, 9}});

  private final Crf crf = new Crf(TAGS, Rng.of(2));

  CrfTest() {
    crf.to(DType.FLOAT64);
    crf.initialize(".*", Rng.of(3), (rng, shape) -> Tensor.normal(rng, DType.FLOAT64, 0, 1, shape.sizes()));
  }

  private double score(Tensor x, int[] tags) {
    Tensor transitions = crf.state().get("transitions");
    double score = crf.state().get("start_transitions").at(tags[0])
        + crf.state().get("end_transitions").at(tags[tags.length - 1]);
    for (int t = 0; t < tags.length; t++) {
      score += x.at(t, tags[t]) + (t == 0 ? 0 : transitions.at(tags[t - 1], tags[t]));
    }
    return score;
  }

  private static int[] sequence(int code, int length) {
    int[] tags = new int[length];
    for (int t = 0; t < length; t++) {
      tags[t] = code % TAGS;
      code /= TAGS;
    }
    return tags;
  }

  @Test
  void theLossAndTheLikeliestTagsAreThoseOfAllSequences() {
    double sum = 0;
    try (Tape tape = Tape.inference()) {
      int[][] found = crf.tags(SCORES, LENGTHS);
      for (int b = 0; b < LENGTHS.length; b++) {
        double likelihood = 0;
        int[] best = new int[LENGTHS[b]];
        for (int code = 0; LENGTHS[b] > 0 && code < Math.pow(TAGS, LENGTHS[b]); code++) {
          int[] tags = sequence(code, LENGTHS[b]);
          likelihood += Math.exp(score(SCORES.select(0, b), tags));
          best = score(SCORES.select(0, b), tags) > score(SCORES.select(0, b), best) ? tags : best;
        }
        assertThat(found[b]).containsExactly(best);
        int[] known = TARGETS.select(0, b).slice(0, 0, LENGTHS[b]).toInts();
        sum += LENGTHS[b] == 0 ? 0 : Math.log(likelihood) - score(SCORES.select(0, b), known);
      }
      assertThat(crf.loss(tape.constant(SCORES), TARGETS, LENGTHS).item()).isCloseTo(sum / 3, within(1e-12));
    }
  }

  @Test
  void gradientsAgreeWithNumericalOnes() {
    GradientCheck.of(x -> crf.loss(x, TARGETS, LENGTHS)).at(SCORES).withParameters(crf.namedParameters()).secondOrder()
        .run().assertPasses();
  }

  @Test
  void paddingMayBeNaNAndWhereThereIsNothingTheLossIsZero() {
    Tensor holes = SCORES.copy();
    holes.select(0, 1).slice(0, 2, 4).fill(Double.NaN);
    holes.select(0, 2).fill(Double.NaN);
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(holes);
      Variable loss = crf.loss(x, TARGETS, LENGTHS);
      assertThat(loss.item()).isEqualTo(crf.loss(tape.constant(SCORES), TARGETS, LENGTHS).item());
      assertThat(crf.loss(x, TARGETS, new int[4]).item()).isZero();
      Tensor gradient = tape.gradients(loss).of(x);
      assertThat(gradient.isFinite().all().item()).isEqualTo(1);
      assertThat(gradient.maskedSelect(holes.isNaN()).toDoubles()).containsOnly(0);
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(SCORES);
      assertThatIllegalArgumentException().isThrownBy(() -> crf.loss(x.slice(2, 0, 2), TARGETS, LENGTHS))
          .withMessage(
              "crf: wants scores [batch, time >= 1, 3] and a length for each sequence, not [4, 4, 2] and 4 lengths");
      assertThatIllegalArgumentException().isThrownBy(() -> crf.loss(x, TARGETS.select(0, 0), LENGTHS))
          .withMessage("crf: wants targets INT32 [4, 4], not INT32 [4]");
      assertThatIllegalArgumentException().isThrownBy(() -> crf.tags(SCORES, new int[] {1, 5, 0, 0}))
          .withMessage("crf: sequence 1 has length 5, not one of 0 to 4");
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> crf.loss(x, TARGETS, new int[] {4, 3, 0, 1})).withMessageContaining("-1");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Crf(0, Rng.of(1)))
        .withMessage("crf: there must be at least 1 tag, not 0");
  }
}
