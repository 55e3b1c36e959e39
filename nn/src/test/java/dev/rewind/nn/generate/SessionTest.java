package dev.rewind.nn.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Layer;
import dev.rewind.nn.LayerNorm;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Sequential;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MixtureCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.cells.SelectiveScanCell;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Parts;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.nn.rnn.ThenCell;
import dev.rewind.nn.wrappers.DropoutCell;
import dev.rewind.nn.wrappers.LearnedStateCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Sessions against scans of the same model: equal to the bit.
class SessionTest {
  private static final int SYMBOLS = 11;
  private static final int VECTOR = 5;

  private static Tensor normal(String what, int... sizes) {
    return Tensor.normal(Rng.of(1).split(what), DType.FLOAT32, 0, 1, sizes);
  }

  private static Tensor ids(int batch, int steps) {
    Rng rng = Rng.of(4);
    return Tensor.of(IntStream.range(0, batch * steps).map(i -> rng.nextInt(SYMBOLS)).toArray(), batch, steps);
  }

  /// A model of symbols, by scans.
  private record Model<S extends State<S>>(Embedding embedding, Cell<S> cell, Linear projection) {
    static <S extends State<S>> Model<S> of(Cell<S> cell) {
      return of(SYMBOLS, cell);
    }

    static <S extends State<S>> Model<S> of(int symbols, Cell<S> cell) {
      return new Model<>(new Embedding(symbols, cell.inputSize(), Rng.of(2)), cell,
          new Linear(cell.outputSize(), symbols, Rng.of(3)));
    }

    Sessions<S> sessions() {
      return Sessions.of(embedding, cell, projection);
    }

    /// Logits `[batch, steps, symbols]`.
    Tensor logits(Tensor ids) {
      try (Tape tape = Tape.inference()) {
        Variable embedded = embedding.forward(tape.constant(ids));
        S start = cell.initialState(tape, ids.size(0));
        return projection.forward(Recurrence.scan(cell, embedded, start).outputs()).value();
      }
    }
  }

  private static Model<StackedState<LstmState>> lstms(int hidden) {
    return Model.of(new StackedCell<>(
        List.of(new LstmCell(VECTOR, hidden, Rng.of(5)), new LstmCell(hidden, hidden, Rng.of(6))), 0.5));
  }

  /// The outputs of a session that reads `ids [batch, steps]`.
  private static <S extends State<S>> Tensor read(Session<S> session, Tensor ids) {
    List<Tensor> outputs = new ArrayList<>();
    for (int t = 0; t < ids.size(1); t++) {
      outputs.add(session.step(ids.select(1, t)));
    }
    return Tensor.stack(1, outputs);
  }

  static Stream<Cell<?>> cells() {
    Rng rng = Rng.of(7);
    return Stream.of(new LstmCell(VECTOR, 6, rng), new GruCell(VECTOR, 6, rng), new RnnCell(VECTOR, 6, rng),
        new PeepholeLstmCell(VECTOR, 6, rng), new MixtureCell(VECTOR, 6, 3, rng),
        new SelectiveScanCell(VECTOR, 3, rng), new LearnedStateCell<>(new PeepholeLstmCell(VECTOR, 6, rng)),
        new DropoutCell<>(new LstmCell(VECTOR, 6, rng), 0.5),
        new ThenCell<>(new LstmCell(VECTOR, 6, rng), new GruCell(6, 4, rng)),
        new StackedCell<>(List.of(new GruCell(VECTOR, 6, rng), new GruCell(6, 4, rng)), 0.3),
        new StackedCell<>(List.of(new LstmCell(VECTOR, 6, rng), new PeepholeLstmCell(6, 4, rng)), 0));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void anyCellGivesTheBitsOfItsScan(Cell<?> cell) {
    equalsItsScan(Model.of(cell), 3);
  }

  @Test
  void aProjectionNeedsNoBias() {
    equalsItsScan(new Model<>(new Embedding(SYMBOLS, VECTOR, Rng.of(2)), new GruCell(VECTOR, 6, Rng.of(1)),
        Linear.withoutBias(6, SYMBOLS, Rng.of(3))), 3);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "15, 1", "16, 2", "17, 1", "33, 5", "48, 6", "49, 7", "130, 1"})
  void lstmsGiveTheBitsOfTheirScan(int hidden, int batch) {
    equalsItsScan(lstms(hidden), batch);
  }

