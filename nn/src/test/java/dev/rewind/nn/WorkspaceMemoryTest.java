package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.Workspace;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MinGruCell;
import dev.rewind.nn.cells.MixtureCell;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Batches of ever other sizes on one workspace.
class WorkspaceMemoryTest {
  private static final int SHAPES = 1000;
  private static final long MEGABYTE = 1 << 20;

  static List<Cell<?>> cells() {
    Rng rng = Rng.of(1);
    return List.of(new LstmCell(12, 24, rng), new MinGruCell(12, 24, rng), new MixtureCell(12, 24, 2, rng));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void memoryDoesNotGrowWithTheNumberOfShapesThatWereMet(Cell<?> cell) {
    requireBounded(cell, TapeOptions.defaults());
  }

  @ParameterizedTest
  @MethodSource("cells")
  void neitherDoesTheMemoryOfValuesThatAreReused(Cell<?> cell) {
    requireBounded(cell, TapeOptions.defaults().reusingValues());
  }

  private static void requireBounded(Cell<?> cell, TapeOptions options) {
    trainOn(cell, 0, 5, options);
    long before = used();
    trainOn(cell, 5, SHAPES, options);
    assertThat(used() - before).isLessThan(20 * MEGABYTE); // buffers of all shapes would take hundreds
    assertThat(options.workspace().toString()).matches("workspace of \\d{1,2} idle buffers");
  }

  /// As in a service, which keeps one tape open.
  @ParameterizedTest
  @MethodSource("cells")
  void neitherDoesItOnOneTapeForInference(Cell<?> cell) {
    Workspace workspace = new Workspace();
    try (Tape tape = Tape.inference(TapeOptions.defaults().withWorkspace(workspace))) {
      readOn(cell, 0, 5, tape);
      long before = used();
      readOn(cell, 5, SHAPES, tape);
      assertThat(used() - before).isLessThan(20 * MEGABYTE);
      assertThat(workspace.toString()).matches("workspace of \\d{1,2} idle buffers");
    }
  }

  private static <S extends State<S>> void readOn(Cell<S> cell, int from, int to, Tape tape) {
    for (int i = from; i < to; i++) {
      int batch = 1 + i % 37;
      Variable x = tape.constant(Tensor.ones(DType.FLOAT32, batch, 1 + i / 37, cell.inputSize()));
      Recurrence.scan(cell, x, cell.initialState(tape, batch));
    }
  }

  private static <S extends State<S>> void trainOn(Cell<S> cell, int from, int to, TapeOptions options) {
    for (int i = from; i < to; i++) {
      int batch = 1 + i % 37;
      int steps = 1 + i / 37;
      try (Tape tape = Tape.recording(options)) {
        Variable x = tape.watch(Tensor.ones(DType.FLOAT32, batch, steps, cell.inputSize()));
        tape.gradients(Recurrence.scan(cell, x, cell.initialState(tape, batch)).outputs().sum());
      }
    }
  }

  private static long used() {
    System.gc();
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
