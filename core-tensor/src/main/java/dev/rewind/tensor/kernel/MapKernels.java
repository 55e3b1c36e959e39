package dev.rewind.tensor.kernel;

/// Functions over arrays: `y[yo + i] = f(x[xo + i])` for `i` in `[0, n)`; `x` and `y` may be the same range. Bits do not
/// depend on the provider.
public interface MapKernels {
  /// The natural exponential.
  void exp(float[] x, int xo, float[] y, int yo, int n);

  /// The natural logarithm.
  void log(float[] x, int xo, float[] y, int yo, int n);

  /// The logistic function.
  void sigmoid(float[] x, int xo, float[] y, int yo, int n);

  /// The hyperbolic tangent.
  void tanh(float[] x, int xo, float[] y, int yo, int n);

  /// The natural exponential.
  default void exp(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.exp(x[xo + i]);
    }
  }

  /// The natural logarithm.
  default void log(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.log(x[xo + i]);
    }
  }

  /// The logistic function.
  default void sigmoid(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.sigmoid(x[xo + i]);
    }
  }

  /// The hyperbolic tangent.
  default void tanh(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.tanh(x[xo + i]);
    }
  }
}
