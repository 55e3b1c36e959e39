package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.MapKernels;
import dev.rewind.tensor.kernel.elementwise.Unary;

/// An operation of a [RowFusion]: `y = f(a)`, `y = f(a, b)` or `y += f(a, b)`, element by element, or `y = a m` or `y
/// += a m` with a packed matrix `m`.
///
/// @param function a [Unary], a [Binary], a [PackedMatrix] or [#COPY]
/// @param accumulates whether the result is added to `y`
record RowInstruction(Object function, boolean accumulates, Operand a, Operand b, Operand y) {
  static final Object COPY = "copy";

  /// Whether the kernels take operands with these strides.
  boolean fitsKernels() {
    if (isProduct()) {
      return y.step == 1;
    }
    boolean contiguous = y.step == 1 && a.step == 1 && b.step == 1;
    boolean strided = a.columns == y.columns && b.columns == y.columns && y.step != 0;
    return strided && (contiguous || !(function instanceof Unary) && !accumulates);
  }

  boolean isProduct() {
    return function instanceof PackedMatrix;
  }

  /// The operations on numbers that a row takes.
  long work() {
    return isProduct() ? 2L * a.columns * y.columns : 4L * y.columns;
  }

  /// The elements of a row of the result.
  int columns() {
    return y.columns;
  }

  /// Computes rows `[from, to)`.
  void run(int from, int to) {
    if (function instanceof PackedMatrix matrix) {
      matrix.multiply(a, y, from, to, accumulates);
    } else if (a.isGapless() && b.isGapless() && y.isGapless()) {
      map(from, (to - from) * y.columns);
    } else {
      for (int i = from; i < to; i++) {
        map(i, y.columns);
      }
    }
  }

  private void map(int row, int n) {
    MapKernels maps = Kernels.active().maps();
    int ao = a.offset + row * a.pitch;
    int bo = b.offset + row * b.pitch;
    int yo = y.offset + row * y.pitch;
    switch (function) {
      case Unary op -> maps.unary(op, a.array, ao, y.array, yo, n);
      case Binary op when accumulates -> maps.accumulate(op, a.array, ao, b.array, bo, y.array, yo, n);
      case Binary op -> Loops.binary(op, a.array, ao, a.step, b.array, bo, b.step, y.array, yo, y.step, n);
      default -> Loops.copy(a.array, ao, a.step, y.array, yo, y.step, n);
    }
  }

  /// A FLOAT32 tensor as the matrix `[rows, columns]` that a [RowFusion] sees: element `[i, j]` is at
  /// `offset + i * pitch + j * step` of the array.
  ///
  /// @param storage whose array it is; null for a copy of our own
  record Operand(Storage storage, float[] array, int offset, int pitch, int step, int columns) {

    /// The operand, or null if the tensor is of another dtype, has another number of rows, or rows of no single step.
    static Operand of(Tensor x, int rows) {
      Shape shape = x.shape();
      boolean fits = shape.rank() > 0 && shape.at(0) == rows && shape.elements() > 0;
      if (!fits || !(x.rawStorage().array() instanceof float[] floats)) {
        return null;
      }
      int[] strides = x.layout().strides();
      int step = 1;
      int columns = 1;
      for (int axis = shape.rank() - 1; axis > 0; axis--) {
        int size = shape.at(axis);
        if (size == 1) {
          continue;
        }
        if (columns == 1) {
          step = strides[axis];
        } else if (strides[axis] != columns * step) {
          return null;
        }
        columns *= size;
      }
      return new Operand(x.rawStorage(), floats, x.layout().offset(), strides[0], step, columns);
    }

    boolean isExposed() {
      return storage != null && storage.isExposed();
    }

    int firstRow() {
      return pitch > 0 ? offset / pitch : 0;
    }

    /// Whether each row lies within a row of the array of its own.
    boolean hasRowsApart() {
      return pitch > 0 && step >= 0 && offset % pitch + (columns - 1) * step < pitch;
    }

    /// Whether all rows are one piece of the array.
    boolean isGapless() {
      return pitch == columns && step == 1;
    }

    /// The one row that all rows are, as it is now.
    Operand copyOfRow() {
      if (step == 0) {
        return new Operand(null, new float[] {array[offset]}, 0, 0, 0, columns);
      }
      float[] row = new float[columns];
      for (int j = 0; j < columns; j++) {
        row[j] = array[offset + j * step];
      }
      return new Operand(null, row, 0, 0, 1, columns);
    }
  }
}
