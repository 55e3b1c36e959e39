package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.FloatMath;
import dev.rewind.tensor.kernel.elementwise.Unary;
import dev.rewind.tensor.kernel.reduction.ReductionKernels;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/// Softmax, its logarithm and their gradients. Floats along the last axis are worked on row by row, while a row is in
/// the cache; everything else is composed of operations on whole tensors, with the same bits, in the memory of the
/// result.
final class Softmax {
  private static final int CHUNK = ReductionKernels.CHUNK;

  private Softmax() {}

  static Tensor softmax(Tensor x, int axis) {
    return of("softmax", x, axis, Softmax::softmaxRow, shifted -> {
      Tensor exponentials = Elementwise.unary(Unary.EXP, shifted, shifted);
      return exponentials.divideInPlace(exponentials.sumKeepDims(axis));
    });
  }

  static Tensor logSoftmax(Tensor x, int axis) {
    return of("logSoftmax", x, axis, Softmax::logSoftmaxRow,
        shifted -> shifted.minusInPlace(shifted.logSumExpKeepDims(axis)));
  }

  /// @param composed what makes the result of the values less their maximum, in their memory
  private static Tensor of(String operation, Tensor x, int axis, Row row, UnaryOperator<Tensor> composed) {
    boolean rows = areFloatRows(operation, x, axis);
    if (x.elements() == 0) {
      return x.copy();
    }
    return rows ? rows(x, row) : composed.apply(x.minus(x.maxKeepDims(axis)));
  }

  static Tensor softmaxBackward(Tensor g, Tensor y, int axis) {
    requireSame("softmaxBackward", g, y);
    if (!areFloatRows("softmaxBackward", g, axis)) {
      Tensor products = g.times(y);
      Tensor sums = products.sumKeepDims(axis).expand(g.shape());
      return Elementwise.binary(Binary.MINUS, g, sums, products).timesInPlace(y);
    }
    Tensor value = y.contiguous();
    return rows(g.contiguous(), (from, go, step, dx, at, n, block) -> softmaxBackwardRow(
        from, go, value.floats(), value.offset() + at, dx, at, n));
  }

  static Tensor logSoftmaxBackward(Tensor g, Tensor y, int axis) {
    requireSame("logSoftmaxBackward", g, y);
    if (!areFloatRows("logSoftmaxBackward", g, axis)) {
      Tensor shares = y.exp().timesInPlace(g.sumKeepDims(axis));
      return Elementwise.binary(Binary.MINUS, g, shares, shares);
    }
    Tensor value = y.contiguous();
    return rows(g.contiguous(), (from, go, step, dx, at, n, block) -> logSoftmaxBackwardRow(
        from, go, value.floats(), value.offset() + at, dx, at, n));
  }

  /// Writes `log(sum(exp(x - max))) + max` of each line of floats to `y`, where an infinite maximum counts as 0.
  static void logSumExp(StridedIterator lines, Tensor y) {
    float[] x = lines.source().floats();
    int n = lines.length();
    int stride = lines.stride();
    float[] out = y.floats();
    lines.run((output, start, count) -> {
      float[] block = new float[Math.min(CHUNK, n)];
      for (int i = 0; i < count; i++) {
        int at = start + i * lines.step();
        float max = Kernels.active().reductions().max(x, at, stride, n);
        float shift = Math.abs(max) < Float.POSITIVE_INFINITY ? max : 0;
        double total = 0;
        for (int from = 0; from < n; from += CHUNK) {
          int m = Math.min(CHUNK, n - from);
          shift(x, at + from * stride, stride, -shift, block, 0, m);
          total += sumOfExponentials(block, 0, m, block);
        }
        out[output + i] = logOfTotal(total) + shift;
      }
    });
  }

  // ---- one row of floats, in passes over pieces that stay in the cache; a block has room for 512, or all ------------

  /// `y = exp(x - max) / sum(exp(x - max))`; elements of `x` are `xs` apart.
  private static void softmaxRow(float[] x, int xo, int xs, float[] y, int yo, int n, float[] block) {
    Kernels kernels = Kernels.active();
    shift(x, xo, xs, -kernels.reductions().max(x, xo, xs, n), y, yo, n);
    kernels.maps().unary(Unary.EXP, y, yo, y, yo, n);
    Arrays.fill(block, (float) kernels.reductions().sum(y, yo, 1, n));
    for (int from = 0; from < n; from += CHUNK) {
      kernels.maps().binary(Binary.DIVIDE, y, yo + from, block, 0, y, yo + from, Math.min(CHUNK, n - from));
    }
  }

