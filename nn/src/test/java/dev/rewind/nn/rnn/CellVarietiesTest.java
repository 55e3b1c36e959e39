package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.cells.Cells;
import dev.rewind.nn.cells.CifgLstmCell;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.IndRnnCell;
import dev.rewind.nn.cells.LayerNormLstmCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MinGruCell;
import dev.rewind.nn.cells.MinLstmCell;
import dev.rewind.nn.cells.MixtureCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.cells.ProjectedLstmCell;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.wrappers.ResidualCell;
import dev.rewind.nn.wrappers.VariationalInputCell;
import dev.rewind.nn.wrappers.VariationalStateCell;
import dev.rewind.nn.wrappers.ZoneoutCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every kind of cell and wrapper in every driver.
class CellVarietiesTest {
  private static final int INPUTS = 3;
  private static final int HIDDEN = 4;

  static Stream<Cell<?>> cells() {
    Rng rng = Rng.of(1);
    return Stream.concat(Cells.ALL.stream().map(maker -> maker.make(INPUTS, HIDDEN, rng)), Stream.of(
        new RnnCell(INPUTS, HIDDEN, RnnCell.Nonlinearity.RELU, Rng.of(3)),
        new IndRnnCell(INPUTS, HIDDEN, Rng.of(3)), new ProjectedLstmCell(INPUTS, HIDDEN, 2, rng),
        new MixtureCell(INPUTS, 1, 1, rng),
        new ZoneoutCell<>(new LstmCell(INPUTS, HIDDEN, rng), 0.3), new ZoneoutCell<>(new GruCell(INPUTS, 2, rng), 0),
        new ZoneoutCell<>(new LstmCell(INPUTS, 2, rng), 0.1, 0.5),
        new ResidualCell<>(new LstmCell(INPUTS, INPUTS, rng)), new ResidualCell<>(new PeepholeLstmCell(2, 2, rng)),
        new VariationalInputCell<>(new MinGruCell(INPUTS, HIDDEN, rng), 0.3),
        VariationalStateCell.of(new LstmCell(INPUTS, HIDDEN, rng), 0.3),
        VariationalStateCell.of(new RnnCell(INPUTS, HIDDEN, rng), 0.3),
        new StackedCell<>(List.of(new CifgLstmCell(INPUTS, 2, rng), new CifgLstmCell(2, HIDDEN, rng)), 0.2),
        new MinLstmCell(INPUTS, 2, rng).then(new ProjectedLstmCell(2, HIDDEN, 3, rng))));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void gradientsAgreeWithNumericalOnes(Cell<?> cell) {
    check(cell);
  }

  private static <S extends State<S>> void check(Cell<S> cell) {
    CellCheck.of(cell).batch(2).steps(3).run().assertPasses();
    CellCheck.of(cell).batch(1).steps(1).run().assertPasses();
    CellCheck.of(cell).steps(3).lengths(3, 0, 1).run().assertPasses();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void driversAgree(Cell<?> cell) {
    drive(cell);
  }

  private static <S extends State<S>> void drive(Cell<S> cell) {
    Tensor x = Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 1, 3, 5, cell.inputSize());
    int[] lengths = {5, 0, 2};
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      S start = cell.initialState(tape, 3);
      List<Variable> list = tape.constant(x).split(1, 5).stream().map(part -> part.squeeze(1)).toList();
      Scanned<S> scanned = Recurrence.scan(cell, tape.constant(x), start);
      Unrolled<S> unrolled = Recurrence.unroll(cell, list, start);
      Unrolled<S> paddedList = Recurrence.unroll(cell, list, start, lengths);
      Scanned<S> padded = Recurrence.scan(cell, tape.constant(x), start, lengths);
      for (int t = 0; t < 5; t++) {
        Tensor step = scanned.outputs().value().select(1, t);
        assertThat(step.allClose(unrolled.outputs().get(t).value(), 1e-12, 1e-14)).isTrue();
        for (int b = 0; b < 3; b++) {
          Tensor expected = t < lengths[b] ? step.select(0, b) : Tensor.zeros(DType.FLOAT64, cell.outputSize());
          assertThat(padded.outputs().value().select(1, t).select(0, b).allClose(expected, 1e-12, 1e-14)).isTrue();
          assertThat(paddedList.outputs().get(t).value().select(0, b).allClose(expected, 1e-12, 1e-14)).isTrue();
        }
      }
      assertThat(scanned.outputs().size(2)).isEqualTo(cell.outputSize());
    }
  }

