package dev.rewind.tensor.kernel.elementwise;

/// Functions over arrays: `y[yo + i] = f(x[xo + i])` for `i` in `[0, n)`; `x` and `y` may be the same range. Bits do
/// not depend on the provider.
public interface MapKernels {
  /// `y = x * factor + shift`, rounded twice. For rows too short for what the compiler makes of a plain loop.
  default void affine(float[] x, int xo, float factor, float shift, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = x[xo + i] * factor + shift;
    }
  }

  /// `y[yo + i] = a[ao + i] op b[bo + i]`.
  default void compare(Comparison op, float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    FloatLoops.compare(op, a, ao, b, bo, y, yo, n);
  }

  /// `y[yo + i] = op(x[xo + i])`.
  default void unary(Unary op, float[] x, int xo, float[] y, int yo, int n) {
    FloatLoops.unary(this, op, x, xo, y, yo, n);
  }

  /// `y[yo + i] = c[co + i] ? a[ao + i] : b[bo + i]`.
  default void where(boolean[] c, int co, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatLoops.where(c, co, a, ao, b, bo, y, yo, n);
  }

  /// `y[yo + i] = a[ao + i] op b[bo + i]`.
  default void compare(Comparison op, double[] a, int ao, double[] b, int bo, boolean[] y, int yo, int n) {
    DoubleLoops.compare(op, a, ao, b, bo, y, yo, n);
  }

  /// `y[yo + i] = op(x[xo + i])`.
  default void unary(Unary op, double[] x, int xo, double[] y, int yo, int n) {
    DoubleLoops.unary(this, op, x, xo, y, yo, n);
  }

  /// `y[yo + i] = c[co + i] ? a[ao + i] : b[bo + i]`.
  default void where(boolean[] c, int co, double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
    DoubleLoops.where(c, co, a, ao, b, bo, y, yo, n);
  }

  /// The error function.
  void erf(float[] x, int xo, float[] y, int yo, int n);

  /// The natural exponential.
  void exp(float[] x, int xo, float[] y, int yo, int n);

  /// `exp(x) - 1`.
  void expm1(float[] x, int xo, float[] y, int yo, int n);

  /// `x Phi(x)`, with the normal distribution function.
  void gelu(float[] x, int xo, float[] y, int yo, int n);

  /// The natural logarithm.
  void log(float[] x, int xo, float[] y, int yo, int n);

  /// `log(1 + x)`.
  void log1p(float[] x, int xo, float[] y, int yo, int n);

  /// The logistic function.
  void sigmoid(float[] x, int xo, float[] y, int yo, int n);

  /// `log(1 + exp(x))`.
  void softplus(float[] x, int xo, float[] y, int yo, int n);

  /// The hyperbolic tangent.
  void tanh(float[] x, int xo, float[] y, int yo, int n);

  /// The error function.
  default void erf(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.erf(x[xo + i]);
    }
  }

  /// The natural exponential.
  default void exp(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.exp(x[xo + i]);
    }
  }

  /// `exp(x) - 1`.
  default void expm1(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.expm1(x[xo + i]);
    }
  }

  /// `x Phi(x)`, with the normal distribution function.
  default void gelu(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.gelu(x[xo + i]);
    }
  }

  /// The natural logarithm.
  default void log(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.log(x[xo + i]);
    }
  }

  /// `log(1 + x)`.
  default void log1p(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.log1p(x[xo + i]);
    }
  }

  /// The logistic function.
  default void sigmoid(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.sigmoid(x[xo + i]);
    }
  }

  /// `log(1 + exp(x))`.
  default void softplus(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.softplus(x[xo + i]);
    }
  }

  /// The hyperbolic tangent.
  default void tanh(double[] x, int xo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = DoubleMath.tanh(x[xo + i]);
    }
  }

  /// `y[yo + i] = op(a[ao + i], b[bo + i])`; `y` may be the same range as `a` or `b`.
  default void binary(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatLoops.binary(op, a, ao, b, bo, y, yo, n);
  }

  /// `y[yo + i] += op(a[ao + i], b[bo + i])`, rounded after `op` and again after the addition.
  default void accumulate(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    float[] block = new float[Math.min(n, FloatLoops.BLOCK)];
    for (int from = 0; from < n; from += block.length) {
      int m = Math.min(block.length, n - from);
      FloatLoops.binary(op, a, ao + from, b, bo + from, block, 0, m);
      FloatLoops.binary(Binary.PLUS, y, yo + from, block, 0, y, yo + from, m);
    }
  }

  /// `y[yo + i] = op(a[ao + i], b[bo + i])`; `y` may be the same range as `a` or `b`.
  default void binary(Binary op, double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
    DoubleLoops.binary(op, a, ao, b, bo, y, yo, n);
  }

  /// `y[yo + i] += op(a[ao + i], b[bo + i])`, rounded after `op` and again after the addition.
  default void accumulate(Binary op, double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
    double[] block = new double[Math.min(n, DoubleLoops.BLOCK)];
    for (int from = 0; from < n; from += block.length) {
      int m = Math.min(block.length, n - from);
      DoubleLoops.binary(op, a, ao + from, b, bo + from, block, 0, m);
      DoubleLoops.binary(Binary.PLUS, y, yo + from, block, 0, y, yo + from, m);
    }
  }
}
