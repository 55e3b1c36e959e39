package dev.rewind.tensor.kernel;

/// Softmax and what goes with it on one row of floats, in passes over pieces that stay in the cache. The steps and their
/// order are those of the composition of whole operations, so that both give the same bits.
public record SoftmaxKernels(MapKernels maps, FoldKernels folds) {
  private static final int CHUNK = FoldKernels.CHUNK;

  /// Of the provider in use.
  public static SoftmaxKernels active() {
    return new SoftmaxKernels(Kernels.active().maps(), Kernels.active().folds());
  }

  /// `y = exp(x - max) / sum(exp(x - max))`; elements of `x` are `xs` apart, `y` may be `x`.
  public void softmax(float[] x, int xo, int xs, float[] y, int yo, int n) {
    FloatLoops.copy(x, xo, xs, y, yo, 1, n);
    float max = folds.max(y, yo, 1, n);
    double total = 0;
    for (int from = yo; from < yo + n; from += CHUNK) {
      int m = Math.min(CHUNK, yo + n - from);
      subtract(y, from, max, y, from, m);
      maps.exp(y, from, y, from, m);
      total += folds.sum(y, from, m);
    }
    divide(y, yo, (float) total, n);
  }

  /// `y = x - max - log(sum(exp(x - max)))`; elements of `x` are `xs` apart, `y` may be `x`.
  ///
  /// @param block room for 512 numbers
  public void logSoftmax(float[] x, int xo, int xs, float[] y, int yo, int n, float[] block) {
    FloatLoops.copy(x, xo, xs, y, yo, 1, n);
    float max = folds.max(y, yo, 1, n);
    double total = 0;
    for (int from = yo; from < yo + n; from += CHUNK) {
      int m = Math.min(CHUNK, yo + n - from);
      subtract(y, from, max, y, from, m);
      maps.exp(y, from, block, 0, m);
      total += folds.sum(block, 0, m);
    }
    subtract(y, yo, FloatMath.log((float) total), y, yo, n);
  }

  /// `log(sum(exp(x - max))) + max`, where an infinite maximum counts as 0.
  ///
  /// @param block room for 512 numbers
  public float logSumExp(float[] x, int xo, int xs, int n, float[] block) {
    float max = folds.max(x, xo, xs, n);
    float shift = Math.abs(max) < Float.POSITIVE_INFINITY ? max : 0;
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      FloatLoops.copy(x, xo + from * xs, xs, block, 0, 1, m);
      subtract(block, 0, shift, block, 0, m);
      maps.exp(block, 0, block, 0, m);
      total += folds.sum(block, 0, m);
    }
    return FloatMath.log((float) total) + shift;
  }

  /// `dx = (g - sum(g * y)) * y`: a gradient times the derivative of the softmax, given its value `y`.
  ///
  /// @param block room for 512 numbers
  public void softmaxSlope(float[] g, int go, float[] y, int yo, float[] dx, int xo, int n, float[] block) {
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      FloatLoops.binary(Binary.TIMES, g, go + from, y, yo + from, block, 0, m);
      total += folds.sum(block, 0, m);
    }
    float sum = (float) total;
    for (int i = 0; i < n; i++) {
      dx[xo + i] = (g[go + i] - sum) * y[yo + i];
    }
  }

  /// `dx = g - exp(y) * sum(g)`: a gradient times the derivative of the logarithm of the softmax, given its value `y`.
  public void logSoftmaxSlope(float[] g, int go, float[] y, int yo, float[] dx, int xo, int n) {
    float sum = (float) folds.sum(g, go, n);
    maps.exp(y, yo, dx, xo, n);
    for (int i = 0; i < n; i++) {
      dx[xo + i] = g[go + i] - dx[xo + i] * sum;
    }
  }

  private static void subtract(float[] x, int xo, float value, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = x[xo + i] - value;
    }
  }

  private static void divide(float[] y, int yo, float value, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] /= value;
    }
  }
}
