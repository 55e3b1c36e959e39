package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MinGruCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Reading symbols against reading their vectors.
class ScanSymbolsTest {
  private static final int BATCH = 3;
  private static final int TIME = 5;
  private static final int SIZE = 4;

  private static Tensor ids(int symbols) {
    return Tensor.integers(Rng.of(3), symbols, BATCH, TIME);
  }

  /// The cells that can multiply a table; one of them under another, as in a char-RNN.
  enum Kind {
    LSTM, GRU, TANH, RELU, PEEPHOLE, MIN_GRU;

    Cell<?> make() {
      return switch (this) {
        case LSTM -> new StackedCell<>(List.of(new LstmCell(SIZE, 17, Rng.of(1)), new LstmCell(17, 6, Rng.of(2))), 0);
        case GRU -> new GruCell(SIZE, 17, Rng.of(1));
        case TANH -> new RnnCell(SIZE, 17, Rng.of(1));
        case PEEPHOLE -> new PeepholeLstmCell(SIZE, 17, Rng.of(1));
        case MIN_GRU -> new MinGruCell(SIZE, 17, Rng.of(1));
        case RELU -> new RnnCell(SIZE, 17, RnnCell.Nonlinearity.RELU, Rng.of(1));
      };
    }
  }

  /// Outputs, then the gradients of the embedding and all parameters of a loss of outputs and last state.
  private static <S extends State<S>> List<Tensor> results(
      Cell<S> cell, Embedding embedding, boolean symbols, int[] lengths) {
    Tensor ids = ids(embedding.weight().value().size(0));
    try (Tape tape = Tape.recording()) {
      S state = cell.initialState(tape, BATCH);
      Scanned<S> run = symbols
          ? Recurrence.scanSymbols(cell, embedding.table(tape), ids, state, lengths)
          : Recurrence.scan(cell, embedding.forward(tape.constant(ids)), state, lengths);
      Variable loss = run.outputs().square().sum();
      for (Variable leaf : run.state().leaves()) {
        loss = loss.plus(leaf.sum());
      }
      List<Tensor> results = new ArrayList<>(List.of(run.outputs().value()));
      Gradients gradients = tape.gradients(loss);
      results.add(gradients.of(embedding.weight()));
      ((Block) cell).parameters().forEach(p -> results.add(gradients.of(p)));
      return results;
    }
  }

  /// Tables smaller and larger than the number of positions.
  @ParameterizedTest
  @EnumSource
  void equalsTheScanOfTheVectors(Kind kind) {
    for (int symbols : new int[] {1, 7, 14, 15, 40}) {
      Embedding embedding = new Embedding(symbols, SIZE, Rng.of(4));
      for (int[] lengths : new int[][] {{TIME, TIME, TIME}, {2, 0, TIME}, {1, 4, 3}}) {
        List<Tensor> read = results(kind.make(), embedding, true, lengths);
        List<Tensor> looked = results(kind.make(), embedding, false, lengths);
        assertThat(read.getFirst()).isEqualTo(looked.getFirst()); // one order of sums: the same bits
        for (int i = 1; i < read.size(); i++) {
          assertThat(read.get(i).allClose(looked.get(i), 1e-4, 1e-5))
              .overridingErrorMessage("%d symbols, result %d: %s",
                  symbols, i, read.get(i).describeDifference(looked.get(i), 1e-4, 1e-5))
              .isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPaddingSymbolIsAZeroVectorAndLearnsNothing(Kind kind) {
    Embedding embedding = Embedding.withPadding(6, SIZE, 2, Rng.of(4));
    embedding.weight().value().select(0, 2).fill(9); // must not matter
    int[] full = {TIME, TIME, TIME};
    List<Tensor> read = results(kind.make(), embedding, true, full);
    assertThat(read.getFirst()).isEqualTo(results(kind.make(), embedding, false, full).getFirst());
    assertThat(read.get(1).select(0, 2)).isEqualTo(Tensor.zeros(DType.FLOAT32, SIZE));
  }

  @ParameterizedTest
  @EnumSource
  void secondDerivativesGoBackToTheSteps(Kind kind) {
    Tensor fused = penalty(TapeOptions.defaults(), kind.make());
    Tensor stepByStep = penalty(TapeOptions.defaults().withObserver((name, value) -> {}), kind.make());
    assertThat(fused.allClose(stepByStep, 1e-4, 1e-5)).isTrue();
    assertThat(stepByStep.abs().max().item()).isGreaterThan(0.01);
  }

  private static <S extends State<S>> Tensor penalty(TapeOptions options, Cell<S> cell) {
    try (Tape tape = Tape.recording(options)) {
      Variable table = tape.watch(Tensor.normal(Rng.of(5), DType.FLOAT32, 0, 1, 6, SIZE));
      Variable y = Recurrence.scanSymbols(cell, table, ids(6), cell.initialState(tape, BATCH)).outputs().square().sum();
      Variable derivative = tape.differentiate(y, table);
      return tape.gradients(derivative.square().sum()).of(((Block) cell).parameters().getFirst());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNoSymbolIsRefusedUnlessItIsPadding(Kind kind) {
    refuses(kind.make());
  }

  private static <S extends State<S>> void refuses(Cell<S> cell) {
    try (Tape tape = Tape.inference()) {
      Variable table = tape.constant(Tensor.ones(DType.FLOAT32, 3, SIZE));
      Tensor bad = Tensor.of(new int[] {0, 1, 2, 0, -4, 1}, 2, 3);
      S state = cell.initialState(tape, 2);
      assertThatThrownBy(() -> Recurrence.scanSymbols(cell, table, bad, state))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("scanSymbols: id -4 at [1, 1] is not in [0, 3)");
      assertThatThrownBy(() -> Recurrence.scanSymbols(cell, table, bad.to(DType.FLOAT32), state))
          .hasMessage("scanSymbols: ids are INT32, not FLOAT32");
      assertThat(Recurrence.scanSymbols(cell, table, bad, state, new int[] {3, 1}).outputs().size(1)).isEqualTo(3);
      assertThatThrownBy(() -> Recurrence.scanSymbols(cell, table.transpose(), bad, state))
          .isInstanceOf(ShapeException.class)
          .hasMessage("scanSymbols: " + cell.getClass().getSimpleName()
              + " wants a table [symbols, 4] and ids [batch, time >= 1], not [4, 3] and [2, 3]");
    }
  }
}