  private static <S extends State<S>> void equalsItsScan(Model<S> model, int batch) {
    Tensor ids = ids(batch, 6);
    Tensor scanned = model.logits(ids);
    assertThat(read(model.sessions().open(batch), ids)).isEqualTo(scanned);
    try (Tape tape = Tape.inference()) {
      Tensor x = normal("x", batch, 4, model.cell().inputSize());
      Session<S> session = Sessions.of(model.cell()).open(batch);
      Scanned<S> run = Recurrence.scan(model.cell(), tape.constant(x), model.cell().initialState(tape, batch));
      for (int t = 0; t < 4; t++) {
        assertThat(session.step(x.select(1, t))).isEqualTo(run.outputs().value().select(1, t));
      }
      List<Tensor> leaves = session.state(tape).leaves().stream().map(Variable::value).toList();
      assertThat(leaves).isEqualTo(run.state().leaves().stream().map(Variable::value).toList());
    }
  }

  static Stream<Layer> heads() {
    return Stream.of(new Linear(6, 4, Rng.of(3)), Linear.withoutBias(6, 4, Rng.of(3)), Variable::tanh,
        new Sequential(new LayerNorm(6), new Linear(6, 7, Rng.of(3)), Variable::relu, new Linear(7, 4, Rng.of(4))));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void anyHeadGivesTheBitsOfItsForward(Layer head) {
    Tensor x = normal("x", 3, 4, VECTOR);
    for (Cell<?> cell : List.of(new LstmCell(VECTOR, 6, Rng.of(5)), new PeepholeLstmCell(VECTOR, 6, Rng.of(5)))) {
      Session<?> session = Sessions.of(cell, head).open(3);
      assertThat(session.output().sumOfSquares()).isZero();
      try (Tape tape = Tape.inference()) {
        Tensor expected = head.forward(Recurrence.scan(cell, tape.constant(x)).outputs()).value();
        for (int t = 0; t < 4; t++) {
          assertThat(session.step(x.select(1, t))).isEqualTo(expected.select(1, t));
        }
        assertThat(session.state().keySet()).hasSize(2); // h and c
      }
    }
  }

  static Stream<Layer> headsThatMixRows() {
    return Stream.of(x -> x.softmax(0), x -> x.minus(x.mean(0)), x -> x.flip(0), x -> x.plus(x.sum(0)));
  }

  @ParameterizedTest
  @MethodSource("headsThatMixRows")
  void aHeadThatMixesRowsIsRefused(Layer head) {
    assertThatIllegalArgumentException().isThrownBy(() -> Sessions.of(new GruCell(VECTOR, 6, Rng.of(5)), head))
        .withMessage("sessions: what the head makes of a row depends on the other rows of the batch, but sessions step "
            + "with any others; use a head that takes each row on its own");
  }

  @Test
  void aHeadOfAnotherShapeIsRefused() {
    List<Layer> heads = List.of(x -> x.sum(1), x -> x.sum(0), x -> x.sum(), x -> x.unsqueeze(1));
    assertThat(heads).allSatisfy(head -> assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> Sessions.of(new GruCell(VECTOR, 6, Rng.of(5)), head))
        .withMessageMatching("sessions: the head must turn \\[2, 6] into \\[2, outputs], not \\[.*]"));
  }

  /// All that was read, which grows; the output is its mean.
  private record All(Variable read) implements State<All> {
    @Override
    public Parts<All> parts() {
      return Parts.of("read", read, All::new);
    }
  }

  private static final class Remembering extends RecurrentCell<All> {
    Remembering() {
      super(VECTOR, VECTOR, (tape, batch, size) -> new All(State.zeros(tape, batch, 0, size)));
    }

    @Override
    public Step<All> stepPrepared(Variable x, All state) {
      Variable all = Variable.concat(1, List.of(state.read(), x.unsqueeze(1)));
      return new Step<>(all.mean(1), new All(all));
    }
  }