  /// `y = x - max - log(sum(exp(x - max)))`; elements of `x` are `xs` apart.
  private static void logSoftmaxRow(float[] x, int xo, int xs, float[] y, int yo, int n, float[] block) {
    shift(x, xo, xs, -Kernels.active().reductions().max(x, xo, xs, n), y, yo, n);
    shift(y, yo, 1, -logOfTotal(sumOfExponentials(y, yo, n, block)), y, yo, n);
  }

  /// `dx = (g - sum(g * y)) * y`.
  private static void softmaxBackwardRow(float[] g, int go, float[] y, int yo, float[] dx, int xo, int n) {
    shift(g, go, 1, -(float) Kernels.active().reductions().sumOfProducts(g, go, y, yo, n), dx, xo, n);
    Kernels.active().maps().binary(Binary.TIMES, dx, xo, y, yo, dx, xo, n);
  }

  /// `dx = g - exp(y) * sum(g)`.
  private static void logSoftmaxBackwardRow(float[] g, int go, float[] y, int yo, float[] dx, int xo, int n) {
    Kernels kernels = Kernels.active();
    kernels.maps().unary(Unary.EXP, y, yo, dx, xo, n);
    kernels.maps().affine(dx, xo, (float) kernels.reductions().sum(g, go, 1, n), -0f, dx, xo, n); // -0 changes nothing
    kernels.maps().binary(Binary.MINUS, g, go, dx, xo, dx, xo, n);
  }

  private static double sumOfExponentials(float[] x, int xo, int n, float[] block) {
    Kernels kernels = Kernels.active();
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      kernels.maps().unary(Unary.EXP, x, xo + from, block, 0, m);
      total += kernels.reductions().sum(block, 0, 1, m);
    }
    return total;
  }

  /// The logarithm of a sum of exponentials, the largest of which is 1: without it, since small ones lose their digits
  /// beside it.
  private static float logOfTotal(double total) {
    return FloatMath.log1p((float) (total - 1));
  }

  /// `y = x + by`; elements of `x` are `xs` apart.
  private static void shift(float[] x, int xo, int xs, float by, float[] y, int yo, int n) {
    if (xs == 1) {
      Kernels.active().maps().affine(x, xo, 1, by, y, yo, n);
    } else {
      Loops.copy(x, xo, xs, y, yo, 1, n);
      Kernels.active().maps().affine(y, yo, 1, by, y, yo, n);
    }
  }

  private interface Row {
    /// Works on the row of `x` that begins at `xo`, with elements `xs` apart; the result has its own at `y[yo ..]`,
    /// without gaps.
    void at(float[] x, int xo, int xs, float[] y, int yo, int n, float[] block);
  }

  private static Tensor rows(Tensor x, Row row) {
    Tensor result = Tensor.zeros(DType.FLOAT32, x.shape());
    float[] in = x.floats();
    float[] y = result.floats();
    boolean[] last = new boolean[x.rank()];
    last[last.length - 1] = true;
    StridedIterator lines = StridedIterator.of(x, last);
    int n = lines.length();
    lines.run((output, start, count) -> {
      float[] block = new float[Math.min(CHUNK, n)];
      for (int i = 0; i < count; i++) {
        row.at(in, start + i * lines.step(), lines.stride(), y, (output + i) * n, n, block);
      }
    });
    return result;
  }

  private static boolean areFloatRows(String operation, Tensor x, int axis) {
    Elementwise.requireFloating(operation, x);
    return x.shape().axis(operation, axis) == x.rank() - 1 && x.dtype() == DType.FLOAT32;
  }

  private static void requireSame(String operation, Tensor g, Tensor y) {
    Elementwise.requireSameDType(operation, g, y);
    if (!g.shape().equals(y.shape())) {
      throw new ShapeException(operation + ": gradient " + g.shape() + " with value " + y.shape());
    }
  }
}
