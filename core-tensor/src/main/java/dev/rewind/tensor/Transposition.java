package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.product.MatrixKernels;
import dev.rewind.tensor.kernel.thread.ThreadPool;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/// A copy between two layouts that are contiguous along different axes. Row by row, one of them would touch a new cache
/// line with every element; so it goes by tiles.
final class Transposition {
  private static final int ROWS = 64;
  private static final int COLUMNS = 512;

  private final Layout from;
  private final Layout to;
  private final int rowAxis;
  private final int columnAxis;
  private final Layout fromTops;
  private final Layout toTops;

  private Transposition(Layout from, Layout to, int rowAxis, int columnAxis) {
    this.from = from;
    this.to = to;
    this.rowAxis = rowAxis;
    this.columnAxis = columnAxis;
    fromTops = from.axes(axis -> axis != rowAxis && axis != columnAxis);
    toTops = to.axes(axis -> axis != rowAxis && axis != columnAxis);
  }

  /// Copies `x` into `y`, both FLOAT32 and of one shape, and returns true; or returns false if this is not such a case.
  static boolean copies(Tensor x, Tensor y) {
    if (x.isContiguous()) {
      return false;
    }
    int rowAxis = unitAxis(x.layout());
    int columnAxis = unitAxis(y.layout());
    boolean crossed = rowAxis >= 0 && columnAxis >= 0 && x.layout().strides()[columnAxis] != 1
        && x.layout().strides()[columnAxis] != 0 && y.layout().strides()[rowAxis] != 1;
    if (!crossed || x.dtype() != DType.FLOAT32 || y.dtype() != DType.FLOAT32 || x.elements() == 0) {
      return false;
    }
    new Transposition(x.layout(), y.layout(), rowAxis, columnAxis).run(x.floats(), y.floats());
    return true;
  }

  private static int unitAxis(Layout layout) {
    for (int axis = layout.shape().rank() - 1; axis >= 0; axis--) {
      if (layout.strides()[axis] == 1 && layout.shape().at(axis) > 1) {
        return axis;
      }
    }
    return -1;
  }

  private void run(float[] x, float[] y) {
    int rows = from.shape().at(rowAxis);
    int perMatrix = (rows - 1) / ROWS + 1;
    int tasks = perMatrix * toTops.shape().elements();
    IntConsumer block = task -> block(x, y, task / perMatrix, task % perMatrix * ROWS);
    if (from.shape().elements() < Rows.PARALLEL_ELEMENTS) {
      IntStream.range(0, tasks).forEach(block);
    } else {
      ThreadPool.forEach(tasks, block);
    }
  }

  private void block(float[] x, float[] y, int matrix, int row) {
    int xs = from.strides()[columnAxis];
    int ys = to.strides()[rowAxis];
    int xo = fromTops.position(matrix, fromTops.shape().rank()) + row;
    int yo = toTops.position(matrix, toTops.shape().rank()) + row * ys;
    int rows = Math.min(ROWS, from.shape().at(rowAxis) - row);
    int columns = from.shape().at(columnAxis);
    MatrixKernels matrices = Kernels.active().matrices();
    for (int column = 0; column < columns; column += COLUMNS) {
      int width = Math.min(COLUMNS, columns - column);
      matrices.transpose(rows, width, x, xo + column * xs, xs, y, yo + column, ys);
    }
  }
}