  @Test
  void aStateMayGrowFromStepToStep() {
    Sessions<All> sessions = Sessions.of(new Remembering());
    Session<All> session = sessions.open(2);
    Tensor x = normal("x", 2, 4, VECTOR);
    for (int t = 0; t < 4; t++) {
      assertThat(session.step(x.select(1, t)).allClose(x.slice(1, 0, t + 1).mean(1), 1e-6, 1e-6)).isTrue();
    }
    assertThat(session.state().get("read")).isEqualTo(x);
    assertThat(session.fork().state()).isEqualTo(session.state());
    Session<All> other = sessions.open();
    other.setState(Map.of("read", x.slice(0, 0, 1)));
    sessions.step(List.of(other, session), new float[3 * VECTOR]);
    assertThat(other.output()).isEqualTo(session.output().slice(0, 0, 1));
    session.reset();
    assertThat(session.state().get("read").shape().sizes()).containsExactly(2, 0, VECTOR);
  }

  @Test
  void aVocabularyTooLargeForATableIsLookedUpStepByStep() {
    Model<LstmState> model = Model.of(20_000, new LstmCell(2, 16, Rng.of(5))); // 20,000 * 64 elements
    Tensor ids = Tensor.of(new int[] {19_999, 0, 77}, 1, 3);
    assertThat(read(model.sessions().open(), ids)).isEqualTo(model.logits(ids));
  }

