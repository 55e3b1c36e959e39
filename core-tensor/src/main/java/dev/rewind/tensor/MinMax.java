package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.MapKernels;
import dev.rewind.tensor.kernel.reduction.DoubleReductions;
import dev.rewind.tensor.kernel.reduction.ReductionKernels;

/// The largest or smallest element of each line, and its index in the line. A NaN wins.
final class MinMax {
  private MinMax() {}

  /// Writes the extreme of each line to `y`, a contiguous tensor of as many elements.
  static void of(StridedIterator lines, boolean largest, Tensor y) {
    MapKernels maps = Kernels.active().maps();
    Binary op = largest ? Binary.MAXIMUM : Binary.MINIMUM;
    int n = lines.length();
    int stride = lines.stride();
    switch (lines.source().storage()) {
      case Storage.Floats in when lines.areColumns() -> {
        float[] out = y.floats();
        overlay(lines, in.array, out, (from, to, m) -> maps.binary(op, out, to, in.array, from, out, to, m));
      }
      case Storage.Doubles in when lines.areColumns() -> {
        double[] out = y.doubles();
        overlay(lines, in.array, out, (from, to, m) -> maps.binary(op, out, to, in.array, from, out, to, m));
      }
      case Storage.Floats in -> lines.map(y.storage(), start -> extreme(in.array, start, stride, n, largest));
      case Storage.Doubles in -> lines.map(y.storage(), start -> extreme(in.array, start, stride, n, largest));
      case Storage.Ints in -> lines.map(y.storage(), start -> extreme(in.array, start, stride, n, largest));
      case Storage.Booleans in -> throw new DTypeException(
          (largest ? "max" : "min") + ": not defined for BOOL; see any(..) and all(..)");
    }
  }

  private interface Overlay {
    void add(int from, int to, int n);
  }

  /// Columns: their first row, then the other rows over it.
  private static void overlay(StridedIterator lines, Object x, Object y, Overlay overlay) {
    int n = lines.length();
    int stride = lines.stride();
    lines.run((output, start, count) -> {
      System.arraycopy(x, start, y, output, count);
      for (int row = 1; row < n; row++) {
        overlay.add(start + row * stride, output, count);
      }
    });
  }

  /// Writes to `y` the index of the extreme in each line: the first of equal ones, the first NaN.
  static void places(StridedIterator lines, boolean largest, Tensor y) {
    ReductionKernels reductions = Kernels.active().reductions();
    int n = lines.length();
    int stride = lines.stride();
    lines.map(y.storage(), switch (lines.source().storage()) {
      case Storage.Floats in -> start -> reductions.place(in.array, start, stride, n,
          extreme(in.array, start, stride, n, largest));
      case Storage.Doubles in -> start -> DoubleReductions.place(in.array, start, stride, n,
          extreme(in.array, start, stride, n, largest));
      default -> start -> place(lines.source(), start, stride, n, largest);
    });
  }

  private static float extreme(float[] x, int start, int stride, int n, boolean largest) {
    ReductionKernels reductions = Kernels.active().reductions();
    return largest ? reductions.max(x, start, stride, n) : reductions.min(x, start, stride, n);
  }

  private static double extreme(double[] x, int start, int stride, int n, boolean largest) {
    return largest ? DoubleReductions.max(x, start, stride, n) : DoubleReductions.min(x, start, stride, n);
  }

  private static int extreme(int[] x, int start, int stride, int n, boolean largest) {
    int found = x[start];
    for (int i = 1; i < n; i++) {
      int v = x[start + i * stride];
      found = largest ? Math.max(found, v) : Math.min(found, v);
    }
    return found;
  }

  private static int place(Tensor x, int start, int stride, int n, boolean largest) {
    Storage storage = x.storage();
    int found = 0;
    double best = storage.number(start);
    for (int i = 1; i < n; i++) {
      double v = storage.number(start + i * stride);
      if (largest ? v > best : v < best) {
        best = v;
        found = i;
      }
    }
    return found;
  }
}
