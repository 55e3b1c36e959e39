package dev.rewind.tensor;

import dev.rewind.tensor.kernel.DoubleFolds;
import dev.rewind.tensor.kernel.FoldKernels;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.Unary;
import dev.rewind.tensor.kernel.Workers;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Reductions over axes; none named are all. What comes out for an element depends on the row-major order of the elements
/// it is made of and on nothing else: not on strides, neighbours or threads.
final class Reductions {
  /// Elements that a sum adds in float lanes before it goes on in double, as the fold kernels do it.
  private static final int CHUNK = 512;
  private static final int CHUNKS_PER_TASK = 64;
  private static final int FEW_LINES = 16;

  private Reductions() {}

  /// `kept`, a reduction of `x` whose axes stayed with size 1, without these axes.
  static Tensor dropping(Tensor kept, Tensor x, int... axes) {
    boolean[] reduced = reduced("reshape", x.shape(), axes);
    int[] sizes = new int[x.rank()];
    int rank = 0;
    for (int axis = 0; axis < reduced.length; axis++) {
      if (!reduced[axis]) {
        sizes[rank++] = x.shape().at(axis);
      }
    }
    return kept.reshape(Shape.of(Arrays.copyOf(sizes, rank)));
  }

  /// The number of elements that a reduction over these axes brings together.
  static int count(Shape shape, int... axes) {
    boolean[] reduced = reduced("mean", shape, axes);
    int count = 1;
    for (int axis = 0; axis < reduced.length; axis++) {
      count *= reduced[axis] ? shape.at(axis) : 1;
    }
    return count;
  }

  // ---- sums ---------------------------------------------------------------------------------------------------------

  /// The sum; the axes stay with size 1.
  static Tensor sum(Tensor x, int... axes) {
    boolean[] reduced = reduced("sum", x.shape(), axes);
    Tensor y = Tensor.zeros(x.dtype(), keptShape(x.shape(), reduced));
    Lines lines = Lines.of(x, reduced);
    boolean along = areLong(lines);
    switch (lines.source().storage()) {
      case Storage.Floats in -> sum(lines, along, in.array, y.floatArray());
      case Storage.Doubles in -> sum(lines, along, in.array, y.doubleArray());
      case Storage.Ints in -> sum(lines, in.array, y.intArray());
      case Storage.Booleans in -> throw new DTypeException("sum: not defined for BOOL; convert it with to(..)");
    }
    return y;
  }

  /// Whether there are so few lines that each is worth sharing out.
  static boolean areLong(Lines lines) {
    return lines.length() >= Rows.PARALLEL_ELEMENTS
        && (lines.count() == 1 || lines.count() < FEW_LINES && !lines.areColumns());
  }

  private static void sum(Lines lines, boolean along, float[] x, float[] y) {
    FoldKernels folds = Kernels.active().folds();
    int n = lines.length();
    int stride = lines.stride();
    if (along) {
      forEachLine(lines, (output, start) -> y[output] = (float) inChunks(n, (from, m) ->
          sum(folds, x, start + from * stride, stride, m)));
    } else if (lines.areColumns()) {
      lines.run((output, start, count) -> folds.sumColumns(x, start, stride, n, count, y, output));
    } else {
      int step = lines.step();
      lines.run((output, start, count) -> {
        for (int i = 0; i < count; i++) {
          y[output + i] = (float) sum(folds, x, start + i * step, stride, n);
        }
      });
    }
  }

  private static double sum(FoldKernels folds, float[] x, int xo, int stride, int n) {
    return stride == 1 ? folds.sum(x, xo, n) : folds.sum(x, xo, stride, n);
  }

  private static void sum(Lines lines, boolean along, double[] x, double[] y) {
    int n = lines.length();
    int stride = lines.stride();
    if (along) {
      forEachLine(lines, (output, start) -> y[output] = inChunks(n, (from, m) ->
          sum(x, start + from * stride, stride, m)));
    } else if (lines.areColumns()) {
      lines.run((output, start, count) -> DoubleFolds.sumColumns(x, start, stride, n, count, y, output));
    } else {
      int step = lines.step();
      lines.run((output, start, count) -> {
        for (int i = 0; i < count; i++) {
          y[output + i] = sum(x, start + i * step, stride, n);
        }
      });
    }
  }