  /// As on a tape that converts the parameters of the cell, to the bit.
  @ParameterizedTest
  @MethodSource("cells")
  void aConvertedCellComputesInDouble(Cell<?> cell) {
    Tensor x = Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 1, 3, 5, cell.inputSize());
    Tensor expected;
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      expected = Recurrence.scan(cell, tape.constant(x), new int[] {5, 0, 2}).outputs().value();
    }
    ((Block) cell).to(DType.FLOAT64);
    try (Tape tape = Tape.training(Rng.of(3))) {
      assertThat(cell.initialState(tape, 2).leaves()).allMatch(leaf -> leaf.dtype() == DType.FLOAT64);
    }
    try (Tape tape = Tape.inference()) {
      assertThat(Recurrence.scan(cell, tape.constant(x), new int[] {5, 0, 2}).outputs().value()).isEqualTo(expected);
      assertThat(cell.initialState(tape, 2).leaves()).allMatch(leaf -> leaf.dtype() == DType.FLOAT64);
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void stepsOfManyRowsHaveTheBitsOfStepsOneByOne(Cell<?> cell) {
    assertThat(trained(cell, TapeOptions.defaults()))
        .isEqualTo(trained(cell, TapeOptions.defaults().withAnomalyDetection()));
  }

  /// Outputs, last state and gradients; operations do not wait for one another where anomalies are looked for.
  private static <S extends State<S>> List<Tensor> trained(Cell<S> cell, TapeOptions options) {
    int batch = 8 * Math.max(2, Threads.count()) + 3;
    Tensor x = Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, batch, 6, cell.inputSize());
    int[] lengths = new int[batch];
    Arrays.setAll(lengths, i -> i % 7);
    List<Tensor> all = new ArrayList<>();
    for (boolean full : new boolean[] {true, false}) {
      try (Tape tape = Tape.recording(options.withRng(Rng.of(7)))) {
        Variable inputs = tape.watch(x);
        S start = cell.initialState(tape, batch);
        Scanned<S> run = full
            ? Recurrence.scan(cell, inputs, start) : Recurrence.scan(cell, inputs, start, lengths);
        Variable loss = run.outputs().square().sum();
        for (Variable leaf : run.state().leaves()) {
          loss = loss.plus(leaf.sum());
        }
        Gradients gradients = tape.gradients(loss);
        all.add(run.outputs().value());
        run.state().leaves().forEach(leaf -> all.add(leaf.value()));
        all.add(gradients.of(inputs));
        ((Block) cell).parameters().forEach(p -> all.add(gradients.ofOrZero(p)));
      }
    }
    return all;
  }

  /// By hand: weights 1, bias 0.5; the input is 1, then -4; the state starts at 2.
  @Test
  void rectifiedNetworksAreNotBoundedFromAbove() {
    RnnCell cell = new RnnCell(1, 1, RnnCell.Nonlinearity.RELU, Rng.of(1));
    cell.parameters().forEach(p -> p.value().fill(1));
    cell.namedParameters().get("bias").value().fill(0.5);
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      Variable x = tape.constant(Tensor.of(new double[] {1, -4}, 1, 2, 1));
      HiddenState two = new HiddenState(tape.constant(Tensor.full(DType.FLOAT64, 2, 1, 1)));
      assertThat(Recurrence.scan(cell, x, two).outputs().value().toDoubles()).containsExactly(3.5, 0);
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void aPreparedStepOnAnInputThatWasNotPreparedNamesTheCell(Cell<?> cell) {
    boolean prepares = cell instanceof RecurrentCell;
    if (prepares) {
      String name = cell.getClass().getSimpleName();
      assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> stepUnprepared(cell))
          .withMessageStartingWith(name + ": stepPrepared wants what prepare(input) gives, [batch, ")
          .withMessageEndingWith(", not [2, 7]; step takes the input itself");
    }
  }

  private static <S extends State<S>> void stepUnprepared(Cell<S> cell) {
    try (Tape tape = Tape.inference()) {
      cell.stepPrepared(tape.constant(Tensor.zeros(DType.FLOAT32, 2, 7)), cell.initialState(tape, 2));
    }
  }

  @Test
  void aMixtureNeedsACandidate() {
    assertThatIllegalArgumentException().isThrownBy(() -> new MixtureCell(INPUTS, HIDDEN, 0, Rng.of(1)))
        .withMessage("MixtureCell: the number of candidates must be at least 1, not 0");
  }

  @Test
  void peepholesOfZeroMakeAnLstm() {
    LstmCell plain = new LstmCell(INPUTS, HIDDEN, Rng.of(3));
    PeepholeLstmCell cell = new PeepholeLstmCell(INPUTS, HIDDEN, Rng.of(3)); // the same draws by name
    cell.namedParameters().get("peephole").value().fill(0);
    assertThat(output(cell)).isEqualTo(output(plain));
  }

  /// One step by hand: every weight 0, biases 0, peepholes 1, memory 1.
  @Test
  void peepholesLetTheGatesSeeTheMemory() {
    PeepholeLstmCell cell = new PeepholeLstmCell(1, 1, Rng.of(1));
    cell.parameters().forEach(p -> p.value().fill(0));
    cell.namedParameters().get("peephole").value().fill(1);
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      Variable zero = tape.constant(Tensor.zeros(DType.FLOAT64, 1, 1));
      Variable one = tape.constant(Tensor.ones(DType.FLOAT64, 1, 1));
      Step<LstmState> step = cell.step(zero, new LstmState(zero, one));
      double memory = sigmoid(1);
      assertThat(step.state().c().item()).isCloseTo(memory, within(1e-14));
      assertThat(step.output().item()).isCloseTo(sigmoid(memory) * Math.tanh(memory), within(1e-14));
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void normalisedGatesDoNotDependOnTheScaleOfTheWeights() {
    LayerNormLstmCell cell = new LayerNormLstmCell(INPUTS, HIDDEN, Rng.of(3));
    Tensor before = output(cell);
    cell.namedParameters().get("weight_ih").value().timesInPlace(100);
    cell.namedParameters().get("weight_hh").value().timesInPlace(100);
    assertThat(output(cell).allClose(before, 1e-3, 1e-4)).isTrue();
  }

  private static <S extends State<S>, C extends Block & Cell<S>> Tensor output(C cell) {
    Tensor x = Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 1, 2, 4, INPUTS);
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      return Recurrence.scan(cell, tape.constant(x), cell.initialState(tape, 2)).outputs().value();
    }
  }

  @Test
  void zoneoutKeepsElementsInTrainingAndTheirMeanInEvaluation() {
    RnnCell plain = new RnnCell(INPUTS, 500, Rng.of(4));
    ZoneoutCell<HiddenState> cell = new ZoneoutCell<>(plain, 0.25);
    Tensor x = Tensor.normal(Rng.of(5), DType.FLOAT32, 0, 1, 1, INPUTS);
    try (Tape train = Tape.inference(TapeOptions.defaults().withRng(Rng.of(6))); Tape evaluate = Tape.inference()) {
      Tensor full = plain.step(evaluate.constant(x), plain.initialState(evaluate, 1)).output().value();
      Tensor mean = cell.step(evaluate.constant(x), cell.initialState(evaluate, 1)).output().value();
      assertThat(mean.allClose(full.times(0.75), 1e-6, 0)).isTrue();
      Step<HiddenState> drawn = cell.step(train.constant(x), cell.initialState(train, 1));
      assertThat(drawn.state().h()).isSameAs(drawn.output());
      Tensor kept = drawn.output().value().equalTo(0);
      assertThat(kept.to(DType.INT32).sum().item()).isBetween(80.0, 170.0); // 125 of 500, +- 4.6 sigma
      assertThat(Tensor.where(kept, full, drawn.output().value())).isEqualTo(full);
    }
  }

  @Test
  void whatZoneoutKeepsStaysWhatItWas() {
    RnnCell plain = new RnnCell(INPUTS, 500, Rng.of(4));
    ZoneoutCell<HiddenState> cell = new ZoneoutCell<>(plain, 0.25);
    try (Tape train = Tape.recording(TapeOptions.defaults().withRng(Rng.of(6)))) {
      Variable x = train.constant(Tensor.normal(Rng.of(5), DType.FLOAT32, 0, 1, 1, INPUTS));
      Variable before = train.watch(Tensor.full(DType.FLOAT32, 1e-9, 1, 500)); // lost beside numbers near 1
      Variable after = cell.step(x, new HiddenState(before)).output();
      Tensor kept = after.value().equalTo(1e-9);
      assertThat(kept.to(DType.INT32).sum().item()).isBetween(80.0, 170.0); // 125 of 500, +- 4.6 sigma
    }
  }

  @Test
  void zoneoutKeepsEachLeafAtItsOwnRate() {
    LstmCell plain = new LstmCell(INPUTS, HIDDEN, Rng.of(4));
    ZoneoutCell<LstmState> cell = new ZoneoutCell<>(plain, 0.25, 0.5);
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(Tensor.normal(Rng.of(5), DType.FLOAT32, 0, 1, 2, INPUTS));
      LstmState start = cell.initialState(tape, 2).map(leaf -> leaf.plus(1));
      LstmState full = plain.step(x, start).state(); // whose h does not see the mixed c
      LstmState mean = cell.step(x, start).state();
      assertThat(mean.h().value().allClose(full.h().value().times(0.75).plus(0.25), 1e-6, 1e-7)).isTrue();
      assertThat(mean.c().value().allClose(full.c().value().times(0.5).plus(0.5), 1e-6, 1e-7)).isTrue();
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new ZoneoutCell<>(plain, 0.1, 0.2, 0.3))
        .withMessage("zoneout: wants one rate, or one for each of [h, c], not 3");
  }

  @Test
  void residualCellsAddTheirInput() {
    LstmCell plain = new LstmCell(INPUTS, INPUTS, Rng.of(3));
    Tensor x = Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 1, 2, 4, INPUTS);
    assertThat(output(new ResidualCell<>(plain)).allClose(output(plain).plus(x), 1e-13, 1e-14)).isTrue();
  }

  /// By the forms over the time axis themselves, which read arrays, when something else than a driver calls them.
  @Test
  void aStateOfAnotherSizeIsNamed() {
    for (Cell<HiddenState> cell : List.of(new GruCell(3, 5, Rng.of(1)), new RnnCell(3, 5, Rng.of(1)))) {
      refuses(cell, new GruCell(3, 4, Rng.of(1)), ": wants a state of [2, 5], not [2, 4]");
      refuses(cell, new GruCell(3, 6, Rng.of(1)), ": wants a state of [2, 5], not [2, 6]");
    }
    refuses(new MinGruCell(3, 5, Rng.of(1)), new GruCell(3, 6, Rng.of(1)), ": wants a state of [2, 5], not [2, 6]");
    refuses(new LstmCell(3, 5, Rng.of(1)), new ProjectedLstmCell(3, 7, 5, Rng.of(1)),
        "lstm: wants a state of [2, 5], not [2, 7]");
  }

  private static <S extends State<S>> void refuses(Cell<S> cell, Cell<S> other, String message) {
    Lengths lengths = Lengths.full(2, 4);
    try (Tape tape = Tape.recording()) {
      Variable x = tape.constant(Tensor.zeros(DType.FLOAT32, 2, 4, 3));
      assertThatIllegalArgumentException().isThrownBy(() -> cell.scan(x, other.initialState(tape, 2), lengths))
          .withMessageContaining(message);
      Variable table = tape.constant(Tensor.zeros(DType.FLOAT32, 2, 3));
      Tensor ids = Tensor.zeros(DType.INT32, 2, 4);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> cell.scanSymbols(table, ids, other.initialState(tape, 2), lengths))
          .withMessageContaining(message);
    }
  }

  @Test
  void wrongOptionsAreNamed() {
    assertThatIllegalArgumentException().isThrownBy(() -> new LstmCell(INPUTS, 0, Rng.of(1)))
        .withMessage("cell: an input must have at least 1 element, and there must be at least 1 unit, not 3 and 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new MinGruCell(0, HIDDEN, Rng.of(1)))
        .withMessage("cell: an input must have at least 1 element, and there must be at least 1 unit, not 0 and 4");
    assertThatIllegalArgumentException().isThrownBy(() -> CellCheck.of(new GruCell(2, 2, Rng.of(1))).batch(0))
        .withMessage("cell check: wants a batch of at least 1 and at least 1 step, not 0 and 3");
    LstmCell cell = new LstmCell(INPUTS, HIDDEN, Rng.of(1));
    assertThatIllegalArgumentException().isThrownBy(() -> new ResidualCell<>(cell))
        .withMessage("residual: the input has size 3, the output 4; they are added");
    assertThatIllegalArgumentException().isThrownBy(() -> new ZoneoutCell<>(cell, 1)).withMessageContaining("[0, 1)");
    assertThat(new ZoneoutCell<>(cell, 0.1).namedParameters().keySet())
        .isEqualTo(new ResidualCell<>(new LstmCell(2, 2, Rng.of(1))).namedParameters().keySet())
        .containsAll(List.of("cell.weight_ih", "cell.weight_hh", "cell.bias"));
  }
}
