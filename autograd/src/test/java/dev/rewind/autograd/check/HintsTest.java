package dev.rewind.autograd.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.check.CheckResult.Verdict;
import dev.rewind.autograd.check.HandWrittenLstm.Mistake;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class HintsTest {
  @Test
  void aRightBackwardPassByHandPasses() {
    assertThat(new HandWrittenLstm(5, 6, 2, 3).check(Mistake.NONE, 1).run().assertPasses().verdict())
        .isEqualTo(Verdict.RIGHT);
  }

  /// What a hint has to say to have named the mistake.
  private static Map<Mistake, String> names() {
    Map<Mistake, String> names = new LinkedHashMap<>();
    names.put(Mistake.BATCH_NOT_AVERAGED,
        "Wx, Wh, b, x, h0, c0: 5.00000 times what it should be (the size of axis 1 of "
            + "x: sum against mean?)");
    names.put(Mistake.FORGET_GATE_SIGN, "most wrong in block 2 of 4 along axis 0 (a gate?)");
    names.put(Mistake.CANDIDATE_WITHOUT_DERIVATIVE, "most wrong in block 3 of 4 along axis 0 (a gate?)");
    names.put(Mistake.RECURRENT_TRANSPOSED, "Wh: each block of 3 by 3 is transposed");
    names.put(Mistake.GATES_EXCHANGED, "Wx, Wh, b: blocks 1 and 2 of 4 along axis 0 are exchanged (gates?)");
    names.put(Mistake.CELL_NOT_CARRIED, "x: right at the end of axis 0 and wrong before (what is carried back");
    names.put(Mistake.HIDDEN_NOT_CARRIED, "x: right at the end of axis 0 and wrong before (what is carried back");
    names.put(Mistake.FORGET_USES_NEW_CELL, "most wrong in block 2 of 4 along axis 0 (a gate?)");
    names.put(Mistake.INPUT_A_STEP_LATE, "x: shifted by one along axis 0 (a step late?)");
    names.put(Mistake.STATE_A_STEP_LATE,
        "Wh: if it multiplies a state, is that the state before the step, and are all steps summed?");
    names.put(Mistake.BIAS_OF_ONE_STEP, "b: if it is a bias, is it summed over the whole batch and all steps?");
    return names;
  }

  @Test
  void elevenMistakesInALstmAreNamed() {
    HandWrittenLstm lstm = new HandWrittenLstm(5, 6, 2, 3);
    for (long seed = 1; seed <= 3; seed++) {
      for (Mistake mistake : Mistake.values()) {
        if (mistake != Mistake.NONE) {
          CheckResult result = lstm.check(mistake, seed).run();
          assertThat(result.verdict()).isEqualTo(Verdict.WRONG);
          assertThat(result.hint()).as(mistake + " of seed " + seed).contains(names().get(mistake));
        }
      }
    }
  }

  @Test
  void whatIsWrongAloneIsSaid() {
    HandWrittenLstm lstm = new HandWrittenLstm(5, 6, 2, 3);
    for (Mistake mistake : List.of(Mistake.STATE_A_STEP_LATE, Mistake.BIAS_OF_ONE_STEP)) {
      assertThat(lstm.check(mistake, 1).run().hint())
          .endsWith("; the others are right, and so is what they share: look at "
              + "what is done for " + (mistake == Mistake.STATE_A_STEP_LATE ? "Wh" : "b") + " alone");
    }
  }

  /// A gradient of ones but for one element could be shifted, were it not for the others.
  @Test
  void oneWrongElementAmongEqualOnesIsNotShifted() {
    for (int wrong : new int[] {0, 1, 4}) {
      for (int columns : new int[] {1, 5}) {
        CheckResult result = GradientCheck.ofFunction(x -> Arrays.stream(x).sum()).at(1, 2, 3, 4, 5)
            .parameter("w", 5 / columns, columns).against(x -> {
              double[] g = new double[5];
              Arrays.fill(g, 1);
              g[wrong] = 3;
              return g;
            }).run();
        assertThat(result.worst().orElseThrow().index()).contains(wrong);
        assertThat(result.hint()).doesNotContain("shifted");
      }
    }
  }

  /// The hint for `sum(x^3)` over a matrix with a gradient that was spoilt.
  private static String hint(int rows, int columns, UnaryOperator<double[]> spoil) {
    double[] x = new double[rows * columns];
    Arrays.setAll(x, i -> 0.5 + 0.1 * i * (i % 3 == 0 ? 1 : -1));
    return GradientCheck.ofFunction(at -> Arrays.stream(at).map(v -> v * v * v).sum())
        .against(at -> spoil.apply(Arrays.stream(at).map(v -> 3 * v * v).toArray())).parameter("w", rows, columns).at(x)
        .run().hint();
  }

  private static double[] permuted(double[] g, java.util.function.IntUnaryOperator from) {
    double[] result = new double[g.length];
    Arrays.setAll(result, i -> g[from.applyAsInt(i)]);
    return result;
  }

  @Test
  void patternsOfOneTensorAreNamed() {
    assertThat(hint(3, 5, g -> permuted(g, i -> i % 3 * 5 + i / 3))).isEqualTo("w: transposed");
    assertThat(hint(2, 6, g -> permuted(g, i -> i / 6 * 6 + i % 6 / 2 * 2 + 1 - i % 2)))
        .doesNotContain("transposed");
    assertThat(hint(3, 5, g -> permuted(g, i -> 10 - i / 5 * 5 + i % 5))).isEqualTo("w: in reverse order along axis 0");
    assertThat(hint(3, 5, g -> permuted(g, i -> Math.min(14, i + 1)))).isEqualTo("w: shifted by one along axis 1 (a "
        + "step early?)");
    assertThat(hint(3, 5, g -> permuted(g, i -> Math.max(0, i - 5)))).startsWith("w: shifted by one along axis 0 (a "
        + "step late?)");
    assertThat(hint(8, 2, g -> permuted(g, i -> i < 4 || i >= 12 ? i : i < 8 ? i + 4 : i - 4)))
        .isEqualTo("w: blocks 2 and 3 of 4 along axis 0 are exchanged (gates?)");
    assertThat(hint(3, 5, g -> scaled(g, 0, 15, -1))).isEqualTo("w: the sign is wrong");
    assertThat(hint(3, 5, g -> scaled(g, 0, 15, 2))).endsWith("(the 2 of a square, or counted twice?)");
    assertThat(hint(3, 5, g -> scaled(g, 0, 15, 0.2))).endsWith("(the size of axis 1 of w: sum against mean?)");
    assertThat(hint(8, 2, g -> scaled(g, 8, 12, -1)))
        .isEqualTo("w: wrong only in block 3 of 4 along axis 0 (a gate?): the sign is wrong");
    assertThat(hint(8, 2, g -> scaled(g, 0, 4, 0))).isEqualTo("w: wrong only in block 1 of 4 along axis 0 (a gate?): "
        + "it is zero where it is wrong (a term is missing)");
    assertThat(hint(5, 3, g -> scaled(g, 0, 12, 1.3))).startsWith("w: right at the end of axis 0 and wrong before");
    assertThat(hint(5, 3, g -> scaled(g, 3, 15, 1.3))).startsWith("w: right at the start of axis 0 and wrong after");
  }

  private static double[] scaled(double[] g, int from, int to, double factor) {
    double[] result = g.clone();
    for (int i = from; i < to; i++) {
      result[i] *= factor;
    }
    return result;
  }

  @Test
  void nothingIsSaidOfWhatHasNoPattern() {
    assertThat(hint(3, 5, g -> {
      double[] result = g.clone();
      Arrays.setAll(result, i -> g[i] * Math.sin(3.7 * i + 2));
      return result;
    })).isEmpty();
  }

  @Test
  void exchangedAndMaskedAreNamed() {
    List<Double> weights = new ArrayList<>(List.of(2.0, 3.0, 5.0, 7.0, 0.0, 0.0));
    FunctionCheck check = GradientCheck.ofFunction(x -> {
      double sum = 0;
      for (int i = 0; i < x.length; i++) {
        sum += weights.get(i) * x[i];
      }
      return sum;
    }).at(1, 2, 3, 4, 5, 6);
    assertThat(check.parameter("u", 2).parameter("v", 2).parameter("w", 2)
        .against(_ -> new double[] {5, 7, 2, 3, 0, 0}).run().hint())
        .startsWith("u: exchanged with v; v: exchanged with u");
    assertThat(check.parameter("all", 6).against(_ -> new double[] {2, 3, 5, 7, 11, 12}).run().hint())
        .contains("it should be zero where it is wrong (masked, padded, or cut off?)");
  }
}
