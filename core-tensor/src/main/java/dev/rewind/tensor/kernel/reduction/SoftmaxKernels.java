package dev.rewind.tensor.kernel.reduction;

import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.DoubleMath;
import dev.rewind.tensor.kernel.elementwise.FloatLoops;
import dev.rewind.tensor.kernel.elementwise.FloatMath;
import dev.rewind.tensor.kernel.elementwise.MapKernels;
import java.util.Arrays;

/// Softmax and what goes with it on one row of floats, in passes over pieces that stay in the cache. The steps and
/// their order are those of the composition of whole operations, so that both give the same bits. A `block` has room
/// for 512 numbers, or as many as there are, if these are fewer.
public record SoftmaxKernels(MapKernels maps, ReductionKernels reductions) {
  private static final int CHUNK = ReductionKernels.CHUNK;
  private static final int ROWS = ReductionKernels.LANES; // whose exponentials are computed in one go

  /// `y = exp(x - max) / sum(exp(x - max))`; elements of `x` are `xs` apart, `y` may be `x`.
  public void softmax(float[] x, int xo, int xs, float[] y, int yo, int n, float[] block) {
    shift(x, xo, xs, -reductions.max(x, xo, xs, n), y, yo, n);
    maps.exp(y, yo, y, yo, n);
    apply(Binary.DIVIDE, y, yo, (float) reductions.sum(y, yo, n), n, block);
  }

