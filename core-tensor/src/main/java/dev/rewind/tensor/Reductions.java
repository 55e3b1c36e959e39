package dev.rewind.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/// Reductions over axes; none named are all. What comes out for an element depends on the row-major order of the
/// elements it is made of and on nothing else: not on strides, neighbours or threads.
final class Reductions {
  private Reductions() {}

  /// `kept`, a reduction of `x` whose axes stayed with size 1, without these axes.
  static Tensor dropping(Tensor kept, Tensor x, int... axes) {
    boolean[] reduced = reduced("reshape", x.shape(), axes);
    return kept.reshape(x.layout().axes(axis -> !reduced[axis]).shape());
  }

  // ---- sums ---------------------------------------------------------------------------------------------------------

  /// The sum; the axes stay with size 1.
  static Tensor sum(Tensor x, int... axes) {
    boolean[] reduced = reduced("sum", x.shape(), axes);
    Tensor y = Tensor.zeros(x.dtype(), keptShape(x.shape(), reduced));
    StridedIterator lines = StridedIterator.of(x, reduced);
    switch (x.dtype()) {
      case FLOAT32, FLOAT64 -> Sums.SUM.of(lines, y);
      case INT32 -> lines.map(y.storage(),
          start -> sum(lines.source().ints(), start, lines.stride(), lines.length()));
      case BOOL -> throw new DTypeException("sum: not defined for BOOL; convert it with to(..)");
    }
    return y;
  }

  /// The mean, variance or norm; the axes stay with size 1.
  static Tensor of(Sums sums, Tensor x, int... axes) {
    String operation = sums.name().toLowerCase(Locale.ROOT);
    Elementwise.requireFloating(operation, x);
    boolean[] reduced = reduced(operation, x.shape(), axes);
    Tensor y = Tensor.zeros(x.dtype(), keptShape(x.shape(), reduced));
    sums.of(sums == Sums.MEAN ? StridedIterator.of(x, reduced) : StridedIterator.alongLines(x, reduced), y);
    return y;
  }

  /// The sum of the squares of all elements.
  static double sumOfSquares(Tensor x) {
    Elementwise.requireFloating("sumOfSquares", x);
    return Sums.ofSquares(StridedIterator.of(x, reduced("sumOfSquares", x.shape(), new int[0])));
  }

  private static int sum(int[] x, int start, int stride, int n) {
    int total = 0;
    for (int i = 0; i < n; i++) {
      total += x[start + i * stride];
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
        cumsum(x.storage(), xo, xs, y.storage(), yo, ys, n);
      }
    });
    return y;
  }

  static Tensor cumsumReverse(Tensor x, int axis) {
    x.shape().axis("cumsumReverse", axis);
    Elementwise.requireNumbers("cumsumReverse", x);
    return cumsum(x.flip(axis), axis).flip(axis);
  }

  private static void cumsum(Storage x, int xo, int xs, Storage y, int yo, int ys, int n) {
    double total = 0;
    for (int i = 0; i < n; i++) {
      total += x.number(xo + i * xs);
      total = x.dtype() == DType.INT32 ? (int) (long) total : total; // wraps around
      y.set(yo + i * ys, total);
    }
  }

  // ---- largest and smallest
  // -------------------------------------------------------------------------------------------

  /// The largest or smallest element; the axes stay with size 1.
  static Tensor extreme(Tensor x, boolean largest, int... axes) {
    String operation = largest ? "max" : "min";
    boolean[] reduced = reduced(operation, x.shape(), axes);
    Tensor y = Tensor.zeros(x.dtype(), keptShape(x.shape(), reduced));
    requireElements(operation, x, y, reduced);
    if (x.dtype() == DType.BOOL) {
      throw new DTypeException(operation + ": not defined for BOOL; see any(..) and all(..)");
    }
    MinMax.of(StridedIterator.of(x, reduced), largest, y);
    return y;
  }

  /// `log(sum(exp(x)))`, without overflow; the axes stay with size 1.
  static Tensor logSumExp(Tensor x, int... axes) {
    Elementwise.requireFloating("logSumExp", x);
    boolean[] reduced = reduced("logSumExp", x.shape(), axes);
    Tensor y = Tensor.zeros(x.dtype(), keptShape(x.shape(), reduced));
    requireElements("logSumExp", x, y, reduced);
    if (x.dtype() == DType.FLOAT32) {
      Softmax.logSumExp(StridedIterator.alongLines(x, reduced), y);
      return y;
    }
    Tensor max = extreme(x, true, axes);
    Tensor shift = Elementwise.where(max.isFinite(), max, y);
    return x.minus(shift).exp().sumKeepDims(axes).log().plus(shift);
  }

  /// BOOL: whether any element is true or, for `wanted` false, whether all are; the axes stay with size 1.
  static Tensor any(Tensor x, boolean wanted, int... axes) {
    String operation = wanted ? "any" : "all";
    Elementwise.requireDType(operation, x, DType.BOOL);
    boolean[] reduced = reduced(operation, x.shape(), axes);
    Tensor y = Tensor.full(DType.BOOL, wanted ? 0 : 1, keptShape(x.shape(), reduced));
    MinMax.of(StridedIterator.of(x, reduced), wanted, y); // true is larger than false
    return y;
  }

  /// INT32: where the largest or smallest element of an axis, which disappears, is.
  static Tensor argExtreme(Tensor x, int axis, boolean largest) {
    String operation = largest ? "argmax" : "argmin";
    boolean[] reduced = reduced(operation, x.shape(), new int[] {axis});
    Tensor y = Tensor.zeros(DType.INT32, keptShape(x.shape(), reduced));
    requireElements(operation, x, y, reduced);
    MinMax.places(StridedIterator.of(x, reduced), largest, y);
    return dropping(y, x, axis);
  }

  // ---- axes ---------------------------------------------------------------------------------------------------------

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
