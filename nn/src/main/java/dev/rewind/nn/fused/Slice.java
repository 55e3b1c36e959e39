package dev.rewind.nn.fused;

import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;

/// An array and where the elements in question begin; they have no gaps.
record Slice(float[] array, int offset) {
  /// The elements of a FLOAT32 tensor, copied if it has gaps.
  static Slice of(Tensor tensor) {
    Tensor row = tensor.contiguous();
    return new Slice(RawAccess.floats(row), RawAccess.offset(row));
  }
}
