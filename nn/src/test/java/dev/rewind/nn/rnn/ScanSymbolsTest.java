package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Embedding;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Reading symbols against reading their vectors.
class ScanSymbolsTest {
  private static final int BATCH = 3;
  private static final int TIME = 5;
  private static final int SIZE = 4;

  private static Tensor ids(int symbols) {
    return Tensor.integers(Rng.of(3), symbols, BATCH, TIME);
  }

  private static StackedCell<LstmState> stack() {
    return new StackedCell<>(
        List.of(new LstmCell(SIZE, 17, Rng.of(1)), new LstmCell(17, 6, Rng.of(2))), 0);
  }

  /// Outputs, then the gradients of the embedding and all parameters of a loss of outputs and last state.
  private static List<Tensor> results(
      TapeOptions options, StackedCell<LstmState> cell, Embedding embedding, boolean symbols, int[] lengths) {
    Tensor ids = ids(embedding.weight().value().size(0));
    try (Tape tape = Tape.recording(options)) {
      StackedState<LstmState> state = cell.initialState(tape, BATCH);
      Scanned<StackedState<LstmState>> run = symbols
          ? Recurrence.scanSymbols(cell, embedding.table(tape), ids, state, lengths)
          : Recurrence.scan(cell, embedding.forward(tape.constant(ids)), state, lengths);
      Variable loss = run.outputs().square().sum();
      for (Variable leaf : run.state().leaves()) {
        loss = loss.plus(leaf.sum());
      }
      List<Tensor> results = new ArrayList<>(List.of(run.outputs().value()));
      Gradients gradients = tape.gradients(loss);
      results.add(gradients.of(embedding.weight()));
      cell.parameters().forEach(p -> results.add(gradients.of(p)));
      return results;
    }
  }

  /// Tables smaller and larger than the number of positions.
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 14, 15, 40})
  void equalsTheScanOfTheVectors(int symbols) {
    Embedding embedding = new Embedding(symbols, SIZE, Rng.of(4));
    for (int[] lengths : new int[][] {{TIME, TIME, TIME}, {2, 0, TIME}, {1, 4, 3}}) {
      List<Tensor> read = results(TapeOptions.defaults(), stack(), embedding, true, lengths);
      List<Tensor> looked = results(TapeOptions.defaults(), stack(), embedding, false, lengths);
      assertThat(read.getFirst()).isEqualTo(looked.getFirst()); // one order of sums: the same bits
      for (int i = 1; i < read.size(); i++) {
        assertThat(read.get(i).allClose(looked.get(i), 1e-4, 1e-5))
            .overridingErrorMessage("result %d: %s", i, read.get(i).describeDifference(looked.get(i), 1e-4, 1e-5)).isTrue();
      }
    }
  }

  @Test
  void aPaddingSymbolIsAZeroVectorAndLearnsNothing() {
    Embedding embedding = Embedding.withPadding(6, SIZE, 2, Rng.of(4));
    embedding.weight().value().select(0, 2).fill(9); // must not matter
    int[] full = {TIME, TIME, TIME};
    List<Tensor> read = results(TapeOptions.defaults(), stack(), embedding, true, full);
    assertThat(read.getFirst()).isEqualTo(results(TapeOptions.defaults(), stack(), embedding, false, full).getFirst());
    assertThat(read.get(1).select(0, 2)).isEqualTo(Tensor.zeros(DType.FLOAT32, SIZE));
  }

  @Test
  void secondDerivativesGoBackToTheSteps() {
    List<Tensor> penalties = new ArrayList<>();
    for (TapeOptions options : List.of(TapeOptions.defaults(), TapeOptions.defaults().withObserver((name, value) -> {}))) {
      StackedCell<LstmState> cell = stack();
      try (Tape tape = Tape.recording(options)) {
        Variable table = tape.watch(Tensor.normal(Rng.of(5), DType.FLOAT32, 0, 1, 6, SIZE));
        Variable y = Recurrence.scanSymbols(cell, table, ids(6), cell.initialState(tape, BATCH)).outputs().square().sum();
        Variable slope = tape.differentiate(y, table);
        penalties.add(tape.gradients(slope.square().sum()).of(cell.parameters().getFirst()));
      }
    }
    assertThat(penalties.get(0).allClose(penalties.get(1), 1e-4, 1e-5)).isTrue();
  }

  @Test
  void whatIsNoSymbolIsRefusedUnlessItIsPadding() {
    LstmCell cell = new LstmCell(SIZE, 5, Rng.of(1));
    try (Tape tape = Tape.inference()) {
      Variable table = tape.constant(Tensor.ones(DType.FLOAT32, 3, SIZE));
      Tensor bad = Tensor.of(new int[] {0, 1, 2, 0, -4, 1}, 2, 3);
      LstmState state = cell.initialState(tape, 2);
      assertThatThrownBy(() -> Recurrence.scanSymbols(cell, table, bad, state))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("scanSymbols: the id -4 at [1, 1] is not one of 3 symbols");
      assertThat(Recurrence.scanSymbols(cell, table, bad, state, new int[] {3, 1}).outputs().size(1)).isEqualTo(3);
      assertThatThrownBy(() -> Recurrence.scanSymbols(cell, table.transpose(), bad, state))
          .isInstanceOf(ShapeException.class)
          .hasMessage("scanSymbols: wants a table [symbols, 4] and ids [batch, time >= 1], not [4, 3] and [2, 3]");
    }
  }
}
