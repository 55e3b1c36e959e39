package dev.rewind.tensor;

/// A FLOAT32 tensor as the matrix `[rows, columns]` that a [RowFusion] sees: element `[i, j]` at `offset + i * pitch +
/// j * step` of the array.
///
/// @param storage whose array it is; null for a copy of our own
record RowOperand(Storage storage, float[] array, int offset, int pitch, int step, int columns) {

  /// The operand, or null if the tensor is of another dtype, has another number of rows, or rows of no single step.
  static RowOperand of(Tensor x, int rows) {
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
    return new RowOperand(x.rawStorage(), floats, x.layout().offset(), strides[0], step, columns);
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
  RowOperand copyOfRow() {
    if (step == 0) {
      return new RowOperand(null, new float[] {array[offset]}, 0, 0, 0, columns);
    }
    float[] row = new float[columns];
    for (int j = 0; j < columns; j++) {
      row[j] = array[offset + j * step];
    }
    return new RowOperand(null, row, 0, 0, 1, columns);
  }
}
