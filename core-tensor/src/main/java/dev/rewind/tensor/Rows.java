package dev.rewind.tensor;

import dev.rewind.tensor.kernel.thread.ThreadPool;

/// A walk over operands of one shape, row by row, where a row is as long as their strides allow: axes that run into one
/// another in every operand are merged. Large walks are split over the worker threads; since each element
/// depends on elements alone, the result does not depend on how.
final class Rows {
  /// Elements below which a walk is not worth splitting.
  static final int PARALLEL_ELEMENTS = 1 << 16;

  private static final int BLOCK = 1 << 14;

  /// Works on `n` elements: those of operand `k` are at `at[k]`, `at[k] + stride(k)`, and so on.
  interface Body {
    void row(int[] at, int n);
  }

  final int[] sizes; // of the merged axes; the first `rank` of them
  final int[][] strides;
  private final int[] starts;
  final int rank;

  private Rows(int[] sizes, int[][] strides, int[] starts, int rank) {
    this.sizes = sizes;
    this.strides = strides;
    this.starts = starts;
    this.rank = rank;
  }

  /// A walk over operands that all have the first one's shape.
  static Rows of(Layout... operands) {
    Shape shape = operands[0].shape();
    int[] sizes = new int[Math.max(1, shape.rank())];
    int[][] strides = new int[operands.length][sizes.length];
    int[] starts = new int[operands.length];
    for (int k = 0; k < operands.length; k++) {
      starts[k] = operands[k].offset();
    }
    int rank = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      int size = shape.at(axis);
      if (size == 1) {
        continue;
      }
      boolean merges = rank > 0;
      for (int k = 0; k < operands.length && merges; k++) {
        merges = strides[k][rank - 1] == (long) operands[k].strides()[axis] * size;
      }
      int target = merges ? rank - 1 : rank++;
      sizes[target] = merges ? sizes[target] * size : size;
      for (int k = 0; k < operands.length; k++) {
        strides[k][target] = operands[k].strides()[axis];
      }
    }
    if (rank == 0) {   // a single element has any stride; kernels are fastest with 1
      sizes[0] = 1;
      for (int[] stride : strides) {
        stride[0] = 1;
      }
      rank = 1;
    }
    return new Rows(sizes, strides, starts, rank);
  }

  /// The step from one element of a row to the next in operand `k`.
  int stride(int k) {
    return strides[k][rank - 1];
  }

  /// The elements of a row.
  int length() {
    return sizes[rank - 1];
  }

  /// The number of rows.
  int count() {
    int rows = 1;
    for (int axis = 0; axis < rank - 1; axis++) {
      rows *= sizes[axis];
    }
    return rows;
  }

  void run(Body body) {
    run(1, 1, body);
  }

  /// @param weight the work for an element, compared with that of a copy
  /// @param least the elements of a part of a row, at least
  void run(int weight, int least, Body body) {
    int length = length();
    int rows = count();
    if ((long) rows * length * weight < PARALLEL_ELEMENTS) {
      if (rows > 0 && length > 0 && weight > 0) {
        walk(body, 0, rows);
      }
      return;
    }
    int part = Math.max(least, BLOCK / weight);
    if (length < 2 * part) {
      ThreadPool.forRanges(rows, Math.max(1, part / length), (from, to) -> walk(body, from, to));
    } else {
      int parts = (length - 1) / part + 1;
      ThreadPool.forEach(rows * parts, task -> {
        int from = task % parts * part;
        int[] at = start(task / parts, new int[starts.length]);
        for (int k = 0; k < at.length; k++) {
          at[k] += from * stride(k);
        }
        body.row(at, Math.min(part, length - from));
      });
    }
  }

  /// Writes where a row begins in each operand.
  private int[] start(int row, int[] at) {
    System.arraycopy(starts, 0, at, 0, at.length);
    for (int axis = rank - 2; axis >= 0; axis--) {
      int index = row % sizes[axis];
      row /= sizes[axis];
      for (int k = 0; k < at.length; k++) {
        at[k] += index * strides[k][axis];
      }
    }
    return at;
  }

  private void walk(Body body, int from, int to) {
    int length = length();
    int inner = rank == 1 ? 1 : sizes[rank - 2]; // rows that follow one another in constant steps
    int[] at = start(from, new int[starts.length]);
    for (int row = from; row < to;) {
      body.row(at, length);
      row++;
      if (row % inner == 0) {
        start(row, at);
      } else {
        for (int k = 0; k < at.length; k++) {
          at[k] += strides[k][rank - 2];
        }
      }
    }
  }
}
