package dev.rewind.tensor.kernel.elementwise;

/// Functions over float arrays, for `i` in `[0, n)`; `y` may be the same range as an operand. Bits do not depend on the
/// provider: [FloatMath] defines them.
public interface MapKernels {
  /// `y[yo + i] = x[xo + i] * factor + shift`, rounded twice.
  void affine(float[] x, int xo, float factor, float shift, float[] y, int yo, int n);

  /// `y[yo + i] = op(x[xo + i])`.
  void unary(Unary op, float[] x, int xo, float[] y, int yo, int n);

  /// `y[yo + i] = op(a[ao + i], b[bo + i])`.
  void binary(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /// `y[yo + i] += op(a[ao + i], b[bo + i])`, rounded after `op` and again after the addition.
  void accumulate(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

  /// `y[yo + i] = a[ao + i] op b[bo + i]`.
  void compare(Comparison op, float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n);

  /// `y[yo + i] = c[co + i] ? a[ao + i] : b[bo + i]`.
  void where(boolean[] c, int co, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);
}
