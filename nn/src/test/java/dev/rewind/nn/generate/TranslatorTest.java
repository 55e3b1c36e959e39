package dev.rewind.nn.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.Bidirectional;
import dev.rewind.nn.rnn.CellCheck;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Parts;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A translator with attention (Bahdanau et al. 2015; scores as in Luong et al. 2015), which learns to turn sequences of
/// symbols around, written by beam search: by a step function, and by sessions of a cell that has the memory in its
/// state.
class TranslatorTest {
  private static final int SYMBOLS = 6; // 0 ends, 1 begins
  private static final int SIZE = 12;
  private static final int HIDDEN = 16;
  private static final Translator MODEL = new Translator();

  /// @param h `[batch, hidden]`
  /// @param memory what is attended to, `[batch, source, hidden]`
  private record Attending(Variable h, Variable memory) implements State<Attending> {
    @Override
    public Parts<Attending> parts() {
      return Parts.of("h", h, "memory", memory, Attending::new);
    }
  }

  /// A gated recurrent unit that reads a symbol and what it attends to, and gives its state beside that.
  private static final class AttentionCell extends RecurrentCell<Attending> {
    private final GruCell cell = child("cell", new GruCell(SIZE + HIDDEN, HIDDEN, Rng.of(1)));
    private final Linear query = child("query", Linear.withoutBias(HIDDEN, HIDDEN, Rng.of(2)));

    AttentionCell() {
      super(SIZE, 2 * HIDDEN, (tape, batch, size) -> new Attending(
          State.zeros(tape, batch, HIDDEN), State.zeros(tape, batch, 0, HIDDEN)));
    }

    @Override
    public Step<Attending> stepPrepared(Variable x, Attending state) {
      Variable scores = state.memory().matmul(query.forward(state.h()).unsqueeze(2)); // [B, S, 1]
      Variable context = scores.softmax(1).times(state.memory()).sum(1); // [B, H]
      Variable h = cell.step(Variable.concat(1, List.of(x, context)), new HiddenState(state.h())).output();
      return new Step<>(Variable.concat(1, List.of(h, context)), new Attending(h, state.memory()));
    }
  }

  private static final class Translator extends Block {
    final Embedding source = child("source", new Embedding(SYMBOLS, SIZE, Rng.of(3)));
    final Bidirectional<HiddenState, HiddenState> encoder = child("encoder", new Bidirectional<>(
        new GruCell(SIZE, HIDDEN / 2, Rng.of(4)), new GruCell(SIZE, HIDDEN / 2, Rng.of(5))));
    final Embedding target = child("target", new Embedding(SYMBOLS, SIZE, Rng.of(6)));
    final AttentionCell cell = child("cell", new AttentionCell());
    final Linear projection = child("projection", new Linear(2 * HIDDEN, SYMBOLS, Rng.of(7)));

    /// The state to write from, of sources `[batch, source]`.
    Attending read(Tape tape, Tensor sources) {
      Variable memory = encoder.scan(source.forward(tape.constant(sources))).outputs();
      return new Attending(memory.select(1, 0), memory);
    }

    Variable loss(Tape tape, Tensor sources, Tensor targets) {
      Tensor begins = Tensor.full(DType.INT32, 1, sources.size(0), 1);
      Tensor before = Tensor.concat(1, List.of(begins, targets.slice(1, 0, targets.size(1) - 1)));
      Variable outputs = Recurrence.scan(cell, target.forward(tape.constant(before)), read(tape, sources)).outputs();
      return Losses.crossEntropy(projection.forward(outputs), targets);
    }
  }

  private static Tensor sources(Rng rng, int batch, int length) {
    return Tensor.uniform(rng, DType.FLOAT32, 2, SYMBOLS, batch, length).to(DType.INT32);
  }

  @BeforeAll
  static void train() {
    Adam adam = new Adam(MODEL.parameters(), 1e-2);
    for (int i = 0; i < 400; i++) {
      Rng rng = Rng.of(8).split(i);
      Tensor sources = sources(rng, 32, 2 + i % 3);
      Tensor targets = Tensor.concat(1, List.of(sources.flip(1), Tensor.zeros(DType.INT32, 32, 1)));
      try (Tape tape = Tape.training(rng)) {
        adam.step(tape.gradients(MODEL.loss(tape, sources, targets)).clipByNorm(1));
      }
    }
  }

