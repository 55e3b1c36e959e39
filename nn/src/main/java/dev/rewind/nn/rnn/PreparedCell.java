package dev.rewind.nn.rnn;

import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.product.MatrixKernels;
import dev.rewind.tensor.kernel.product.PackedPanels;

/// A cell made ready to be stepped through without gradients: its weights as they were then, laid out for steps.
/// Immutable, so that sessions on any threads share it; what changes is in their [CellRun]s.
sealed interface PreparedCell permits PreparedFused, PreparedAny {
  /// A cell in its fastest form.
  static PreparedCell of(Cell<?> cell) {
    return switch (cell) {
      case LstmCell lstm -> new PreparedFused(FusedKind.LSTM, lstm.state());
      case GruCell gru -> new PreparedFused(FusedKind.GRU, gru.state());
      case RnnCell rnn -> new PreparedFused(FusedKind.of(rnn.nonlinearity()), rnn.state());
      default -> PreparedAny.of(cell);
    };
  }

  /// A run of a number of rows, in the state before the first step.
  CellRun run(int rows);

  /// A weight `[n, k]` as the right operand `[k, n]` of products.
  static PackedPanels packed(MatrixKernels matrices, Tensor weight) {
    Tensor rows = weight.contiguous();
    int k = weight.size(1);
    return matrices.pack(RawAccess.floats(rows), RawAccess.offset(rows), 1, k, k, weight.size(0));
  }
}
