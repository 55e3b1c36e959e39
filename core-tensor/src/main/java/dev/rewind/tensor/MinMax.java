package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.MapKernels;
import dev.rewind.tensor.kernel.reduction.ReductionKernels;

/// The largest or smallest element of each line, and its index in the line. A NaN wins.
final class MinMax {
  private MinMax() {}

  /// Writes the extreme of each line to `y`, a contiguous tensor of as many elements.
  static void of(StridedIterator lines, boolean largest, Tensor y) {
    Storage x = lines.source().storage();
    if (x.array() instanceof float[] floats && lines.areColumns()) {
      overlay(lines, floats, largest ? Binary.MAXIMUM : Binary.MINIMUM, y.floats());
    } else {
      lines.map(y.storage(), start -> extreme(x, start, lines.stride(), lines.length(), largest));
    }
  }

  /// Columns: their first row, then the other rows over it.
  private static void overlay(StridedIterator lines, float[] x, Binary op, float[] y) {
    MapKernels maps = Kernels.active().maps();
    int stride = lines.stride();
    lines.run((output, start, count) -> {
      System.arraycopy(x, start, y, output, count);
      for (int row = 1; row < lines.length(); row++) {
        maps.binary(op, y, output, x, start + row * stride, y, output, count);
      }
    });
  }

  /// Writes to `y` the index of the extreme in each line: the first of equal ones, the first NaN.
  static void places(StridedIterator lines, boolean largest, Tensor y) {
    Storage x = lines.source().storage();
    int stride = lines.stride();
    lines.map(y.storage(),
        start -> place(x, start, stride, extreme(x, start, stride, lines.length(), largest)));
  }

  private static double extreme(Storage x, int start, int stride, int n, boolean largest) {
    if (x.array() instanceof float[] floats) {
      ReductionKernels reductions = Kernels.active().reductions();
      return largest ? reductions.max(floats, start, stride, n) : reductions.min(floats, start, stride, n);
    }
    double found = x.number(start);
    for (int i = 1; i < n; i++) {
      double v = x.number(start + i * stride);
      found = largest ? Math.max(found, v) : Math.min(found, v);
    }
    return found;
  }

  /// Where a value is that is there, or the first NaN; both zeros are equal.
  private static int place(Storage x, int start, int stride, double value) {
    double wanted = value + 0.0; // -0 + 0 is 0
    int i = 0;
    while (Double.compare(x.number(start + i * stride) + 0.0, wanted) != 0) {
      i++;
    }
    return i;
  }
}
