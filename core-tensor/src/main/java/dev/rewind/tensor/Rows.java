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

  private final int[] sizes;
  private final int[][] strides;
  private final int[] starts;
  private final int rank;

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

  private int count() {
    int rows = 1;
    for (int axis = 0; axis < rank - 1; axis++) {
      rows *= sizes[axis];
    }
    return rows;
  }

  void run(Body body) {
    int length = sizes[rank - 1];
    int rows = count();
    if (rows == 0 || length == 0) {
      return;
    }
    if ((long) rows * length < PARALLEL_ELEMENTS) {
      walk(body, 0, rows);
    } else if (length >= 2 * BLOCK) {
      splitRows(body, rows, length);
    } else {
      int perTask = Math.max(1, BLOCK / length);
      ThreadPool.forEach((rows - 1) / perTask + 1,
          task -> walk(body, task * perTask, task * perTask + Math.min(perTask, rows - task * perTask)));
    }
  }

  private void splitRows(Body body, int rows, int length) {
    int blocks = (length - 1) / BLOCK + 1;
    ThreadPool.forEach(rows * blocks, task -> {
      int from = task % blocks * BLOCK;
      int[] at = start(task / blocks);
      for (int k = 0; k < at.length; k++) {
        at[k] += from * stride(k);
      }
      body.row(at, Math.min(BLOCK, length - from));
    });
  }

  private int[] start(int row) {
    int[] at = starts.clone();
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
    int length = sizes[rank - 1];
    int[] index = new int[rank];
    int rest = from;
    for (int axis = rank - 2; axis >= 0; axis--) {
      index[axis] = rest % sizes[axis];
      rest /= sizes[axis];
    }
    int[] at = start(from);
    for (int row = from; row < to; row++) {
      body.row(at, length);
      for (int axis = rank - 2; axis >= 0; axis--) {
        boolean wraps = ++index[axis] == sizes[axis];
        for (int k = 0; k < at.length; k++) {
          at[k] += wraps ? -(sizes[axis] - 1) * strides[k][axis] : strides[k][axis];
        }
        if (!wraps) {
          break;
        }
        index[axis] = 0;
      }
    }
  }
}