  private static double sum(double[] x, int xo, int stride, int n) {
    return stride == 1 ? DoubleFolds.sum(x, xo, n) : DoubleFolds.sum(x, xo, stride, n);
  }

  private static void sum(Lines lines, int[] x, int[] y) {
    int n = lines.length();
    int stride = lines.stride();
    int step = lines.step();
    lines.run((output, start, count) -> {
      for (int i = 0; i < count; i++) {
        int total = 0;
        for (int r = 0; r < n; r++) {
          total += x[start + i * step + r * stride];
        }
        y[output + i] = total;
      }
    });
  }

  /// The sum of a part of a line.
  interface Part {
    double sum(int from, int n);
  }

  /// A sum over `n` elements whose chunks may be added up by several threads: the same additions in the same order as in
  /// one call of a fold kernel.
  static double inChunks(int n, Part part) {
    double[] totals = new double[(n - 1) / CHUNK + 1];
    Workers.forEach((totals.length - 1) / CHUNKS_PER_TASK + 1, task -> {
      int end = Math.min(totals.length, (task + 1) * CHUNKS_PER_TASK);
      for (int chunk = task * CHUNKS_PER_TASK; chunk < end; chunk++) {
        totals[chunk] = part.sum(chunk * CHUNK, Math.min(CHUNK, n - chunk * CHUNK));
      }
    });
    double total = 0;
    for (double chunk : totals) {
      total += chunk;
    }
    return total;
  }

  /// Sums up to and including each element of an axis; floats are kept in double on the way.
  static Tensor cumsum(Tensor x, int axis) {
    int at = x.shape().axis("cumsum", axis);
    Tensor y = Tensor.zeros(x.dtype(), x.shape());
    if (x.dtype() == DType.BOOL) {
      throw new DTypeException("cumsum: not defined for BOOL; convert it with to(..)");
    }
    if (x.elements() == 0) {
      return y;
    }
    int n = x.size(at);
    int xs = x.stride(at);
    int ys = y.stride(at);
    Rows starts = Rows.of(y.layout().select(at, 0), x.layout().select(at, 0));
    starts.run((begin, count) -> {
      for (int i = 0; i < count; i++) {
        int xo = begin[1] + i * starts.stride(1);
        int yo = begin[0] + i * starts.stride(0);
        switch (x.storage()) {
          case Storage.Floats in -> cumsum(in.array, xo, xs, y.floatArray(), yo, ys, n);
          case Storage.Doubles in -> cumsum(in.array, xo, xs, y.doubleArray(), yo, ys, n);
          case Storage.Ints in -> cumsum(in.array, xo, xs, y.intArray(), yo, ys, n);
          case Storage.Booleans in -> throw new AssertionError();
        }
      }
    });
    return y;
  }

  private static void cumsum(float[] x, int xo, int xs, float[] y, int yo, int ys, int n) {
    double total = 0;
    for (int i = 0; i < n; i++) {
      total += x[xo + i * xs];
      y[yo + i * ys] = (float) total;
    }
  }

  private static void cumsum(double[] x, int xo, int xs, double[] y, int yo, int ys, int n) {
    double total = 0;
    for (int i = 0; i < n; i++) {
      total += x[xo + i * xs];
      y[yo + i * ys] = total;
    }
  }

  private static void cumsum(int[] x, int xo, int xs, int[] y, int yo, int ys, int n) {
    int total = 0;
    for (int i = 0; i < n; i++) {
      total += x[xo + i * xs];
      y[yo + i * ys] = total;
    }
  }

  // ---- largest and smallest -------------------------------------------------------------------------------------------

  /// The largest or smallest element; the axes stay with size 1.
  static Tensor extreme(Tensor x, boolean largest, int... axes) {
    String operation = largest ? "max" : "min";
    boolean[] reduced = reduced(operation, x.shape(), axes);
    Tensor y = Tensor.zeros(x.dtype(), keptShape(x.shape(), reduced));
    requireElements(operation, x, y, reduced);
    Extremes.of(Lines.of(x, reduced), largest, y);
    return y;
  }