  /// `y = x - max - log(sum(exp(x - max)))`; elements of `x` are `xs` apart, `y` may be `x`.
  public void logSoftmax(float[] x, int xo, int xs, float[] y, int yo, int n, float[] block) {
    shift(x, xo, xs, -reductions.max(x, xo, xs, n), y, yo, n);
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      maps.exp(y, yo + from, block, 0, m);
      total += reductions.sum(block, 0, m);
    }
    shift(y, yo, 1, -logOfTotal(total), y, yo, n);
  }

  /// The logarithm of a sum of exponentials, the largest of which is 1: without it, since small ones lose their digits
  /// beside it.
  private static float logOfTotal(double total) {
    return FloatMath.log1p((float) (total - 1));
  }

  /// `log(sum(exp(x - max))) + max`, where an infinite maximum counts as 0.
  public float logSumExp(float[] x, int xo, int xs, int n, float[] block) {
    float max = reductions.max(x, xo, xs, n);
    float shift = Math.abs(max) < Float.POSITIVE_INFINITY ? max : 0;
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      shift(x, xo + from * xs, xs, -shift, block, 0, m);
      maps.exp(block, 0, block, 0, m);
      total += reductions.sum(block, 0, m);
    }
    return logOfTotal(total) + shift;
  }

  /// As for floats.
  public double logSumExp(double[] x, int xo, int xs, int n, double[] block) {
    double max = DoubleReductions.max(x, xo, xs, n);
    double shift = Math.abs(max) < Double.POSITIVE_INFINITY ? max : 0;
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      for (int i = 0; i < m; i++) {
        block[i] = x[xo + (from + i) * xs] - shift;
      }
      maps.exp(block, 0, block, 0, m);
      total += DoubleReductions.sum(block, 0, m);
    }
    return DoubleMath.log(total) + shift;
  }

  /// `y[yo + j]` is [#logSumExp] of column `j` of `n` rows whose beginnings are `stride` apart.
  public void logSumExp(float[] x, int xo, int stride, int n, int columns, float[] y, int yo) {
    ColumnSums sums = new ColumnSums(reductions, columns);
    int most = Math.min(columns, ColumnSums.MOST);
    double[] totals = new double[most];
    float[] shift = new float[most];
    float[] block = new float[ROWS * most];
    for (int first = 0; first < columns; first += most) {
      int width = Math.min(most, columns - first);
      int at = xo + first;
      shiftOfColumns(x, at, stride, n, shift, width);
      sums.begin(width);
      for (int from = 0; from < n; from += ROWS) {
        int rows = Math.min(ROWS, n - from);
        for (int r = 0; r < rows; r++) {
          maps.binary(Binary.MINUS, x, at + (from + r) * stride, shift, 0, block, r * width, width);
        }
        maps.exp(block, 0, block, 0, rows * width);
        sums.add(block, 0, width, rows);
      }
      sums.take(totals);
      for (int j = 0; j < width; j++) {
        y[yo + first + j] = logOfTotal(totals[j]) + shift[j];
      }
    }
  }

  /// The largest element of each column, or 0 where it is infinite or NaN.
  private void shiftOfColumns(float[] x, int xo, int stride, int n, float[] shift, int columns) {
    System.arraycopy(x, xo, shift, 0, columns);
    for (int r = 1; r < n; r++) {
      maps.binary(Binary.MAXIMUM, shift, 0, x, xo + r * stride, shift, 0, columns);
    }
    for (int j = 0; j < columns; j++) {
      shift[j] = Math.abs(shift[j]) < Float.POSITIVE_INFINITY ? shift[j] : 0;
    }
  }

  /// As for floats.
  public void logSumExp(double[] x, int xo, int stride, int n, int columns, double[] y, int yo) {
    ColumnSums sums = new ColumnSums(reductions, columns);
    int most = Math.min(columns, ColumnSums.MOST);
    double[] totals = new double[most];
    double[] shift = new double[most];
    double[] block = new double[ROWS * most];
    for (int first = 0; first < columns; first += most) {
      int width = Math.min(most, columns - first);
      int at = xo + first;
      shiftOfColumns(x, at, stride, n, shift, width);
      sums.begin(width);
      for (int from = 0; from < n; from += ROWS) {
        int rows = Math.min(ROWS, n - from);
        for (int r = 0; r < rows; r++) {
          maps.binary(Binary.MINUS, x, at + (from + r) * stride, shift, 0, block, r * width, width);
        }
        maps.exp(block, 0, block, 0, rows * width);
        sums.add(block, 0, width, rows);
      }
      sums.take(totals);
      for (int j = 0; j < width; j++) {
        y[yo + first + j] = DoubleMath.log(totals[j]) + shift[j];
      }
    }
  }

  private void shiftOfColumns(double[] x, int xo, int stride, int n, double[] shift, int columns) {
    System.arraycopy(x, xo, shift, 0, columns);
    for (int r = 1; r < n; r++) {
      maps.binary(Binary.MAXIMUM, shift, 0, x, xo + r * stride, shift, 0, columns);
    }
    for (int j = 0; j < columns; j++) {
      shift[j] = Math.abs(shift[j]) < Double.POSITIVE_INFINITY ? shift[j] : 0;
    }
  }

  /// `dx = (g - sum(g * y)) * y`: a gradient times the derivative of the softmax, given its value `y`.
  public void softmaxBackward(float[] g, int go, float[] y, int yo, float[] dx, int xo, int n) {
    shift(g, go, 1, -(float) reductions.sumOfProducts(g, go, y, yo, n), dx, xo, n);
    maps.binary(Binary.TIMES, dx, xo, y, yo, dx, xo, n);
  }

  /// `dx = g - exp(y) * sum(g)`: a gradient times the derivative of the logarithm of the softmax, given its value `y`.
  public void logSoftmaxBackward(float[] g, int go, float[] y, int yo, float[] dx, int xo, int n, float[] block) {
    maps.exp(y, yo, dx, xo, n);
    apply(Binary.TIMES, dx, xo, (float) reductions.sum(g, go, n), n, block);
    maps.binary(Binary.MINUS, g, go, dx, xo, dx, xo, n);
  }

  /// `y = x + value`; elements of `x` are `xs` apart.
  private void shift(float[] x, int xo, int xs, float value, float[] y, int yo, int n) {
    if (xs == 1) {
      maps.affine(x, xo, 1, value, y, yo, n);
    } else {
      FloatLoops.copy(x, xo, xs, y, yo, 1, n);
      maps.affine(y, yo, 1, value, y, yo, n);
    }
  }

  /// `y = op(y, value)`.
  private void apply(Binary op, float[] y, int yo, float value, int n, float[] block) {
    Arrays.fill(block, 0, Math.min(n, CHUNK), value);
    for (int from = 0; from < n; from += CHUNK) {
      maps.binary(op, y, yo + from, block, 0, y, yo + from, Math.min(CHUNK, n - from));
    }
  }
}
