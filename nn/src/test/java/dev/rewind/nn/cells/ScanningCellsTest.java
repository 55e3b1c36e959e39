package dev.rewind.nn.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.CellCheck;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Cells that compute many steps at once, and others whose step is not that of an LSTM.
class ScanningCellsTest {
  static Stream<Cell<?>> cells() {
    return Stream.of(new MLstmCell(3, 4, 2, Rng.of(1)), new LruCell(3, 2, 5, 0.9, 0.999, 0.3, Rng.of(2)),
        new QrnnCell(2, 3, 4, Rng.of(3)), new SelectiveScanCell(3, 2, Rng.of(4)),
        new ConvLstmCell(3, 2, 2, 3, Rng.of(5)));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void theyKeepWhatACellPromises(Cell<?> cell) {
    check(cell);
  }

  private static <S extends State<S>> void check(Cell<S> cell) {
    CellCheck.of(cell).run().assertPasses();
    CellCheck.of(cell).steps(4).lengths(3, 0, 4).run().assertPasses();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void aBatchOfNoSequencesHasGradientsOfZero(Cell<?> cell) {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.constant(Tensor.zeros(DType.FLOAT32, 0, 3, cell.inputSize()));
      Variable y = Recurrence.scan(cell, x).outputs();
      assertThat(y.shape().sizes()).containsExactly(0, 3, cell.outputSize());
      Gradients gradients = tape.gradients(y.sum());
      ((Block) cell).parameters().forEach(p -> assertThat(gradients.of(p).equalTo(0).all().item()).isEqualTo(1));
    }
  }

  /// The second forgets nearly all at each step.
  static Stream<Cell<?>> scanning() {
    MLstmCell forgetful = new MLstmCell(3, 4, 2, Rng.of(2));
    forgetful.namedParameters().get("input.bias").value().slice(0, 18, 20).fill(-1000.3);
    return Stream.of(new MLstmCell(3, 4, 2, Rng.of(1)), forgetful, new QrnnCell(2, 3, 4, Rng.of(3)));
  }

  /// More steps than are computed at once, and sequences that end on both sides of the border: outputs, last states and
  /// gradients.
  @ParameterizedTest
  @MethodSource("scanning")
  void longSequencesAreWhatTheirStepsAre(Cell<?> cell) {
    for (DType dtype : new DType[] {DType.FLOAT64, DType.FLOAT32}) {
      List<Tensor> whole = results(cell, dtype, TapeOptions.defaults());
      List<Tensor> steps = results(cell, dtype, TapeOptions.defaults().withObserver((_, _) -> {}));
      for (int k = 0; k < whole.size(); k++) {
        Tensor expected = steps.get(k);
        double size = Math.max(1, expected.abs().max().item());
        double tolerance = size * (dtype == DType.FLOAT64 ? 1e-12 : 1e-4);
        assertThat(whole.get(k).allClose(expected, 0, tolerance)).as("%s, %d", cell, k).isTrue();
      }
    }
  }

  private static <S extends State<S>> List<Tensor> results(Cell<S> cell, DType dtype, TapeOptions options) {
    int[] lengths = {150, 64, 65, 0, 32, 1};
    Tensor x = Tensor.normal(Rng.of(6), dtype, 0, 1, lengths.length, 150, cell.inputSize());
    try (Tape tape = Tape.recording(options.withDType(dtype))) {
      Variable inputs = tape.watch(x);
      Scanned<S> run = Recurrence.scan(cell, inputs, lengths);
      List<Tensor> all = new ArrayList<>(run.variables().stream().map(Variable::value).toList());
      Variable loss = run.outputs().square().sum();
      for (Variable leaf : run.state().leaves()) {
        loss = loss.plus(leaf.square().sum());
      }
      Gradients gradients = tape.gradients(loss);
      all.add(gradients.of(inputs));
      ((Block) cell).parameters().forEach(p -> all.add(gradients.of(p)));
      return all;
    }
  }

  /// One unit; `q`, `k` and `v` are 1, as is the output gate nearly, so that the output is the sum of what was let in
  /// over its size, or over 1.
  @Test
  void anMLstmNeverOverflows() {
    MLstmCell cell = new MLstmCell(1, 1, 1, Rng.of(1));
    for (boolean atOnce : new boolean[] {true, false}) {
      for (double forget : new double[] {-1000, 0, 1000}) {
        cell.load(Map.of("input.weight", Tensor.of(new float[] {0, 0, 0, 0, 1, 0}, 6, 1),
            "input.bias", Tensor.of(new float[] {1, 1, 1, 50, 0, (float) forget})));
        for (double gate : new double[] {-1000, -100, 0, 100, 1000}) {
          TapeOptions options = TapeOptions.defaults();
          try (Tape tape = Tape.recording(atOnce ? options : options.withObserver((_, _) -> {}))) {
            Variable x = tape.watch(Tensor.full(DType.FLOAT32, gate, 1, 40, 1));
            Variable y = Recurrence.scan(cell, x).outputs();
            Tensor expected = Tensor.full(DType.FLOAT32, gate < 0 ? 0 : 1, 1, 40, 1);
            assertThat(y.value().allClose(expected, 1e-5, 1e-6)).as("%s, %s", forget, gate).isTrue();
            assertThat(tape.gradients(y.sum()).of(x).isFinite().all().item()).isEqualTo(1);
          }
        }
      }
    }
  }

  /// Without angles, decays of a half and weights of 1: the sum of half of what was and the input, by hand.
  @Test
  void anLruWithoutTurnsIsADecay() {
    LruCell cell = new LruCell(1, 1, 1, Rng.of(1));
    cell.load(Map.of("nu_log", Tensor.of(new float[] {(float) Math.log(Math.log(2))}), "theta_log",
        Tensor.of(new float[] {-100}), "gamma_log", Tensor.of(new float[] {0}), "weight_ih",
        Tensor.of(new float[] {1, 0}, 2, 1), "weight_ho", Tensor.of(new float[] {1, 0}, 1, 2), "weight_io",
        Tensor.of(new float[] {0}, 1, 1)));
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(Tensor.of(new float[] {4, 0, 1}, 1, 3, 1));
      Tensor y = Recurrence.scan(cell, x).outputs().value();
      assertThat(y.allClose(Tensor.of(new float[] {4, 2, 2}, 1, 3, 1), 1e-6, 1e-6)).isTrue();
    }
  }