  @Test
  void aStepFunctionIsADecoderInOneCall() {
    BeamSearch search = BeamSearch.of(3, 8).withEnd(0);
    for (int length = 2; length < 5; length++) {
      Tensor sources = sources(Rng.of(9), 10, length);
      try (Tape tape = Tape.inference()) {
        Decoder decoder = Decoder.of((symbols, state) -> {
          Step<Attending> step = MODEL.cell.step(MODEL.target.forward(symbols), state);
          return new Step<>(MODEL.projection.forward(step.output()).logSoftmax(1), step.state());
        }, MODEL.read(tape, sources));
        List<List<Hypothesis>> found = search.searchAll(decoder, Tensor.full(DType.INT32, 1, 10).toInts());
        Session<Attending> session = Sessions.of(MODEL.target, MODEL.cell, MODEL.projection).open(10);
        session.setState(MODEL.read(tape, sources));
        List<List<Hypothesis>> again = search.searchAll(
            Decoder.of(session), Tensor.full(DType.INT32, 1, 10).toInts());
        for (int b = 0; b < 10; b++) {
          int[] reversed = Tensor.concat(0, List.of(sources.select(0, b).flip(0), Tensor.zeros(DType.INT32, 1)))
              .toInts();
          assertThat(found.get(b).getFirst().toArray()).containsExactly(reversed);
          assertThat(again.get(b)).extracting(Hypothesis::symbols)
              .isEqualTo(found.get(b).stream().map(Hypothesis::symbols).toList());
        }
      }
    }
  }

  @Test
  void aStepFunctionMustReturnLogitsOfEachRow() {
    try (Tape tape = Tape.inference()) {
      List<UnaryOperator<Variable>> wrong = List.of(Variable::sum, x -> x.select(0, 0), x -> x.slice(0, 0, 1),
          x -> x.unsqueeze(1));
      assertThat(wrong).allSatisfy(shaped -> assertThatExceptionOfType(ShapeException.class)
          .isThrownBy(
              () -> Decoder.of((symbols, state) -> new Step<>(shaped.apply(MODEL.target.forward(symbols)), state),
                  new HiddenState(State.zeros(tape, 2, 3))).step(new int[] {1, 1}))
          .withMessageStartingWith("decoder: the model must return logits [2, symbols], not ["));
    }
  }

  @Test
  void sessionsCarryMemoriesOfAnyLength() {
    Sessions<Attending> sessions = Sessions.of(MODEL.target, MODEL.cell, MODEL.projection);
    try (Tape tape = Tape.inference()) {
      List<Session<Attending>> alone = List.of(sessions.open(), sessions.open());
      List<Session<Attending>> together = List.of(sessions.open(), sessions.open());
      for (int k = 0; k < 2; k++) {
        Attending state = MODEL.read(tape, sources(Rng.of(k), 1, 4));
        alone.get(k).setState(state);
        together.get(k).setState(state);
        alone.get(k).step(1);
      }
      sessions.step(together, 1, 1);
      for (int k = 0; k < 2; k++) {
        assertThat(together.get(k).output()).isEqualTo(alone.get(k).output());
        assertThat(together.get(k).state()).isEqualTo(alone.get(k).state());
        assertThat(together.get(k).fork().step(3)).containsExactly(alone.get(k).step(3));
      }
      Session<Attending> other = sessions.open();
      other.setState(MODEL.read(tape, sources(Rng.of(7), 1, 3)));
      assertThat(other.state(tape).memory().shape().sizes()).containsExactly(1, 3, HIDDEN);
      assertThatIllegalArgumentException().isThrownBy(() -> sessions.step(List.of(alone.getFirst(), other), 2, 2))
          .withMessage("step: sessions whose states have rows of different sizes, [2, 4, 16] and [1, 3, 16]; step "
              + "together those whose memories are equally long");
      other.reset();
      assertThat(other.state(tape).memory().shape().sizes()).containsExactly(1, 0, HIDDEN);
      Attending wrong = new Attending(other.state(tape).h(), tape.constant(Tensor.ones(DType.FLOAT32, 1, 3, 5)));
      assertThatIllegalArgumentException().isThrownBy(() -> other.setState(wrong))
          .withMessage("setState: memory is FLOAT32 [1, 3, 5], wanted FLOAT32 [1, 0, 16]");
    }
  }

  @Test
  void theCellIsRight() {
    CellCheck.of(new AttentionCell()).batch(2).steps(2).startingFrom(drawn -> new Attending(drawn.h(),
        drawn.h().tape().constant(Tensor.normal(Rng.of(9), DType.FLOAT64, 0, 1, 2, 3, HIDDEN)))).run().assertPasses();
  }
}
