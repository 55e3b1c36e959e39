package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Binary;
import dev.rewind.tensor.kernel.DoubleLoops;
import dev.rewind.tensor.kernel.FloatLoops;

/// The largest or smallest element of each line, and where in the line it is. A NaN wins.
final class Extremes {
  private static final int BLOCK = 512;

  private Extremes() {}

  /// Writes the extreme of each line to `y`, a contiguous tensor of as many elements.
  static void of(Lines lines, boolean largest, Tensor y) {
    Binary op = largest ? Binary.MAXIMUM : Binary.MINIMUM;
    switch (lines.source().storage()) {
      case Storage.Floats in -> extreme(lines, op, in.array, y.floatArray());
      case Storage.Doubles in -> extreme(lines, op, in.array, y.doubleArray());
      case Storage.Ints in -> extreme(lines, largest, in.array, y.intArray());
      case Storage.Booleans in -> throw new DTypeException(
          (largest ? "max" : "min") + ": not defined for BOOL; see any(..) and all(..)");
    }
  }

  /// Each line is laid over itself in blocks, then in halves, by the element-wise loops: those are vector code, and the
  /// order does not matter to the result.
  private static void extreme(Lines lines, Binary op, float[] x, float[] y) {
    int n = lines.length();
    int stride = lines.stride();
    int step = lines.step();
    if (lines.areColumns()) {
      lines.run((output, start, count) -> {
        System.arraycopy(x, start, y, output, count);
        for (int r = 1; r < n; r++) {
          FloatLoops.binary(op, y, output, x, start + r * stride, y, output, count);
        }
      });
      return;
    }
    lines.run((output, start, count) -> {
      float[] block = new float[Math.min(n, BLOCK)];
      for (int i = 0; i < count; i++) {
        int line = start + i * step;
        FloatLoops.copy(x, line, stride, block, 0, 1, block.length);
        for (int from = block.length; from < n; from += BLOCK) {
          int m = Math.min(BLOCK, n - from);
          FloatLoops.binary(op, block, 0, 1, x, line + from * stride, stride, block, 0, 1, m);
        }
        for (int rest = block.length; rest > 1; rest -= rest / 2) {
          FloatLoops.binary(op, block, 0, block, rest - rest / 2, block, 0, rest / 2);
        }
        y[output + i] = block[0];
      }
    });
  }

  private static void extreme(Lines lines, Binary op, double[] x, double[] y) {
    int n = lines.length();
    int stride = lines.stride();
    int step = lines.step();
    if (lines.areColumns()) {
      lines.run((output, start, count) -> {
        System.arraycopy(x, start, y, output, count);
        for (int r = 1; r < n; r++) {
          DoubleLoops.binary(op, y, output, x, start + r * stride, y, output, count);
        }
      });
      return;
    }
    lines.run((output, start, count) -> {
      double[] block = new double[Math.min(n, BLOCK)];
      for (int i = 0; i < count; i++) {
        int line = start + i * step;
        DoubleLoops.copy(x, line, stride, block, 0, 1, block.length);
        for (int from = block.length; from < n; from += BLOCK) {
          int m = Math.min(BLOCK, n - from);
          DoubleLoops.binary(op, block, 0, 1, x, line + from * stride, stride, block, 0, 1, m);
        }
        for (int rest = block.length; rest > 1; rest -= rest / 2) {
          DoubleLoops.binary(op, block, 0, block, rest - rest / 2, block, 0, rest / 2);
        }
        y[output + i] = block[0];
      }
    });
  }

  private static void extreme(Lines lines, boolean largest, int[] x, int[] y) {
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
  static void places(Lines lines, boolean largest, int[] y) {
    lines.run((output, start, count) -> {
      for (int i = 0; i < count; i++) {
        y[output + i] = place(lines.source(), start + i * lines.step(), lines.stride(), lines.length(), largest);
      }
    });
  }

  private static int place(Tensor x, int start, int stride, int n, boolean largest) {
    int found = 0;
    double best = x.numberAt(start);
    for (int r = 1; r < n && !Double.isNaN(best); r++) {
      double v = x.numberAt(start + r * stride);
      if (Double.isNaN(v) || (largest ? v > best : v < best)) {
        best = v;
        found = r;
      }
    }
    return found;
  }
}
