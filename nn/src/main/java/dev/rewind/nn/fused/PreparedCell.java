package dev.rewind.nn.fused;

import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.product.MatrixKernels;
import dev.rewind.tensor.kernel.product.PackedPanels;

/// A cell made ready to be stepped through without gradients: its weights as they were then, laid out for steps.
/// Immutable, so that sessions on any threads share it; what changes is in their [CellRun]s.
public interface PreparedCell {
  /// A run of a number of rows, in the state before the first step.
  CellRun run(int rows);

  /// A weight `[n, k]` as the right operand `[k, n]` of products.
  static PackedPanels packed(MatrixKernels matrices, Tensor weight) {
    Tensor rows = weight.contiguous();
    int k = weight.size(1);
    return matrices.pack(RawAccess.floats(rows), RawAccess.offset(rows), 1, k, k, weight.size(0));
  }
}
