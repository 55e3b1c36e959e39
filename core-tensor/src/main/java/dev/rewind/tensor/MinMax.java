package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Binary;
import dev.rewind.tensor.kernel.DoubleReductions;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.MapKernels;
import dev.rewind.tensor.kernel.ReductionKernels;

/// The largest or smallest element of each line, and where in the line it is. A NaN wins.
final class MinMax {
  private MinMax() {}

  /// Writes the extreme of each line to `y`, a contiguous tensor of as many elements.
  static void of(StridedIterator lines, boolean largest, Tensor y) {
    switch (lines.source().storage()) {
      case Storage.Floats in -> extreme(lines, largest, in.array, y.floats());
      case Storage.Doubles in -> extreme(lines, largest, in.array, y.doubles());
      case Storage.Ints in -> extreme(lines, largest, in.array, y.ints());
      case Storage.Booleans in -> throw new DTypeException(
          (largest ? "max" : "min") + ": not defined for BOOL; see any(..) and all(..)");
    }
  }

  private static void extreme(StridedIterator lines, boolean largest, float[] x, float[] y) {
    ReductionKernels reductions = Kernels.active().reductions();
    int n = lines.length();
    int stride = lines.stride();
    int step = lines.step();
    if (lines.areColumns()) {   // rows laid over one another
      MapKernels maps = Kernels.active().maps();
      Binary op = largest ? Binary.MAXIMUM : Binary.MINIMUM;
      lines.run((output, start, count) -> {
        System.arraycopy(x, start, y, output, count);
        for (int r = 1; r < n; r++) {
          maps.binary(op, y, output, x, start + r * stride, y, output, count);
        }
      });
      return;
    }
    lines.run((output, start, count) -> {
      for (int i = 0; i < count; i++) {
        int line = start + i * step;
        y[output + i] = largest ? reductions.max(x, line, stride, n) : reductions.min(x, line, stride, n);
      }
    });
  }

  private static void extreme(StridedIterator lines, boolean largest, double[] x, double[] y) {
    int n = lines.length();
    int stride = lines.stride();
    int step = lines.step();
    if (lines.areColumns()) {   // rows laid over one another
      MapKernels maps = Kernels.active().maps();
      Binary op = largest ? Binary.MAXIMUM : Binary.MINIMUM;
      lines.run((output, start, count) -> {
        System.arraycopy(x, start, y, output, count);
        for (int r = 1; r < n; r++) {
          maps.binary(op, y, output, x, start + r * stride, y, output, count);
        }
      });
      return;
    }
    lines.run((output, start, count) -> {
      for (int i = 0; i < count; i++) {
        int line = start + i * step;
        y[output + i] = largest ? DoubleReductions.max(x, line, stride, n) : DoubleReductions.min(x, line, stride, n);
      }
    });
  }

  private static void extreme(StridedIterator lines, boolean largest, int[] x, int[] y) {
    int n = lines.length();
    int stride = lines.stride();
    int step = lines.step();
    lines.run((output, start, count) -> {
      for (int i = 0; i < count; i++) {
        int found = x[start + i * step];
        for (int r = 1; r < n; r++) {
          int v = x[start + i * step + r * stride];
          found = largest ? Math.max(found, v) : Math.min(found, v);
        }
        y[output + i] = found;
      }
    });
  }

  /// Writes to `y` where in each line its extreme is: the first of equal ones, the first NaN.
  static void places(StridedIterator lines, boolean largest, int[] y) {
    int n = lines.length();
    int stride = lines.stride();
    lines.run((output, start, count) -> {
      for (int i = 0; i < count; i++) {
        int line = start + i * lines.step();
        y[output + i] = switch (lines.source().storage()) {
          case Storage.Floats in -> place(in.array, line, stride, n, largest);
          case Storage.Doubles in -> place(in.array, line, stride, n, largest);
          default -> place(lines.source(), line, stride, n, largest);
        };
      }
    });
  }

  private static int place(float[] x, int start, int stride, int n, boolean largest) {
    ReductionKernels reductions = Kernels.active().reductions();
    return reductions.place(x, start, stride, n,
        largest ? reductions.max(x, start, stride, n) : reductions.min(x, start, stride, n));
  }

  private static int place(double[] x, int start, int stride, int n, boolean largest) {
    return DoubleReductions.place(x, start, stride, n,
        largest ? DoubleReductions.max(x, start, stride, n) : DoubleReductions.min(x, start, stride, n));
  }

  private static int place(Tensor x, int start, int stride, int n, boolean largest) {
    int found = 0;
    double best = x.storage().number(start);
    for (int r = 1; r < n; r++) {
      double v = x.storage().number(start + r * stride);
      if (largest ? v > best : v < best) {
        best = v;
        found = r;
      }
    }
    return found;
  }
}