  /// A tied projection may teach the row of a padding symbol something; who reads it does not get to see it.
  @ParameterizedTest
  @ValueSource(ints = {6, 20_000})
  void aPaddingSymbolIsReadAsZeros(int symbols) {
    Embedding embedding = Embedding.withPadding(symbols, 2, 3, Rng.of(4));
    embedding.weight().value().select(0, 3).fill(7);
    LstmCell cell = new LstmCell(2, 16, Rng.of(5));
    Linear projection = new Linear(16, 5, Rng.of(6));
    Tensor ids = Tensor.of(new int[] {3, 1, 3}, 1, 3);
    try (Tape tape = Tape.inference()) {
      Variable outputs = Recurrence.scan(cell, embedding.forward(tape.constant(ids)), cell.initialState(tape, 1))
          .outputs();
      assertThat(read(Sessions.of(embedding, cell, projection).open(), ids))
          .isEqualTo(projection.forward(outputs).value());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sessionsStepTogetherAsTheyDoAlone(boolean fused) {
    if (fused) {
      stepTogether(lstms(20));
    } else {
      stepTogether(Model.of(new MixtureCell(VECTOR, 20, 3, Rng.of(5))));
    }
  }

  private static <S extends State<S>> void stepTogether(Model<S> model) {
    Sessions<S> sessions = model.sessions();
    Tensor ids = ids(7, 4);
    List<Session<S>> alone = IntStream.range(0, 7).mapToObj(k -> sessions.open()).toList();
    List<Session<S>> together = List.of(sessions.open(), sessions.open(2), sessions.open(), sessions.open(3));
    for (int t = 0; t < 4; t++) {
      int[] symbols = ids.select(1, t).toInts();
      for (int k = 0; k < 7; k++) {
        alone.get(k).step(symbols[k]);
      }
      sessions.step(together, symbols);
      List<Tensor> outputs = together.stream().map(Session::output).toList();
      assertThat(Tensor.concat(0, outputs)).isEqualTo(Tensor.concat(0, alone.stream().map(Session::output).toList()));
    }
    sessions.step(together.subList(1, 3), 1, 2, 3); // fewer than the leader's buffers hold
    alone.get(3).step(3);
    assertThat(together.get(2).state()).isEqualTo(alone.get(3).state());
  }

  @Test
  void vectorsTogether() {
    Sessions<LstmState> sessions = Sessions.of(new LstmCell(3, 4, Rng.of(5)));
    Tensor x = normal("x", 2, 3);
    Session<LstmState> one = sessions.open();
    Session<LstmState> two = sessions.open();
    sessions.step(List.of(one, two), x.toFloats());
    assertThat(Tensor.concat(0, List.of(one.output(), two.output()))).isEqualTo(sessions.open(2).step(x));
  }

  @Test
  void sessionsOnManyThreadsShareOneModel() throws Exception {
    Sessions<StackedState<LstmState>> sessions = lstms(40).sessions();
    Tensor ids = ids(1, 200);
    Tensor expected = read(sessions.open(), ids);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Callable<Tensor>> tasks = IntStream.range(0, 12)
          .<Callable<Tensor>>mapToObj(k -> () -> read(sessions.open(), ids)).toList();
      for (var result : threads.invokeAll(tasks)) {
        assertThat(result.get()).isEqualTo(expected);
      }
    }
  }

  static Stream<Cell<?>> wideCells() {
    Rng rng = Rng.of(7);
    return Stream.of(new LstmCell(VECTOR, 37, rng), new GruCell(VECTOR, 37, rng), new RnnCell(VECTOR, 37, rng),
        new MixtureCell(VECTOR, 37, 3, rng),
        new StackedCell<>(List.of(new LstmCell(VECTOR, 37, rng), new PeepholeLstmCell(37, 20, rng)), 0));
  }

  /// The symbols that were drawn, all logits and the last state, of a session that goes on under other kernels, and
  /// what a fork and a session opened under these give together.
  private static <S extends State<S>> List<Object> written(Cell<S> cell, Kernels first, Kernels second) {
    Kernels.exchange(first);
    Sessions<S> sessions = Model.of(40, cell).sessions(); // more outputs than a vector has lanes
    Session<S> session = sessions.open();
    Rng draws = Rng.of(8);
    List<Object> all = new ArrayList<>();
    int symbol = 3;
    for (int step = 0; step < 10; step++) {
      if (step == 5) {
        Kernels.exchange(second);
      }
      float[] logits = session.step(symbol);
      symbol = Sampling.PLAIN.pick(logits, draws::nextDouble);
      all.addAll(List.of(symbol, session.output()));
    }
    all.add(session.state());
    Session<S> fork = session.fork();
    Session<S> fresh = sessions.open();
    sessions.step(List.of(fork, fresh), symbol, symbol);
    all.addAll(List.of(fork.output(), fresh.output()));
    return all;
  }

  @ParameterizedTest
  @MethodSource("wideCells")
  void anExchangeOfKernelsBetweenStepsChangesNoBits(Cell<?> cell) {
    Kernels before = Kernels.active();
    try {
      List<Object> expected = written(cell, Kernels.vector(), Kernels.vector());
      assertThat(written(cell, Kernels.mixed(), Kernels.vector())).isEqualTo(expected);
      assertThat(written(cell, Kernels.mixed(), Kernels.mixed())).isEqualTo(expected);
    } finally {
      Kernels.exchange(before);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void trainingAfterwardsIsNotSeen(boolean fused) {
    if (fused) {
      keepsItsWeights(lstms(8));
    } else {
      keepsItsWeights(Model.of(new MixtureCell(VECTOR, 8, 3, Rng.of(5))));
    }
  }

  private static <S extends State<S>> void keepsItsWeights(Model<S> model) {
    Tensor ids = ids(1, 3);
    Tensor before = model.logits(ids);
    Sessions<S> sessions = model.sessions();
    ((dev.rewind.nn.Block) model.cell()).parameters().forEach(p -> p.value().plusInPlace(Tensor.scalar(1f)));
    model.embedding().weight().value().plusInPlace(Tensor.scalar(1f));
    model.projection().parameters().forEach(p -> p.value().plusInPlace(Tensor.scalar(1f)));
    assertThat(read(sessions.open(), ids)).isEqualTo(before);
    assertThat(read(model.sessions().open(), ids)).isNotEqualTo(before).isEqualTo(model.logits(ids));
  }

  @Test
  void statesAreReadSetResetAndForked() {
    Sessions<StackedState<LstmState>> sessions = lstms(6).sessions();
    Session<StackedState<LstmState>> session = sessions.open();
    float[] first = session.step(3).clone();
    Map<String, Tensor> state = session.state();
    assertThat(state).containsOnlyKeys("0.h", "0.c", "1.h", "1.c");
    assertThat(state.get("1.c").shape().sizes()).containsExactly(1, 6);
    Session<StackedState<LstmState>> fork = session.fork();
    assertThat(fork.output()).isEqualTo(session.output());
    float[] second = session.step(4).clone();
    assertThat(fork.step(4)).containsExactly(second);
    fork.setState(state);
    assertThat(fork.step(4)).containsExactly(second);
    try (Tape tape = Tape.inference()) {
      session.setState(state);
      StackedState<LstmState> typed = session.state(tape);
      assertThat(typed.layers().get(1).c().value()).isEqualTo(state.get("1.c"));
      session.step(9);
      assertThat(typed.layers().get(1).c().value()).isEqualTo(state.get("1.c")); // a copy
      session.setState(typed);
      assertThat(session.step(4)).containsExactly(second);
    }
    session.reset();
    assertThat(session.step(3)).containsExactly(first);
  }

  @Test
  void aModelInDoubleIsRefused() {
    Linear head = new Linear(6, 4, Rng.of(3));
    head.to(DType.FLOAT64);
    LstmCell cell = new LstmCell(VECTOR, 6, Rng.of(5));
    assertThatIllegalArgumentException().isThrownBy(() -> Sessions.of(cell, head))
        .withMessage("sessions: Linear is FLOAT64, and sessions compute in FLOAT32; convert the model with "
            + "to(DType.FLOAT32)");
    assertThatIllegalArgumentException().isThrownBy(() -> Sessions.of(cell, new Linear(5, 4, Rng.of(3))))
        .withMessage("sessions: the cell reads 5 and gives 6, the projection reads 5");
  }

  @Test
  void whatDoesNotFitIsRefusedByName() {
    Model<StackedState<LstmState>> model = lstms(6);
    Sessions<StackedState<LstmState>> sessions = model.sessions();
    Session<StackedState<LstmState>> session = sessions.open(2);
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> session.step(new int[] {1, 11}))
        .withMessage("step: 11, of sequence 1, is not one of 11 symbols");
    assertThatIllegalArgumentException().isThrownBy(() -> session.step(1))
        .withMessage("step: 1 symbols for 2 sequences");
    assertThatIllegalArgumentException().isThrownBy(() -> session.step(new float[10]))
        .withMessage("step: this session reads one of 11 symbols, not vectors");
    assertThatIllegalArgumentException().isThrownBy(() -> session.step(Tensor.of(new int[] {1}, 1)))
        .withMessage("step: wants an input [2], not [1]");
    assertThatIllegalArgumentException().isThrownBy(() -> session.step(Tensor.of(new float[] {1, 2})))
        .withMessage("step: wants an input of INT32, not FLOAT32");
    Session<StackedState<LstmState>> ofVectors = Sessions.of(model.cell()).open();
    assertThatIllegalArgumentException().isThrownBy(() -> ofVectors.step(1))
        .withMessage("step: this session reads vectors of 5, not symbols; make it with an embedding");
    assertThatIllegalArgumentException().isThrownBy(() -> ofVectors.step(new float[4]))
        .withMessage("step: 4 numbers for 1 vectors of 5");
    assertThatIllegalArgumentException().isThrownBy(() -> sessions.open(0)).withMessageContaining("a batch of 0");
    assertThatIllegalArgumentException().isThrownBy(() -> sessions.step(List.of(session, ofVectors), 1, 2, 3))
        .withMessage("step: session 1 is of another model, or of other weights of this one");
    assertThatIllegalArgumentException().isThrownBy(() -> sessions.step(List.of(session, session), 1, 2, 3, 4))
        .withMessage("step: sessions 0 and 1 are the same one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.setState(Map.of("0.h", Tensor.zeros(DType.FLOAT32, 1, 6))))
        .withMessage("setState: 0.h is FLOAT32 [1, 6], wanted FLOAT32 [2, 6]");
    assertThatIllegalArgumentException().isThrownBy(() -> session.setState(Map.of()))
        .withMessageContaining("0.h is missing");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sessions.of(new Embedding(3, 4, Rng.of(1)), model.cell(), model.projection()))
        .withMessage(
            "sessions: the embedding gives vectors of 4, the cell reads 5 and gives 6, the projection reads 6");
  }
}
