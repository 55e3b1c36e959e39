package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.nn.Block;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MinGruCell;
import dev.rewind.nn.cells.MixtureCell;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.wrappers.DropoutCell;
import dev.rewind.nn.wrappers.VariationalInputCell;
import dev.rewind.nn.wrappers.ZoneoutCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class DriversTest {
  private static final int INPUTS = 3;
  private static final int TIME = 5;
  private static final int[] LENGTHS = {0, 5, 1, 3};

  /// Every driver of any cell in one form.
  enum Driver {
    SCAN {
      @Override
      <S extends State<S>> Scanned<S> run(Cell<S> cell, Variable x, S state, int[] lengths) {
        return lengths == null ? Recurrence.scan(cell, x, state) : Recurrence.scan(cell, x, state, lengths);
      }
    },
    UNROLL {
      @Override
      <S extends State<S>> Scanned<S> run(Cell<S> cell, Variable x, S state, int[] lengths) {
        List<Variable> list = x.split(1, x.size(1)).stream().map(part -> part.squeeze(1)).toList();
        Unrolled<S> run = lengths == null
            ? Recurrence.unroll(cell, list, state) : Recurrence.unroll(cell, list, state, lengths);
        return new Scanned<>(Variable.stack(1, run.outputs()), run.state());
      }
    },
    STEPS {
      @Override
      <S extends State<S>> Scanned<S> run(Cell<S> cell, Variable x, S state, int[] lengths) {
        List<Variable> outputs = new ArrayList<>();
        S last = state;
        for (Step<S> step : lengths == null
            ? Recurrence.steps(cell, x, state) : Recurrence.steps(cell, x, state, lengths)) {
          outputs.add(step.output());
          last = step.state();
        }
        return new Scanned<>(Variable.stack(1, outputs), last);
      }
    },
    RECOMPUTING {
      @Override
      <S extends State<S>> Scanned<S> run(Cell<S> cell, Variable x, S state, int[] lengths) {
        return lengths == null
            ? Recurrence.scanRecomputing(cell, x, state, 2) : Recurrence.scanRecomputing(cell, x, state, 2, lengths);
      }
    },
    REVERSED_TWICE {
      @Override
      <S extends State<S>> Scanned<S> run(Cell<S> cell, Variable x, S state, int[] lengths) {
        Lengths all = lengths == null ? Lengths.full(x.size(0), x.size(1)) : Lengths.of(lengths, x.size(1));
        Scanned<S> run = lengths == null ? Recurrence.scanReversed(cell, all.reversed(x), state)
            : Recurrence.scanReversed(cell, all.reversed(x), state, lengths);
        return new Scanned<>(all.reversed(run.outputs()), run.state());
      }
    };

    /// @param lengths null for none
    abstract <S extends State<S>> Scanned<S> run(Cell<S> cell, Variable x, S state, int[] lengths);
  }

  static List<Supplier<Cell<?>>> cells() {
    return List.of(
        () -> new RnnCell(INPUTS, 2, Rng.of(1)),
        () -> new GruCell(INPUTS, 4, Rng.of(1)),
        () -> new LstmCell(INPUTS, 4, Rng.of(1)),
        () -> new VariationalInputCell<>(new MinGruCell(INPUTS, 3, Rng.of(1)), 0.3),
        () -> new StackedCell<>(List.of(new LstmCell(INPUTS, 2, Rng.of(1)), new LstmCell(2, 3, Rng.of(2))), 0),
        () -> new ThenCell<>(new ZoneoutCell<>(new GruCell(INPUTS, 2, Rng.of(1)), 0.3),
            new MixtureCell(2, 3, 3, Rng.of(2))));
  }

  static Stream<Arguments> cellsAndDrivers() {
    return cells().stream().flatMap(
        cell -> Stream.of(Driver.values()).map(driver -> Arguments.of(cell.get(), driver)));
  }

  private static Variable all(Scanned<?> run) {
    List<Variable> parts = new ArrayList<>(List.of(run.outputs().reshape(-1)));
    run.state().leaves().forEach(leaf -> parts.add(leaf.reshape(-1)));
    return Variable.concat(0, parts);
  }

  private static Tensor normal(DType dtype, String what, int... sizes) {
    return Tensor.normal(Rng.of(7).split(what), dtype, 0, 1, sizes);
  }

  // ---- gradients ----------------------------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("cellsAndDrivers")
  void gradientsAgreeWithNumericalOnes(Cell<?> cell, Driver driver) {
    check(cell, driver, 2, 3, null);
    check(cell, driver, 3, 3, new int[] {1, 0, 3});
    check(cell, driver, 1, 1, new int[] {1});
    check(cell, driver, 1, 1, new int[] {0});
  }

  private static <S extends State<S>> void check(Cell<S> cell, Driver driver, int batch, int time, int[] lengths) {
    List<Tensor> at = new ArrayList<>(List.of(normal(DType.FLOAT64, "x", batch, time, INPUTS)));
    try (Tape tape = Tape.inference()) {
      cell.initialState(tape, batch).leaves().forEach(
          leaf -> at.add(normal(DType.FLOAT64, "leaf " + at.size(), leaf.shape().sizes())));
    }
    GradientCheck.ofMany(xs -> {
      S state = cell.initialState(xs.getFirst().tape(), batch).withLeaves(xs.subList(1, xs.size()));
      return all(driver.run(cell, xs.getFirst(), state, lengths));
    }).at(at.toArray(Tensor[]::new)).withParameters(((Block) cell).parameters()).run().assertPasses();
  }

  @Test
  void checksOfCellsTakeLengths() {
    assertThat(CellCheck.of(new GruCell(2, 3, Rng.of(1))).steps(3).lengths(3, 0, 1).run().assertPasses().compared())
        .isPositive();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CellCheck.of(new GruCell(2, 3, Rng.of(1))).lengths(4).run())
        .withMessage("lengths: sequence 0 has length 4, not one of 0 to 3");
  }

  // ---- values -------------------------------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("cellsAndDrivers")
  void driversAgreeWhateverThePaddingHolds(Cell<?> cell, Driver driver) {
    compare(cell, driver);
  }

  private static <S extends State<S>> void compare(Cell<S> cell, Driver driver) {
    Tensor clean = normal(DType.FLOAT32, "x", LENGTHS.length, TIME, INPUTS);
    Tensor padded = clean.copy();
    for (int b = 0; b < LENGTHS.length; b++) {
      padded.select(0, b).slice(0, LENGTHS[b], TIME).fill(Double.NaN);
    }
    for (int[] lengths : new int[][] {null, LENGTHS}) {
      Tensor x = lengths == null ? clean : padded;
      List<Tensor> expected = valuesAndGradients(cell, Driver.UNROLL, x, lengths);
      List<Tensor> actual = valuesAndGradients(cell, driver, x, lengths);
      assertThat(actual).hasSameSizeAs(expected);
      for (int i = 0; i < actual.size(); i++) {
        assertThat(actual.get(i).allClose(expected.get(i), 1e-4, 1e-5)).as("%d", i).isTrue();
        assertThat(actual.get(i).isFinite().all().item()).isEqualTo(1);
      }
    }
  }

  /// Outputs, last state, gradients of the inputs, of the first state and of the parameters.
  private static <S extends State<S>> List<Tensor> valuesAndGradients(
      Cell<S> cell, Driver driver, Tensor inputs, int[] lengths) {
    try (Tape tape = Tape.recording(TapeOptions.defaults().deterministic())) {
      Variable x = tape.watch(inputs);
      S state = cell.initialState(tape, inputs.size(0)).map(
          leaf -> tape.watch(normal(DType.FLOAT32, "state", leaf.shape().sizes())));
      Scanned<S> run = driver.run(cell, x, state, lengths);
      List<Tensor> results = new ArrayList<>(List.of(run.outputs().value()));
      run.state().leaves().forEach(leaf -> results.add(leaf.value()));
      Gradients gradients = tape.gradients(all(run), normal(DType.FLOAT32, "seed", all(run).size(0)));
      results.add(gradients.of(x));
      state.leaves().forEach(leaf -> results.add(gradients.of(leaf)));
      ((Block) cell).parameters().forEach(p -> results.add(gradients.of(p)));
      return results;
    }
  }

  @Test
  void recomputingGivesOutputsAndStatesOfTheSameBits() {
    for (Supplier<Cell<?>> cell : cells()) {
      int values = 1 + cell.get().initialState(Tape.inference(), 1).leaves().size();
      for (int[] lengths : new int[][] {null, LENGTHS}) {
        Tensor x = normal(DType.FLOAT32, "x", LENGTHS.length, TIME, INPUTS);
        List<Tensor> plain = valuesAndGradients(cell.get(), Driver.SCAN, x, lengths);
        List<Tensor> recomputed = valuesAndGradients(cell.get(), Driver.RECOMPUTING, x, lengths);
        assertThat(recomputed.subList(0, values)).isEqualTo(plain.subList(0, values));
      }
    }
  }

  @Test
  void recomputingKeepsOneEntryForEachSegment() {
    LstmCell cell = new LstmCell(INPUTS, 4, Rng.of(1));
    try (Tape tape = Tape.recording()) {
      Variable x = tape.constant(normal(DType.FLOAT32, "x", 2, 90, INPUTS));
      Recurrence.scanRecomputing(cell, x, cell.initialState(tape, 2), 10);
      assertThat(tape.length()).isEqualTo(9 + 1); // and one that joins the outputs
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Recurrence.scanRecomputing(cell, x, cell.initialState(tape, 2), 0))
          .withMessage("scanRecomputing: segments of 0 steps; at least 1 is needed");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Recurrence.scanRecomputing(cell, x, cell.initialState(tape, 3), 10))
          .withMessage(
              "scanRecomputing: leaf h of the state of LstmCell is [3, 4], wanted [2, 4], the batch of 2 first");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Recurrence.scanReversed(cell, x.select(1, 0), cell.initialState(tape, 2)))
          .withMessageStartingWith("scanReversed: LstmCell wants inputs [batch, time >= 1, ");
    }
  }

  @Test
  void reversedScansBeginAtTheEndOfEverySequence() {
    GruCell cell = new GruCell(INPUTS, 4, Rng.of(1));
    Tensor x = normal(DType.FLOAT64, "x", LENGTHS.length, TIME, INPUTS);
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      HiddenState start = cell.initialState(tape, LENGTHS.length);
      Scanned<HiddenState> run = Recurrence.scanReversed(cell, tape.constant(x), start, LENGTHS);
      for (int b = 0; b < LENGTHS.length; b++) {
        HiddenState state = cell.initialState(tape, 1);
        for (int t = LENGTHS[b] - 1; t >= 0; t--) {
          Step<HiddenState> step = cell.step(tape.constant(x.slice(0, b, b + 1).select(1, t)), state);
          state = step.state();
          Tensor output = run.outputs().value().slice(0, b, b + 1).select(1, t);
          assertThat(output.allClose(step.output().value(), 1e-13, 1e-14)).isTrue();
        }
        assertThat(run.outputs().value().select(0, b).slice(0, LENGTHS[b], TIME).equalTo(0).all().item()).isEqualTo(1);
        assertThat(run.state().h().value().slice(0, b, b + 1).allClose(state.h().value(), 1e-13, 1e-14)).isTrue();
      }
    }
  }

  @Test
  void stepsAreComputedWhenTheyAreAskedFor() {
    int[] done = {0};
    GruCell cell = new GruCell(INPUTS, 4, Rng.of(1));
    TapeOptions counting = TapeOptions.defaults().withObserver((name, value) -> done[0] += name.equals("h") ? 1 : 0);
    try (Tape tape = Tape.inference(counting)) {
      Variable x = tape.constant(normal(DType.FLOAT32, "x", 2, TIME, INPUTS));
      for (Step<HiddenState> step : Recurrence.steps(cell, x, cell.initialState(tape, 2))) {
        if (done[0] == 2) {
          assertThat(step.state().h()).isSameAs(step.output());
          break;
        }
      }
      assertThat(done[0]).isEqualTo(2);
    }
  }

  // ---- both directions ----------------------------------------------------------------------------------------------

  @Test
  void bothDirectionsAreJoinedAndChecked() {
    LstmCell forward = new LstmCell(INPUTS, 4, Rng.of(1));
    GruCell backward = new GruCell(INPUTS, 2, Rng.of(2));
    Bidirectional<LstmState, HiddenState> both = new Bidirectional<>(forward, backward);
    assertThat(both.namedParameters().keySet()).contains("forward.weight_ih", "backward.bias_hh").hasSize(7);
    assertThat(both.outputSize()).isEqualTo(6);
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(normal(DType.FLOAT32, "x", LENGTHS.length, TIME, INPUTS));
      PairState<LstmState, HiddenState> start = both.initialState(tape, LENGTHS.length);
      Scanned<PairState<LstmState, HiddenState>> run = both.scan(x, start, LENGTHS);
      List<Variable> parts = run.outputs().split(2, new int[] {4, 2});
      Scanned<LstmState> there = Recurrence.scan(forward, x, start.first(), LENGTHS);
      Scanned<HiddenState> back = Recurrence.scanReversed(backward, x, start.second(), LENGTHS);
      assertThat(parts.get(0).value()).isEqualTo(there.outputs().value());
      assertThat(parts.get(1).value()).isEqualTo(back.outputs().value());
      assertThat(run.state().second().h().value()).isEqualTo(back.state().h().value());
      Tensor full = both.scan(x, start).outputs().value().select(0, 1);
      assertThat(full.allClose(run.outputs().value().select(0, 1), 1e-5, 1e-6)).isTrue();
    }
    GradientCheck.ofMany(xs -> {
      Tape tape = xs.getFirst().tape();
      return all(both.scan(xs.getFirst(), both.initialState(tape, 2).withLeaves(xs.subList(1, 4)), new int[] {1, 3}));
    }).at(normal(DType.FLOAT64, "x", 2, 3, INPUTS), normal(DType.FLOAT64, "h", 2, 4), normal(DType.FLOAT64, "c", 2, 4),
        normal(DType.FLOAT64, "b", 2, 2)).withParameters(both.parameters()).run().assertPasses();
  }

  @Test
  void directionsThatCannotBeAreRefused() {
    GruCell cell = new GruCell(INPUTS, 4, Rng.of(1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Bidirectional<>(cell, cell))
        .withMessageContaining("the same cell");
    assertThatIllegalArgumentException().isThrownBy(() -> new Bidirectional<>(cell, new GruCell(2, 4, Rng.of(1))))
        .withMessage("bidirectional: one cell reads vectors of 3, the other of 2");
  }

  // ---- looking inside -----------------------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(Driver.class)
  void anObserverSeesStatesAndGatesOfEveryLayerStepByStep(Driver driver) {
    StackedCell<LstmState> lower = new StackedCell<>(
        List.of(new LstmCell(INPUTS, 2, Rng.of(1)), new DropoutCell<>(new LstmCell(2, 3, Rng.of(2)), 0.5)), 0);
    ThenCell<StackedState<LstmState>, HiddenState> cell = new ThenCell<>(lower, new GruCell(3, 4, Rng.of(3)));
    Trace trace = new Trace();
    Tensor outputs;
    try (Tape tape = Tape.recording(TapeOptions.defaults().deterministic().withObserver(trace))) {
      Variable x = tape.constant(normal(DType.FLOAT32, "x", 2, TIME, INPUTS));
      Scanned<PairState<StackedState<LstmState>, HiddenState>> run = driver.run(cell, x, cell.initialState(tape, 2),
          null);
      outputs = run.outputs().value();
      tape.gradients(run.outputs().sum()); // shows nothing again
    }
    assertThat(trace.names()).containsExactlyInAnyOrder(
        "first.0.i", "first.0.f", "first.0.g", "first.0.o", "first.0.c", "first.0.h",
        "first.1.i", "first.1.f", "first.1.g", "first.1.o", "first.1.c", "first.1.h",
        "second.r", "second.z", "second.n", "second.h");
    assertThat(trace.of("first.0.c").shape().sizes()).containsExactly(2, TIME, 2);
    assertThat(trace.of("second.h")).isEqualTo(outputs);
    assertThatIllegalArgumentException().isThrownBy(() -> trace.of("h"))
        .withMessageStartingWith("trace: nothing was seen under 'h', but under [first.0.i, ");
    trace.clear();
    assertThat(trace.names()).isEmpty();
  }

  // ---- training -----------------------------------------------------------------------------------------------------

  @Test
  void trainingLossesOfAllDriversAreEqualToRounding() {
    List<Double> expected = losses(Driver.SCAN);
    assertThat(expected.getLast()).isLessThan(0.7 * expected.getFirst());
    for (Driver driver : Driver.values()) {
      List<Double> losses = losses(driver);
      for (int i = 0; i < losses.size(); i++) {
        assertThat(losses.get(i)).isCloseTo(expected.get(i), within(1e-5));
      }
    }
  }

  /// Learns to say whether the first number of a sequence was positive.
  private static List<Double> losses(Driver driver) {
    LstmCell cell = new LstmCell(INPUTS, 8, Rng.of(1));
    Linear projection = new Linear(8, 2, Rng.of(2));
    List<Param> parameters = new ArrayList<>(cell.parameters());
    parameters.addAll(projection.parameters());
    Adam optimizer = new Adam(parameters, 0.03);
    Tensor x = normal(DType.FLOAT32, "x", 16, TIME, INPUTS);
    int[] lengths = new int[16];
    Arrays.setAll(lengths, b -> 1 + b % TIME);
    Tensor targets = x.select(1, 0).select(1, 0).greater(0).to(DType.INT32);
    List<Double> losses = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      try (Tape tape = Tape.recording()) {
        Scanned<LstmState> run = driver.run(cell, tape.constant(x), cell.initialState(tape, 16), lengths);
        Variable loss = Losses.crossEntropy(projection.forward(run.state().h()), targets);
        losses.add(loss.item());
        optimizer.step(tape.gradients(loss));
      }
    }
    return losses;
  }
}
