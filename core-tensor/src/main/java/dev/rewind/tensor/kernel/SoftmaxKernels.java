package dev.rewind.tensor.kernel;

import java.util.Arrays;

/// Softmax and what goes with it on one row of floats, in passes over pieces that stay in the cache. The steps and their
/// order are those of the composition of whole operations, so that both give the same bits. Each method wants a `block` with
/// room for 512 numbers, or as many as there are, if these are fewer.
public record SoftmaxKernels(MapKernels maps, FoldKernels folds) {
  private static final int CHUNK = FoldKernels.CHUNK;

  /// Of the provider in use.
  public static SoftmaxKernels active() {
    return new SoftmaxKernels(Kernels.active().maps(), Kernels.active().folds());
  }

  /// `y = exp(x - max) / sum(exp(x - max))`; elements of `x` are `xs` apart, `y` may be `x`.
  public void softmax(float[] x, int xo, int xs, float[] y, int yo, int n, float[] block) {
    FloatLoops.copy(x, xo, xs, y, yo, 1, n);
    apply(Binary.MINUS, y, yo, folds.max(y, yo, 1, n), n, block);
    maps.exp(y, yo, y, yo, n);
    apply(Binary.DIVIDE, y, yo, (float) folds.sum(y, yo, n), n, block);
  }

  /// `y = x - max - log(sum(exp(x - max)))`; elements of `x` are `xs` apart, `y` may be `x`.
  public void logSoftmax(float[] x, int xo, int xs, float[] y, int yo, int n, float[] block) {
    FloatLoops.copy(x, xo, xs, y, yo, 1, n);
    apply(Binary.MINUS, y, yo, folds.max(y, yo, 1, n), n, block);
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      maps.exp(y, yo + from, block, 0, m);
      total += folds.sum(block, 0, m);
    }
    apply(Binary.MINUS, y, yo, FloatMath.log((float) total), n, block);
  }

  /// `log(sum(exp(x - max))) + max`, where an infinite maximum counts as 0.
  public float logSumExp(float[] x, int xo, int xs, int n, float[] block) {
    float max = folds.max(x, xo, xs, n);
    float shift = Math.abs(max) < Float.POSITIVE_INFINITY ? max : 0;
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      FloatLoops.copy(x, xo + from * xs, xs, block, 0, 1, m);
      for (int i = 0; i < m; i++) {
        block[i] -= shift;
      }
      maps.exp(block, 0, block, 0, m);
      total += folds.sum(block, 0, m);
    }
    return FloatMath.log((float) total) + shift;
  }

  /// `dx = (g - sum(g * y)) * y`: a gradient times the derivative of the softmax, given its value `y`.
  public void softmaxSlope(float[] g, int go, float[] y, int yo, float[] dx, int xo, int n, float[] block) {
    maps.binary(Binary.TIMES, g, go, y, yo, dx, xo, n);
    float sum = (float) folds.sum(dx, xo, n);
    System.arraycopy(g, go, dx, xo, n);
    apply(Binary.MINUS, dx, xo, sum, n, block);
    maps.binary(Binary.TIMES, dx, xo, y, yo, dx, xo, n);
  }

  /// `dx = g - exp(y) * sum(g)`: a gradient times the derivative of the logarithm of the softmax, given its value `y`.
  public void logSoftmaxSlope(float[] g, int go, float[] y, int yo, float[] dx, int xo, int n, float[] block) {
    maps.exp(y, yo, dx, xo, n);
    apply(Binary.TIMES, dx, xo, (float) folds.sum(g, go, n), n, block);
    maps.binary(Binary.MINUS, g, go, dx, xo, dx, xo, n);
  }

  /// `y = op(y, value)`.
  private void apply(Binary op, float[] y, int yo, float value, int n, float[] block) {
    Arrays.fill(block, 0, Math.min(n, CHUNK), value);
    for (int from = 0; from < n; from += CHUNK) {
      maps.binary(op, y, yo + from, block, 0, y, yo + from, Math.min(CHUNK, n - from));
    }
  }
}
