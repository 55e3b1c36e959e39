package dev.rewind.nn.fused;

import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;

/// The rows of a FLOAT32 tensor, those of `[a, b, n]` one after another: where each begins in the array. Within they
/// have no gaps.
///
/// @param outer from one `a` to the next
/// @param inner from one `b` to the next, of which there are `count`
record Rows(float[] array, int offset, int outer, int inner, int count) {
  /// Those of a matrix or of `[a, b, n]` as they are if there are no gaps within, otherwise those of a copy.
  static Rows of(Tensor x) {
    Tensor rows = x.rank() == 2 ? x.unsqueeze(0) : x.rank() == 3 ? x : x.reshape(1, -1, x.size(-1));
    rows = RawAccess.stride(rows, 2) == 1 ? rows : rows.contiguous();
    return new Rows(RawAccess.floats(rows), RawAccess.offset(rows), RawAccess.stride(rows, 0),
        RawAccess.stride(rows, 1), rows.size(1));
  }

  /// Works on the rows `[from, to)`.
  interface Part {
    void run(int from, int to);
  }

  /// Shares `rows` out over threads in parts of `size`.
  static void forEach(int rows, int size, Part part) {
    Threads.forEach((rows + size - 1) / size, k -> part.run(k * size, Math.min(rows, (k + 1) * size)));
  }

  int at(int row) {
    return at(row / count, row % count);
  }

  int at(int a, int b) {
    return offset + a * outer + b * inner;
  }
}
