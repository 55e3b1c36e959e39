package dev.rewind.nn.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.nn.Block;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Unrolled;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CellsTest {
  private static final int BATCH = 2;
  private static final int STEPS = 3;
  private static final int INPUTS = 4;
  private static final int HIDDEN = 5;

  private static Tensor inputs() {
    return Tensor.normal(Rng.of(5), DType.FLOAT64, 0, 1, BATCH, STEPS, INPUTS);
  }

  private static <S extends State<S>, C extends Block & Cell<S>> void checkGradients(C cell) {
    cell.parameters().forEach(p -> p.value().plusInPlace(
        Tensor.normal(Rng.of(6), DType.FLOAT32, 0, 0.3, p.value().shape().sizes()))); // biases away from zero
    Tape shapes = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64));
    List<Tensor> at = new ArrayList<>(List.of(inputs()));
    cell.initialState(shapes, BATCH).leaves().forEach(
        leaf -> at.add(Tensor.normal(Rng.of(7), DType.FLOAT64, 0, 1, leaf.shape().sizes())));
    GradientCheck.ofMany(xs -> {
      S start = cell.initialState(xs.getFirst().tape(), BATCH).withLeaves(xs.subList(1, xs.size()));
      Scanned<S> run = Recurrence.scan(cell, xs.getFirst(), start);
      Variable outputs = run.outputs().reshape(-1);
      List<Variable> all = new ArrayList<>(List.of(outputs));
      run.state().leaves().forEach(leaf -> all.add(leaf.reshape(-1)));
      return Variable.concat(0, all);
    }).at(at.toArray(Tensor[]::new)).withParameters(cell.parameters()).secondOrder().run().assertPasses();
  }

  @Test
  void gradientsOfEveryCellAgreeWithNumericalOnes() {
    checkGradients(new RnnCell(INPUTS, HIDDEN, Rng.of(1)));
    checkGradients(new GruCell(INPUTS, HIDDEN, Rng.of(2)));
    checkGradients(new LstmCell(INPUTS, HIDDEN, Rng.of(3)));
    checkGradients(new StackedCell<>(
        List.of(new LstmCell(INPUTS, HIDDEN, Rng.of(3)), new LstmCell(HIDDEN, 3, Rng.of(4))), 0));
  }

  /// The recurrence of an LSTM in plain loops, written from its formulas.
  @Test
  void listFormOfTheLstmAgreesWithPlainLoops() {
    LstmCell cell = new LstmCell(INPUTS, HIDDEN, Rng.of(3));
    Tensor x = inputs();
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      List<Variable> list = tape.constant(x).split(1, STEPS).stream().map(v -> v.squeeze(1)).toList();
      Unrolled<LstmState> run = Recurrence.unroll(cell, list, cell.initialState(tape, BATCH));
      Map<String, Param> weights = cell.namedParameters();
      for (int b = 0; b < BATCH; b++) {
        double[] h = new double[HIDDEN];
        double[] c = new double[HIDDEN];
        for (int t = 0; t < STEPS; t++) {
          double[] gates = gates(weights, x, b, t, h);
          for (int j = 0; j < HIDDEN; j++) {
            c[j] = logistic(gates[HIDDEN + j]) * c[j] + logistic(gates[j]) * Math.tanh(gates[2 * HIDDEN + j]);
            h[j] = logistic(gates[3 * HIDDEN + j]) * Math.tanh(c[j]);
            assertThat(run.outputs().get(t).value().at(b, j)).isCloseTo(h[j], within(1e-14));
          }
        }
        assertThat(run.state().c().value().at(b, 0)).isCloseTo(c[0], within(1e-14));
      }
    }
  }

  private static double[] gates(Map<String, Param> weights, Tensor x, int b, int t, double[] h) {
    double[] gates = new double[4 * HIDDEN];
    for (int row = 0; row < gates.length; row++) {
      gates[row] = weights.get("bias").value().at(row);
      for (int k = 0; k < INPUTS; k++) {
        gates[row] += weights.get("weight_ih").value().at(row, k) * x.at(b, t, k);
      }
      for (int k = 0; k < HIDDEN; k++) {
        gates[row] += weights.get("weight_hh").value().at(row, k) * h[k];
      }
    }
    return gates;
  }

  private static double logistic(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void statesAreCarriedWithoutGradient() {
    LstmCell cell = new LstmCell(INPUTS, HIDDEN, Rng.of(3));
    StackedCell<LstmState> stack = new StackedCell<>(List.of(cell, new LstmCell(HIDDEN, 2, Rng.of(4))), 0);
    try (Tape first = Tape.recording(); Tape second = Tape.recording()) {
      Variable x = first.constant(inputs().to(DType.FLOAT32));
      StackedState<LstmState> state = Recurrence.scan(stack, x, stack.initialState(first, BATCH)).state();
      StackedState<LstmState> carried = state.on(second);
      assertThat(carried.names()).containsExactly("0.h", "0.c", "1.h", "1.c");
      assertThat(carried.leaves()).allMatch(leaf -> !leaf.isTracked() && leaf.tape() == second);
      assertThat(carried.layers().get(1).c().value()).isEqualTo(state.layers().get(1).c().value());
    }
  }

  @Test
  void observersSeeTheGates() {
    Map<String, Tensor> seen = new TreeMap<>();
    LstmCell cell = new LstmCell(INPUTS, HIDDEN, Rng.of(3));
    try (Tape tape = Tape.inference(TapeOptions.defaults().withObserver(seen::put))) {
      Recurrence.scan(cell, tape.constant(inputs().to(DType.FLOAT32)), cell.initialState(tape, BATCH));
    }
    assertThat(seen.keySet()).containsExactly("c", "f", "g", "h", "i", "o");
    assertThat(seen.get("f").shape().sizes()).containsExactly(BATCH, HIDDEN);
  }

  @Test
  void repeatedCellsAndSizesThatDoNotFitAreRefused() {
    LstmCell cell = new LstmCell(HIDDEN, HIDDEN, Rng.of(3));
    assertThatIllegalArgumentException().isThrownBy(() -> new StackedCell<>(List.of(cell, cell), 0))
        .withMessageContaining("layer 1 is a cell that is already in it");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StackedCell<>(List.of(cell, new LstmCell(4, 4, Rng.of(1))), 0))
        .withMessageContaining("reads vectors of 4, layer 0 gives 5");
    try (Tape tape = Tape.inference()) {
      assertThatIllegalArgumentException().isThrownBy(() -> Recurrence.unroll(cell,
          List.of(tape.constant(Tensor.zeros(DType.FLOAT32, 2, 3))), cell.initialState(tape, 2)))
          .withMessageContaining("wants inputs [batch, 5], not [2, 3]");
    }
  }

  @Test
  void parameterCountOfTheTutorialsModel() {
    int count = 0;
    for (int layer = 0; layer < 3; layer++) {
      count += (int) new LstmCell(100, 100, Rng.of(layer)).parameterCount();
    }
    assertThat(count + 65 * 100 + 100 * 65 + 65).isEqualTo(254_265);
  }
}