  @Test
  void drawnStatesDecayAndTurnWithinTheirLimits() {
    LruCell cell = new LruCell(2, 3, 1000, 0.9, 0.99, 0.5, Rng.of(1));
    double[] r = cell.state().get("nu_log").exp().negate().exp().toDoubles();
    assertThat(Arrays.stream(r).min().orElseThrow()).isBetween(0.9 - 1e-6, 0.91);
    assertThat(Arrays.stream(r).max().orElseThrow()).isBetween(0.98, 0.99 + 1e-6);
    assertThat(cell.state().get("theta_log").exp().max().item()).isBetween(0.45, 0.5 + 1e-6);
    Tensor gamma = cell.state().get("gamma_log").exp().square();
    assertThat(gamma.plus(Tensor.of(Arrays.stream(r).map(v -> v * v).toArray()).to(DType.FLOAT32))
        .allClose(Tensor.ones(DType.FLOAT32, 1000), 0, 1e-5)).isTrue();
    for (double value : new SelectiveScanCell(64, 2, Rng.of(1)).state().get("dt_proj.bias").toDoubles()) {
      assertThat(Math.log1p(Math.exp(value))).isBetween(0.00099, 0.101);
    }
  }

  /// No memory of a rewired LSTM leaves `[-1, 1]`, whatever is read.
  @Test
  void aRewiredLstmIsBounded() {
    RewiredLstmCell cell = new RewiredLstmCell(3, 7, Rng.of(1));
    cell.parameters().forEach(p -> p.value().timesInPlace(20));
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 3, 5, 60, 3));
      assertThat(Recurrence.scan(cell, x).state().c().value().abs().max().item()).isLessThan(1 + 1e-5);
    }
  }

  @Test
  void wrongSizesAreNamed() {
    Rng rng = Rng.of(1);
    assertThatIllegalArgumentException().isThrownBy(() -> new MLstmCell(2, 4, 3, rng))
        .withMessage("MLstmCell: 3 heads do not divide 4 units");
    assertThatIllegalArgumentException().isThrownBy(() -> new MLstmCell(2, 4, 0, rng))
        .withMessage("MLstmCell: the number of heads must be at least 1, not 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new QrnnCell(2, 4, 1, rng))
        .withMessage("QrnnCell: the number of inputs before must be at least 1, not 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new LruCell(2, 4, 0, rng))
        .withMessage("LruCell: the number of states must be at least 1, not 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new LruCell(2, 4, 3, 0.9, 0.8, 1, rng)).withMessage(
        "LruCell: wants 0 <= least < most <= 1 and an angle in (0, 2 pi], not 0.9, 0.8 and 1.0");
    assertThatIllegalArgumentException().isThrownBy(() -> new SelectiveScanCell(2, 0, rng))
        .withMessage("SelectiveScanCell: the number of states must be at least 1, not 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new ConvLstmCell(3, 2, 2, 2, rng))
        .withMessage("ConvLstmCell: the width must be odd and at least 1, not 2");
  }
}
