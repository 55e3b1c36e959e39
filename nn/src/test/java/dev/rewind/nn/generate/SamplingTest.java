package dev.rewind.nn.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.tensor.Rng;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingTest {
  private static final float NEVER = Float.NEGATIVE_INFINITY;
  private static final int DRAWS = 10_000;

  /// The share of each symbol over evenly spaced draws.
  private static double[] shares(Sampling sampling, float... logits) {
    double[] shares = new double[logits.length];
    for (int i = 0; i < DRAWS; i++) {
      double uniform = (i + 0.5) / DRAWS;
      shares[sampling.pick(logits, () -> uniform)] += 1.0 / DRAWS;
    }
    return shares;
  }

  private static float log(double p) {
    return (float) Math.log(p);
  }

  @Test
  void drawsFromTheSoftmax() {
    assertThat(shares(Sampling.PLAIN, log(0.5), log(0.2), log(0.3))).containsExactly(new double[] {0.5, 0.2, 0.3},
        within(2e-4));
    assertThat(shares(Sampling.PLAIN, 1e30f, 1e30f, NEVER)).containsExactly(new double[] {0.5, 0.5, 0}, within(2e-4));
  }

  @Test
  void temperatureSharpensAndFlattens() {
    // p^(1/T): squares of 1:2:3 are 1:4:9
    assertThat(shares(new Sampling(0.5, 0, 1), log(1), log(2), log(3)))
        .containsExactly(new double[] {1 / 14.0, 4 / 14.0, 9 / 14.0}, within(2e-4));
    assertThat(shares(new Sampling(1e9, 0, 1), 1, 2)).containsExactly(new double[] {0.5, 0.5}, within(2e-4));
    assertThat(shares(new Sampling(Double.MIN_VALUE, 0, 1), 1, 3, 3)).containsExactly(new double[] {0, 0.5, 0.5},
        within(2e-4));
  }

  @Test
  void temperatureZeroTakesTheLikeliestWithoutADraw() {
    Sampling greedy = new Sampling(0, 0, 1);
    assertThat(greedy.pick(new float[] {1, 3, NEVER, 3}, () -> {
      throw new AssertionError("drew");
    })).isEqualTo(1);
    assertThat(greedy.pick(new float[] {NEVER, -1e38f}, () -> 0)).isEqualTo(1);
  }

  @Test
  void topKKeepsTheLikeliestAndTheLowerIdOfEquals() {
    assertThat(shares(new Sampling(1, 2, 1), log(0.1), log(0.2), log(0.3), log(0.4)))
        .containsExactly(new double[] {0, 0, 3 / 7.0, 4 / 7.0}, within(2e-4));
    assertThat(shares(new Sampling(1, 2, 1), -0f, 0, 0)).containsExactly(new double[] {0.5, 0.5, 0}, within(2e-4));
    assertThat(shares(new Sampling(1, 1, 1), -5, -2, -3)).containsExactly(new double[] {0, 1, 0}, within(1e-9));
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    float[] logits = {log(0.1), log(0.2), log(0.3), log(0.4)};
    assertThat(shares(new Sampling(1, 0, 0.65), logits)).containsExactly(new double[] {0, 0, 3 / 7.0, 4 / 7.0},
        within(2e-4));
    assertThat(shares(new Sampling(1, 0, 0.75), logits)).containsExactly(new double[] {0, 2 / 9.0, 3 / 9.0, 4 / 9.0},
        within(2e-4));
    assertThat(shares(new Sampling(1, 0, Double.MIN_VALUE), logits)).containsExactly(new double[] {0, 0, 0, 1},
        within(1e-9));
  }

  @Test
  void topPCountsAmongWhatTopKLeaves() {
    // of the first three, 4:3:2, the first two have 7/9 = 0.778
    float[] logits = {log(0.1), log(0.2), log(0.3), log(0.4)};
    assertThat(shares(new Sampling(1, 3, 0.75), logits)).containsExactly(new double[] {0, 0, 3 / 7.0, 4 / 7.0},
        within(2e-4));
  }

  @ParameterizedTest
  @CsvSource({"3,1", "4,1", "1000,1"})
  void boundsThatBindNothingChangeNoDraw(int topK, double topP) {
    float[] logits = {0.3f, -1, 2};
    for (double uniform = 0; uniform < 1; uniform += 1 / 64.0) {
      double u = uniform;
      assertThat(new Sampling(0.8, topK, topP).pick(logits, () -> u))
          .isEqualTo(new Sampling(0.8, 0, 1).pick(logits, () -> u));
    }
  }

  @Test
  void theExtremeDrawsAreTheFirstAndTheLastSymbol() {
    float[] logits = {NEVER, 0, 0, 0, NEVER};
    assertThat(Sampling.PLAIN.pick(logits, () -> 0)).isEqualTo(1);
    assertThat(Sampling.PLAIN.pick(logits, () -> Math.nextDown(1.0))).isEqualTo(3);
  }

  @Test
  void infinitelyLikelySymbolsAreTheOnlyOnes() {
    float always = Float.POSITIVE_INFINITY;
    assertThat(shares(Sampling.PLAIN, 5, always, always)).containsExactly(new double[] {0, 0.5, 0.5}, within(2e-4));
    assertThat(shares(new Sampling(1, 1, 0.5), always, 5)).containsExactly(new double[] {1, 0}, within(1e-9));
  }

  @Test
  void refusesLogitsThatSayNothing() {
    assertThatThrownBy(() -> Sampling.PLAIN.pick(new float[] {0, Float.NaN}, () -> 0))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("sampling: the logit of symbol 1 is NaN");
    assertThatThrownBy(() -> Sampling.PLAIN.pick(new float[] {NEVER, NEVER}, () -> 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sampling: none of the 2 logits is above minus infinity");
    assertThatThrownBy(() -> Sampling.PLAIN.pick(new float[0], () -> 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, -0.01, Double.NaN})
  void refusesADrawThatIsNone(double uniform) {
    assertThatThrownBy(() -> Sampling.PLAIN.pick(new float[] {0}, () -> uniform))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("sampling: expected a draw in [0, 1), got " + uniform);
  }

  @ParameterizedTest
  @CsvSource({
      "-1,0,1,'sampling: the temperature must be at least 0 and finite, not -1.0'",
      "NaN,0,1,'sampling: the temperature must be at least 0 and finite, not NaN'",
      "Infinity,0,1,'sampling: the temperature must be at least 0 and finite, not Infinity'",
      "1,-1,1,'sampling: topK must be at least 0, not -1'",
      "1,0,0,'sampling: topP must be greater than 0 and at most 1, not 0.0'",
      "1,0,1.5,'sampling: topP must be greater than 0 and at most 1, not 1.5'",
      "1,0,NaN,'sampling: topP must be greater than 0 and at most 1, not NaN'",
  })
  void refusesOptionsOutOfRange(double temperature, int topK, double topP, String message) {
    assertThatThrownBy(() -> new Sampling(temperature, topK, topP)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  // ---- whole sequences ----------------------------------------------------------------------------------------------

  private final TinyModel model = new TinyModel(5);

  @Test
  void symbolsAreReadAsTheyAreDrawn() {
    Sampling sampling = new Sampling(0.9, 4, 0.95);
    try (Tape tape = Tape.inference()) {
      int[] written = sampling.symbols(model.onTape(tape, 1), new int[] {3, 1}, Rng.of(4)).limit(20).toArray();
      int[] bySession = sampling.symbols(model.ofSession(1), new int[] {3, 1}, Rng.of(4)).limit(20).toArray();
      assertThat(bySession).isEqualTo(written);
      Rng draws = Rng.of(4);
      Decoder decoder = model.onTape(tape, 1);
      decoder.step(new int[] {3});
      float[] logits = decoder.step(new int[] {1});
      for (int symbol : written) {
        assertThat(symbol).isEqualTo(sampling.pick(logits, draws::nextDouble));
        logits = decoder.step(new int[] {symbol});
      }
    }
  }

  @Test
  void aSymbolIsDrawnWhenItIsAskedFor() {
    int[] drawn = {0};
    Decoder counting = new ChainDecoder(1, new float[][] {{0, 0}, {0, 0}}, () -> drawn[0]++);
    assertThat(Sampling.PLAIN.symbols(counting, new int[] {0}, Rng.of(1)).takeWhile(symbol -> symbol == 9)).isEmpty();
    assertThat(drawn[0]).isEqualTo(1); // the prompt alone
  }

  @Test
  void continuationsAreThoseOfTheirDrawsAlone() {
    List<Rng> draws = List.of(Rng.of(1), Rng.of(2), Rng.of(3));
    try (Tape tape = Tape.inference()) {
      int[][] together = Sampling.PLAIN.continuations(model.onTape(tape, 1), new int[] {2, 4}, 12, draws);
      for (int k = 0; k < 3; k++) {
        assertThat(together[k]).isEqualTo(
            Sampling.PLAIN.symbols(model.ofSession(1), new int[] {2, 4}, Rng.of(k + 1)).limit(12).toArray());
      }
      assertThat(together[0]).isNotEqualTo(together[1]);
    }
  }

  @Test
  void refusesWhatIsNotOneSequenceWithAPrompt() {
    assertThatThrownBy(() -> Sampling.PLAIN.symbols(model.ofSession(2), new int[] {1}, Rng.of(1)))
        .hasMessage("sampling: wants one sequence and a prompt of at least one symbol, not 2 and 1");
    assertThatThrownBy(() -> Sampling.PLAIN.symbols(model.ofSession(1), new int[0], Rng.of(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