  /// `log(sum(exp(x)))`, without overflow; the axes stay with size 1.
  static Tensor logSumExp(Tensor x, int... axes) {
    Elementwise.requireFloating("logSumExp", x);
    boolean[] reduced = reduced("logSumExp", x.shape(), axes);
    Tensor y = Tensor.zeros(x.dtype(), keptShape(x.shape(), reduced));
    requireElements("logSumExp", x, y, reduced);
    Lines lines = Lines.of(x, reduced);
    if (lines.source().storage() instanceof Storage.Floats in && !lines.areColumns()) {
      Softmax.logSumExp(lines, in.array, y.floatArray());
      return y;
    }
    Tensor max = x.maxKeeping(axes);
    Tensor shift = Tensor.where(max.isFinite(), max, Tensor.zeros(x.dtype()));
    Tensor terms = x.minus(shift);
    return Elementwise.unary(Unary.EXP, terms, terms).sumKeeping(axes).log().plus(shift);
  }

  /// BOOL: whether any element is true or, for `wanted` false, whether all are; the axes stay with size 1.
  static Tensor any(Tensor x, boolean wanted, int... axes) {
    String operation = wanted ? "any" : "all";
    Elementwise.requireBool(operation, x);
    boolean[] reduced = reduced(operation, x.shape(), axes);
    Tensor y = Tensor.full(DType.BOOL, wanted ? 0 : 1, keptShape(x.shape(), reduced));
    Lines lines = Lines.of(x, reduced);
    boolean[] from = lines.source().booleanArray();
    boolean[] found = y.booleanArray();
    lines.run((output, start, count) -> {
      for (int i = 0; i < count; i++) {
        int r = 0;
        int at = start + i * lines.step();
        while (r < lines.length() && from[at + r * lines.stride()] != wanted) {
          r++;
        }
        found[output + i] = wanted == r < lines.length();
      }
    });
    return y;
  }

  /// INT32: where the largest or smallest element of an axis, which disappears, is.
  static Tensor argExtreme(Tensor x, int axis, boolean largest) {
    String operation = largest ? "argmax" : "argmin";
    boolean[] reduced = reduced(operation, x.shape(), new int[] {axis});
    Tensor y = Tensor.zeros(DType.INT32, keptShape(x.shape(), reduced));
    requireElements(operation, x, y, reduced);
    Extremes.places(Lines.of(x, reduced), largest, y.intArray());
    return dropping(y, x, axis);
  }

  // ---- axes ---------------------------------------------------------------------------------------------------------

  interface Line {
    void at(int output, int start);
  }

  /// One line after the other on this thread, for work that is shared out along each.
  static void forEachLine(Lines lines, Line line) {
    for (int output = 0; output < lines.count(); output++) {
      line.at(output, lines.start(output));
    }
  }

  static boolean[] reduced(String operation, Shape shape, int[] axes) {
    boolean[] reduced = new boolean[shape.rank()];
    Arrays.fill(reduced, axes.length == 0);
    for (int axis : axes) {
      int at = shape.axis(operation, axis);
      if (reduced[at]) {
        throw new ShapeException(
            operation + ": axes " + Arrays.toString(axes) + " name axis " + at + " of " + shape + " twice");
      }
      reduced[at] = true;
    }
    return reduced;
  }

  static Shape keptShape(Shape shape, boolean[] reduced) {
    int[] sizes = shape.sizes();
    for (int axis = 0; axis < sizes.length; axis++) {
      sizes[axis] = reduced[axis] ? 1 : sizes[axis];
    }
    return Shape.of(sizes);
  }

  private static void requireElements(String operation, Tensor x, Tensor y, boolean[] reduced) {
    if (x.elements() == 0 && y.elements() > 0) {
      int[] axes = IntStream.range(0, reduced.length).filter(i -> reduced[i]).toArray();
      throw new ShapeException(operation + ": no element along axes " + Arrays.toString(axes) + " of " + x.shape());
    }
  }
}
