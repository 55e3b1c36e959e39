package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Losses;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Batches without sequences, and sequences without steps: everything that was watched has a gradient, which is zero.
class EmptyWorkTest {
  private static final int TIME = 5;

  static Stream<Arguments> cellsAndDrivers() {
    return CellVarietiesTest.cells().flatMap(
        cell -> Stream.of(DriversTest.Driver.values()).map(driver -> Arguments.of(cell, driver)));
  }

  @ParameterizedTest
  @MethodSource("cellsAndDrivers")
  void driversOfNothingHaveGradientsOfZero(Cell<?> cell, DriversTest.Driver driver) {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      check(cell, driver, dtype, 0, null);
      check(cell, driver, dtype, 0, new int[0]);
      check(cell, driver, dtype, 3, new int[3]);
    }
  }

  private static Tape tape(DType dtype) {
    return Tape.recording(TapeOptions.defaults().withDType(dtype).withRng(Rng.of(3)));
  }

  private static <S extends State<S>> void check(
      Cell<S> cell, DriversTest.Driver driver, DType dtype, int batch, int[] lengths) {
    try (Tape tape = tape(dtype)) {
      Variable x = tape.watch(Tensor.ones(dtype, batch, TIME, cell.inputSize()));
      S start = cell.initialState(tape, batch).map(leaf -> tape.watch(Tensor.full(dtype, 0.5, leaf.shape().sizes())));
      Scanned<S> run = driver.run(cell, x, start, lengths);
      assertThat(run.outputs().value()).isEqualTo(Tensor.zeros(dtype, batch, TIME, cell.outputSize()));
      List<Variable> leaves = new ArrayList<>(start.leaves());
      leaves.add(x);
      assertThatAllAreZero(tape.gradients(run.outputs().plus(1).square().sum()), cell, leaves);
    }
    try (Tape tape = tape(dtype)) {
      Variable x = tape.constant(Tensor.ones(dtype, batch, TIME, cell.inputSize()));
      S start = cell.initialState(tape, batch).map(leaf -> tape.watch(Tensor.full(dtype, 0.5, leaf.shape().sizes())));
      Scanned<S> run = driver.run(cell, x, start, lengths);
      Variable sum = tape.constant(Tensor.zeros(dtype));
      for (int k = 0; k < start.leaves().size(); k++) {
        assertThat(run.state().leaves().get(k).value()).isEqualTo(start.leaves().get(k).value());
        sum = sum.plus(run.state().leaves().get(k).sum());
      }
      Gradients gradients = tape.gradients(sum);
      start.leaves().forEach(
          leaf -> assertThat(gradients.of(leaf)).isEqualTo(Tensor.ones(dtype, leaf.shape().sizes())));
    }
  }

  private static void assertThatAllAreZero(Gradients gradients, Object module, List<Variable> leaves) {
    for (Param parameter : ((Block) module).parameters()) {
      assertThat(gradients.of(parameter).equalTo(0).all().item()).as(parameter.toString()).isEqualTo(1);
    }
    leaves.forEach(leaf -> assertThat(gradients.of(leaf).equalTo(0).all().item()).isEqualTo(1));
  }

  @Test
  void bothDirectionsAndLayersOfNothingToo() {
    Bidirectional<LstmState, HiddenState> both = new Bidirectional<>(new LstmCell(3, 4, Rng.of(1)),
        new GruCell(3, 2, Rng.of(2)));
    Lstm layers = new Lstm(RecurrentOptions.of(3, 4).withLayers(2).withBidirectional(true), Rng.of(1));
    for (int batch : new int[] {0, 2}) {
      try (Tape tape = tape(DType.FLOAT32)) {
        Variable x = tape.watch(Tensor.ones(DType.FLOAT32, batch, TIME, 3));
        Variable outputs = both.scan(x, both.initialState(tape, batch), new int[batch]).outputs();
        assertThatAllAreZero(tape.gradients(outputs.sum()), both, List.of(x));
      }
      try (Tape tape = tape(DType.FLOAT32)) {
        Variable x = tape.watch(Tensor.ones(DType.FLOAT32, batch, TIME, 3));
        Variable outputs = layers.forward(x, layers.initialState(tape, batch), new int[batch]).outputs();
        assertThatAllAreZero(tape.gradients(outputs.sum()), layers, List.of(x));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.rewind.nn.rnn.CellVarietiesTest#cells")
  void symbolsOfNothingToo(Cell<?> cell) {
    symbols(cell);
  }

  private static <S extends State<S>> void symbols(Cell<S> cell) {
    Embedding embedding = new Embedding(2, cell.inputSize(), Rng.of(4));
    for (int batch : new int[] {0, 3}) {
      try (Tape tape = tape(DType.FLOAT32)) {
        Tensor ids = Tensor.zeros(DType.INT32, batch, TIME);
        Scanned<S> run = Recurrence.scanSymbols(
            cell, embedding.table(tape), ids, cell.initialState(tape, batch), new int[batch]);
        Gradients gradients = tape.gradients(run.outputs().sum());
        assertThatAllAreZero(gradients, cell, List.of());
        assertThatAllAreZero(gradients, embedding, List.of());
      }
    }
  }

  /// What comes after the longest sequence costs nothing and draws nothing.
  @ParameterizedTest
  @EnumSource(DriversTest.Driver.class)
  void stepsBeyondAllSequencesAreNotComputed(DriversTest.Driver driver) {
    int[] seen = {0};
    TapeOptions counting = TapeOptions.defaults().withObserver((name, value) -> seen[0] += name.equals("h") ? 1 : 0);
    GruCell cell = new GruCell(3, 4, Rng.of(1));
    try (Tape tape = Tape.inference(counting)) {
      Variable x = tape.constant(Tensor.ones(DType.FLOAT32, 3, TIME, 3));
      driver.run(cell, x, cell.initialState(tape, 3), new int[] {1, 0, 2});
      assertThat(seen[0]).isEqualTo(2);
    }
  }

  @Test
  void noStepsAtAllAreStillRefused() {
    GruCell cell = new GruCell(3, 4, Rng.of(1));
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(Tensor.zeros(DType.FLOAT32, 2, 0, 3));
      assertThatIllegalArgumentException().isThrownBy(() -> Recurrence.scan(cell, x, cell.initialState(tape, 2)))
          .withMessageContaining("time >= 1");
    }
  }

  // ---- losses -------------------------------------------------------------------------------------------------------

  private interface Loss {
    Variable of(Variable x, int batch);
  }

  private static Tensor classes(int batch) {
    return Tensor.zeros(DType.INT32, batch, TIME);
  }

  private static Tensor nothing(int... sizes) {
    return Tensor.zeros(DType.BOOL, sizes);
  }

  /// Of `[batch, TIME, 4]`.
  private static final List<Loss> LOSSES = List.of(
      (x, batch) -> Losses.crossEntropy(x, classes(batch), nothing(batch, TIME)),
      (x, batch) -> Losses.smoothedCrossEntropy(x, classes(batch), nothing(batch, TIME), 0.1),
      (x, batch) -> Losses.binaryCrossEntropy(x, Tensor.ones(x.dtype(), batch, TIME, 4), nothing(batch, TIME, 4)),
      (x, batch) -> Losses.huber(x, Tensor.ones(x.dtype(), batch, TIME, 4), nothing(batch, TIME, 4), 1),
      (x, batch) -> Losses.meanSquaredError(
          x, x.tape().constant(Tensor.ones(x.dtype(), batch, TIME, 4)), nothing(batch, TIME, 4)),
      (x, batch) -> Losses.ctc(x, Tensor.zeros(DType.INT32, batch, 1), new int[batch], new int[batch], 3));

  /// Of `[0, TIME, 4]`.
  private static final List<Loss> LOSSES_WITHOUT_MASK = List.of(
      (x, batch) -> Losses.crossEntropy(x, classes(0)),
      (x, batch) -> Losses.smoothedCrossEntropy(x, classes(0), 0.1),
      (x, batch) -> Losses.crossEntropies(x, classes(0)).sum(),
      (x, batch) -> Losses.binaryCrossEntropy(x, x.value().copy()),
      (x, batch) -> Losses.huber(x, x.value().copy(), 1),
      (x, batch) -> Losses.meanSquaredError(x, x.tape().constant(x.value().copy())));

  @Test
  void lossesOverNothingHaveGradientsOfZero() {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      for (int batch : new int[] {0, 2}) {
        LOSSES.forEach(loss -> checkLoss(loss, dtype, batch));
      }
      LOSSES_WITHOUT_MASK.forEach(loss -> checkLoss(loss, dtype, 0));
    }
  }

  private static void checkLoss(Loss loss, DType dtype, int batch) {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.ones(dtype, batch, TIME, 4));
      Variable value = loss.of(x, batch);
      assertThat(value.item()).isZero();
      assertThat(tape.gradients(value).of(x)).isEqualTo(Tensor.zeros(dtype, batch, TIME, 4));
    }
  }
}
