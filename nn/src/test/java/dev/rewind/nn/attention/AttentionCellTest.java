package dev.rewind.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.cells.Gru;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.nn.generate.BeamSearch;
import dev.rewind.nn.generate.Decoder;
import dev.rewind.nn.generate.Hypothesis;
import dev.rewind.nn.generate.Session;
import dev.rewind.nn.generate.Sessions;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.CellCheck;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.Step;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.nn.rnn.Trace;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttentionCellTest {
  private static final int F = 2;
  private static final int H = 3;
  private static final int M = 4;

  private static AttentionCell<LstmState> cell(Attention attention) {
    return new AttentionCell<>(new LstmCell(F + M, H, Rng.of(1)), attention);
  }

  private static Attention additive() {
    return new AdditiveAttention(H, M, 5, Rng.of(2));
  }

  private static Tensor normal(long seed, int... sizes) {
    return Tensor.normal(Rng.of(seed), DType.FLOAT64, 0, 1, sizes);
  }

  @Test
  void theCellIsRightWithAnyScoresAndMemoriesOfSeveralLengths() {
    for (Attention attention : List.of(additive(), new DotProductAttention(H, M, Rng.of(3)))) {
      AttentionCell<LstmState> cell = cell(attention);
      CellCheck.of(cell).steps(3).lengths(3, 1).startingFrom(drawn -> new AttentionState<>(drawn.state(),
          drawn.context(), at(drawn, normal(4, 2, 3, M)), at(drawn, normal(5, 2, 3, attention.keySize())),
          at(drawn, Tensor.of(new double[][] {{1, 1, 0}, {1, 1, 1}})))).run().assertPasses();
      CellCheck.of(cell).run().assertPasses(); // of a memory of nothing
    }
  }

  private static Variable at(AttentionState<?> drawn, Tensor value) {
    return drawn.context().tape().constant(value);
  }

  @Test
  void aStepIsItsFormula() {
    AttentionCell<LstmState> cell = cell(additive());
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(normal(1, 2, F).to(DType.FLOAT32));
      Variable memory = tape.constant(normal(2, 2, 5, M).to(DType.FLOAT32));
      Step<AttentionState<LstmState>> first = cell.step(x, cell.state(memory, new int[] {5, 2}));
      Step<AttentionState<LstmState>> second = cell.step(x, first.state());
      LstmCell within = new LstmCell(F + M, H, Rng.of(1));
      LstmState state = within.initialState(tape, 2);
      Variable context = tape.constant(Tensor.zeros(DType.FLOAT32, 2, M));
      for (Step<AttentionState<LstmState>> step : List.of(first, second)) {
        Step<LstmState> expected = within.step(Variable.concat(1, List.of(x, context)), state);
        state = expected.state();
        context = additive().forward(expected.output().unsqueeze(1), memory, new int[] {5, 2}).squeeze(1);
        Tensor output = Variable.concat(1, List.of(expected.output(), context)).value();
        assertThat(step.output().value().allClose(output, 1e-6, 1e-6)).isTrue();
      }
    }
  }

  @Test
  void paddingOfAMemoryDoesNotMatter() {
    AttentionCell<LstmState> cell = cell(additive());
    Tensor longer = normal(2, 2, 5, M).to(DType.FLOAT32);
    longer.slice(1, 3, 5).fill(Double.NaN);
    try (Tape tape = Tape.recording()) {
      Variable x = tape.constant(normal(1, 2, 4, F).to(DType.FLOAT32));
      Variable memory = tape.watch(longer);
      Variable padded = Recurrence.scan(cell, x, cell.state(memory, new int[] {3, 3})).outputs();
      Variable plain = Recurrence.scan(cell, x, cell.state(memory.slice(1, 0, 3))).outputs();
      assertThat(padded.value()).isEqualTo(plain.value());
      Tensor gradient = tape.gradients(padded.sum()).of(memory);
      assertThat(gradient.slice(1, 3, 5)).isEqualTo(Tensor.zeros(DType.FLOAT32, 2, 2, M));
      assertThat(gradient.slice(1, 0, 3).abs().min().item()).isPositive();
    }
  }

  @Test
  void anyCellWillDoAndTheWeightsCanBeSeen() {
    StackedCell<LstmState> stack = new StackedCell<>(
        List.of(new LstmCell(F + M, 6, Rng.of(1)), new LstmCell(6, H, Rng.of(2))));
    AttentionCell<StackedState<LstmState>> cell = new AttentionCell<>(stack, additive());
    assertThat(cell.namedParameters().keySet()).contains("cell.1.weight_hh", "attention.score.weight");
    Trace trace = new Trace();
    try (Tape tape = Tape.inference(TapeOptions.defaults().withObserver(trace))) {
      Variable memory = tape.constant(normal(2, 2, 5, M).to(DType.FLOAT32));
      Variable x = tape.constant(normal(1, 2, 3, F).to(DType.FLOAT32));
      Scanned<AttentionState<StackedState<LstmState>>> run = Recurrence.scan(cell, x,
          cell.state(memory, new int[] {5, 2}));
      assertThat(run.state().names())
          .containsExactly("cell.0.h", "cell.0.c", "cell.1.h", "cell.1.c", "context", "memory", "keys", "mask");
      Tensor weights = trace.steps("attention").get(2); // [B, 1, S]
      assertThat(weights.sum(2).allClose(Tensor.ones(DType.FLOAT32, 2, 1), 1e-6, 0)).isTrue();
      assertThat(weights.select(0, 1).slice(1, 2, 5)).isEqualTo(Tensor.zeros(DType.FLOAT32, 1, 3));
    }
  }

  @Test
  void aMemoryCanBeCarriedFromWindowToWindow() {
    AttentionCell<LstmState> cell = cell(additive());
    TbpttState<AttentionState<LstmState>> carried = new TbpttState<>(cell, 2);
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(normal(1, 2, 4, F).to(DType.FLOAT32));
      AttentionState<LstmState> first = cell.state(tape.constant(normal(2, 2, 5, M).to(DType.FLOAT32)));
      carried.keep(Recurrence.scan(cell, x.slice(1, 0, 2), first).state());
      Variable second = Recurrence.scan(cell, x.slice(1, 2, 4), carried.on(tape)).outputs();
      assertThat(second.value()).isEqualTo(Recurrence.scan(cell, x, first).outputs().value().slice(1, 2, 4));
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AttentionCell<>(new LstmCell(F + M, H + 1, Rng.of(1)), additive()))
        .withMessage("attention cell: queries are the outputs of the cell, of size 4, not 3; and the cell reads inputs "
            + "beside 4 elements of the memory, not 6 in all");
    AttentionCell<LstmState> cell = cell(additive());
    try (Tape tape = Tape.inference()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> cell.state(tape.constant(Tensor.zeros(DType.FLOAT32, 2, 3, M + 1))))
          .withMessage("attention cell: wants a memory [batch, time, 4], not [2, 3, 5]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> cell.state(tape.constant(Tensor.zeros(DType.FLOAT32, 2, 3, M)), new int[] {1, 4}))
          .withMessage("lengths: sequence 1 has length 4, not one of 0 to 3");
    }
  }

  // ---- a translator -------------------------------------------------------------------------------------------------

  /// Learns to turn sequences of several lengths around; 0 ends, 1 begins.
  private static final class Translator extends Block {
    final Embedding source = child("source", new Embedding(6, 12, Rng.of(3)));
    final Gru encoder = child("encoder", new Gru(RecurrentOptions.of(12, 8).withBidirectional(true), Rng.of(4)));
    final Embedding target = child("target", new Embedding(6, 12, Rng.of(6)));
    final AttentionCell<HiddenState> cell = child("cell", new AttentionCell<>(
        new GruCell(12 + 16, 16, Rng.of(7)), new AdditiveAttention(16, 16, 16, Rng.of(8))));
    final Linear projection = child("projection", new Linear(32, 6, Rng.of(9)));

    AttentionState<HiddenState> read(Tape tape, Tensor sources, int[] lengths) {
      return cell.state(encoder.forward(source.forward(tape.constant(sources)), lengths).outputs(), lengths);
    }
  }

  @Test
  void beamSearchAndSessionsWriteWhatATranslatorLearned() {
    Translator model = new Translator();
    Adam adam = new Adam(model.parameters(), 1e-2);
    int[] lengths = {2, 3, 4, 4, 3, 2, 4, 3};
    for (int i = 0; i < 250; i++) {
      Tensor sources = sources(Rng.of(10).split(i), lengths.length);
      try (Tape tape = Tape.training(Rng.of(i))) {
        Tensor targets = targets(sources, lengths);
        Tensor before = targets.slice(1, 0, 4).pad(1, 1, 0, 1);
        Variable outputs = Recurrence.scan(model.cell, model.target.forward(tape.constant(before)),
            model.read(tape, sources, lengths)).outputs();
        Variable loss = Losses.crossEntropy(model.projection.forward(outputs), targets);
        adam.step(tape.gradients(loss).clipByNorm(1));
      }
    }
    Tensor sources = sources(Rng.of(11), lengths.length);
    Tensor targets = targets(sources, lengths);
    int[] begin = Tensor.full(DType.INT32, 1, lengths.length).toInts();
    BeamSearch search = BeamSearch.of(3, 6).withEnd(0);
    try (Tape tape = Tape.inference()) {
      Session<AttentionState<HiddenState>> session = Sessions.of(model.target, model.cell, model.projection)
          .open(lengths.length);
      session.setState(model.read(tape, sources, lengths));
      List<List<Hypothesis>> bySession = search.searchAll(Decoder.of(session), begin);
      List<List<Hypothesis>> byStep = search.searchAll(Decoder.of((symbols, state) -> {
        Step<AttentionState<HiddenState>> step = model.cell.step(model.target.forward(symbols), state);
        return new Step<>(model.projection.forward(step.output()), step.state());
      }, model.read(tape, sources, lengths)), begin);
      for (int b = 0; b < lengths.length; b++) {
        assertThat(byStep.get(b).getFirst().toArray())
            .containsExactly(targets.select(0, b).slice(0, 0, lengths[b] + 1).toInts());
        assertThat(bySession.get(b)).extracting(Hypothesis::symbols)
            .isEqualTo(byStep.get(b).stream().map(Hypothesis::symbols).toList());
      }
    }
  }

  private static Tensor sources(Rng rng, int batch) {
    return Tensor.integers(rng, 4, batch, 4).plus(2);
  }

  private static Tensor targets(Tensor sources, int[] lengths) {
    int[][] turned = new int[lengths.length][5];
    for (int b = 0; b < lengths.length; b++) {
      for (int t = 0; t < lengths[b]; t++) {
        turned[b][t] = (int) sources.at(b, lengths[b] - 1 - t);
      }
    }
    return Tensor.of(turned);
  }
}
