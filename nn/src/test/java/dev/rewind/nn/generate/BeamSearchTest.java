package dev.rewind.nn.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BeamSearchTest {
  private static final int SYMBOLS = 4;
  private static final int LONGEST = 4;
  private static final int END = 2;
  private static final float NEVER = Float.NEGATIVE_INFINITY;

  private final TinyModel model = new TinyModel(SYMBOLS);

  // ---- against every continuation -----------------------------------------------------------------------------------

  /// Every continuation with its score, by reading each from the start.
  private List<Hypothesis> all(double penalty) {
    List<Hypothesis> found = new ArrayList<>();
    collect(new ArrayList<>(), 0, penalty, found);
    found.sort(Comparator.comparingDouble(h -> -h.score()));
    return found;
  }

  private void collect(List<Integer> symbols, double logProbability, double penalty, List<Hypothesis> found) {
    boolean ended = !symbols.isEmpty() && symbols.getLast() == END;
    if (ended || symbols.size() == LONGEST) {
      double norm = Math.pow((5 + symbols.size()) / 6.0, penalty);
      found.add(new Hypothesis(List.copyOf(symbols), logProbability, logProbability / norm, ended));
      return;
    }
    try (Tape tape = Tape.inference()) {
      Decoder decoder = model.onTape(tape, 1);
      float[] logits = decoder.step(new int[] {1});
      for (int symbol : symbols) {
        logits = decoder.step(new int[] {symbol});
      }
      double total = 0;
      for (float logit : logits) {
        total += Math.exp(logit);
      }
      for (int next = 0; next < SYMBOLS; next++) {
        symbols.add(next);
        collect(symbols, logProbability + logits[next] - Math.log(total), penalty, found);
        symbols.removeLast();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.7, 3})
  void aBeamAsWideAsTheTreeFindsTheBestOfAll(double penalty) {
    List<Hypothesis> expected = all(penalty);
    List<Hypothesis> found = BeamSearch.of(200, LONGEST).withEnd(END).withLengthPenalty(penalty)
        .search(model.ofSession(1), 1);
    assertThat(found).hasSameSizeAs(expected);
    for (int k = 0; k < found.size(); k++) {
      assertThat(found.get(k).score()).isCloseTo(expected.get(k).score(), within(1e-5));
      assertThat(found.get(k).ended()).isEqualTo(found.get(k).symbols().getLast() == END);
    }
    assertThat(found.getFirst().symbols()).isEqualTo(expected.getFirst().symbols());
  }

  @Test
  void aNarrowBeamFindsWhatItClaims() {
    List<Hypothesis> all = all(0.7);
    for (int width = 1; width <= 3; width++) {
      List<Hypothesis> found = BeamSearch.of(width, LONGEST).withEnd(END).withLengthPenalty(0.7)
          .search(model.ofSession(1), 1);
      assertThat(found).hasSizeLessThanOrEqualTo(width)
          .isSortedAccordingTo(Comparator.comparingDouble(h -> -h.score()));
      for (Hypothesis hypothesis : found) {
        Hypothesis same = all.stream().filter(h -> h.symbols().equals(hypothesis.symbols())).findFirst().orElseThrow();
        assertThat(hypothesis.logProbability()).isCloseTo(same.logProbability(), within(1e-5));
      }
    }
  }

  @Test
  void aWidthOfOneTakesTheLikeliestEachTime() {
    int[] greedy = new Sampling(0, 0, 1).symbols(model.ofSession(1), new int[] {3, 0}, Rng.of(1)).limit(9).toArray();
    assertThat(BeamSearch.of(1, 9).search(model.ofSession(1), 3, 0).getFirst().toArray()).isEqualTo(greedy);
  }

  @Test
  void sequencesSearchedTogetherAreAsIfAloneAndSessionsLikeTapes() {
    BeamSearch search = BeamSearch.of(3, 6).withEnd(END).withLengthPenalty(0.5);
    try (Tape tape = Tape.inference()) {
      List<List<Hypothesis>> onTape = search.searchAll(model.onTape(tape, 3), new int[] {3, 1, 0});
      List<List<Hypothesis>> inSession = search.searchAll(model.ofSession(3), new int[] {3, 1, 0});
      for (int k = 0; k < 3; k++) {
        int start = new int[] {3, 1, 0}[k];
        assertThat(search.search(model.onTape(tape, 1), start)).isEqualTo(onTape.get(k));
        assertThat(search.search(model.ofSession(1), start)).isEqualTo(inSession.get(k));
        for (int best = 0; best < onTape.get(k).size(); best++) { // the fused step rounds in another order
          Hypothesis expected = onTape.get(k).get(best);
          assertThat(inSession.get(k).get(best).symbols()).isEqualTo(expected.symbols());
          assertThat(inSession.get(k).get(best).logProbability()).isCloseTo(expected.logProbability(), within(1e-5));
        }
      }
    }
  }

  // ---- by hand ------------------------------------------------------------------------------------------------------

  private static List<Hypothesis> search(BeamSearch search, float[]... logits) {
    return search.search(new ChainDecoder(1, logits, () -> {}), 0);
  }

  private static float log(double p) {
    return (float) Math.log(p);
  }

  @Test
  void equalsAreRankedByBeamAndThenBySymbol() {
    float[][] equal = {new float[4], new float[4], new float[4], new float[4]};
    assertThat(search(BeamSearch.of(3, 2), equal)).extracting(Hypothesis::symbols)
        .containsExactly(List.of(0, 0), List.of(0, 1), List.of(0, 2));
  }

  /// Greedy search takes 1 (0.6), after which all is open; the better path begins with 2 (0.4).
  @Test
  void aBeamFindsWhatGreedySearchMisses() {
    float[][] logits = {{NEVER, log(0.6), log(0.4)}, {log(0.3), log(0.3), log(0.4)}, {NEVER, log(0.9), log(0.1)}};
    assertThat(search(BeamSearch.of(1, 2), logits).getFirst().symbols()).containsExactly(1, 2);
    Hypothesis best = search(BeamSearch.of(2, 2), logits).getFirst();
    assertThat(best.symbols()).containsExactly(2, 1);
    assertThat(best.logProbability()).isCloseTo(Math.log(0.36), within(1e-6));
    assertThat(best.ended()).isFalse();
  }

  /// Symbol 2 is the end: alone it has 0.45, after a 1 it has 0.55 * 0.8.
  @Test
  void theLengthPenaltyLetsLongerOnesWin() {
    BeamSearch plain = BeamSearch.of(2, 2).withEnd(2);
    float[][] logits = {{NEVER, log(0.55), log(0.45)}, {log(0.2), NEVER, log(0.8)}, {0, 0, 0}};
    assertThat(search(plain, logits).getFirst().symbols()).containsExactly(2); // 0.45 against 0.44
    Hypothesis longer = search(plain.withLengthPenalty(1), logits).getFirst();
    assertThat(longer.symbols()).containsExactly(1, 2);
    assertThat(longer.score()).isCloseTo(Math.log(0.44) / (7 / 6.0), within(1e-6));
  }

  @Test
  void theSearchEndsWhenNothingBetterCanCome() {
    int[] steps = {0};
    float[][] logits = {{log(0.01), log(0.09), log(0.9)}, {0, 0, 0}, {0, 0, 0}};
    BeamSearch search = BeamSearch.of(1, 100).withEnd(2);
    assertThat(search.search(new ChainDecoder(1, logits, () -> steps[0]++), 0)).hasSize(1);
    assertThat(steps[0]).isEqualTo(1);
  }

  @Test
  void impossibleSymbolsAreNotTaken() {
    float[][] logits = {{NEVER, 0, NEVER}, {NEVER, NEVER, 0}, {0, NEVER, NEVER}};
    List<Hypothesis> found = search(BeamSearch.of(5, 7), logits);
    assertThat(found).hasSize(1);
    assertThat(found.getFirst().symbols()).containsExactly(1, 2, 0, 1, 2, 0, 1);
    assertThat(found.getFirst().logProbability()).isZero();
  }

  // ---- refusals -----------------------------------------------------------------------------------------------------

  @Test
  void whatCannotBeSearchedIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> search(BeamSearch.of(2, 2), new float[][] {{Float.NaN, 0}}))
        .withMessageContaining("a logit is NaN");
    assertThatIllegalArgumentException().isThrownBy(() -> search(BeamSearch.of(2, 2), new float[][] {{NEVER, NEVER}}))
        .withMessageContaining("none of a sequence is above minus infinity");
    assertThatIllegalArgumentException().isThrownBy(() -> BeamSearch.of(0, 2))
        .withMessage("beam search: width and longest must be at least 1, not 0 and 2");
    assertThatIllegalArgumentException().isThrownBy(() -> BeamSearch.of(1, 2).withLengthPenalty(-1))
        .withMessageContaining("length penalty must be at least 0");
    assertThatIllegalArgumentException().isThrownBy(() -> BeamSearch.of(1, 2).search(model.ofSession(2), 1))
        .withMessageContaining("for several, searchAll");
  }

  @Test
  void decodersRefuseWrongRows() {
    try (Tape tape = Tape.inference(); Tape recording = Tape.recording()) {
      for (Decoder decoder : List.of(model.onTape(tape, 2), model.ofSession(2))) {
        assertThat(decoder.rows()).isEqualTo(2);
        assertThatIllegalArgumentException().isThrownBy(() -> decoder.step(new int[] {1}))
            .withMessage("step: 1 symbols for 2 sequences");
        assertThatThrownBy(() -> decoder.select(new int[] {0, 2})).isInstanceOf(IndexOutOfBoundsException.class);
        decoder.select(new int[] {1, 1, 0});
        assertThat(Tensor.of(decoder.step(new int[] {1, 1, 1}), 3, SYMBOLS).select(0, 2).rank()).isEqualTo(1);
      }
      assertThatIllegalArgumentException().isThrownBy(() -> model.onTape(recording, 1))
          .withMessageContaining("on a tape that records");
    }
  }

  @Test
  void decodersNeedAnOpenTape() {
    String message = "decoder: the tape of the state is closed or consumed; keep one of Tape.inference() open until "
        + "the last step";
    Tape tape = Tape.inference();
    Decoder decoder = model.onTape(tape, 1);
    decoder.step(new int[] {1});
    tape.close();
    assertThatIllegalStateException().isThrownBy(() -> decoder.step(new int[] {1})).withMessage(message);
    assertThatIllegalStateException().isThrownBy(() -> decoder.select(new int[] {0, 0})).withMessage(message);
    Tape closed = Tape.inference();
    HiddenState state = new GruCell(2, 3, Rng.of(1)).initialState(closed, 1);
    closed.close();
    assertThatIllegalStateException().isThrownBy(() -> Decoder.of((symbols, s) -> new Step<>(symbols, s), state))
        .withMessage(message);
  }
}
