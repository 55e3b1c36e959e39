package dev.rewind.tensor.kernel.elementwise;

/// The definitions, element by element.
public final class ScalarMaps implements MapKernels {
  @Override
  public void affine(float[] x, int xo, float factor, float shift, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = x[xo + i] * factor + shift;
    }
  }

  @Override
  public void unary(Unary op, float[] x, int xo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = FloatMath.apply(op, x[xo + i]);
    }
  }

  @Override
  public void binary(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = FloatMath.apply(op, a[ao + i], b[bo + i]);
    }
  }

  @Override
  public void accumulate(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] += FloatMath.apply(op, a[ao + i], b[bo + i]);
    }
  }

  @Override
  public void compare(Comparison op, float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = op.holds(a[ao + i], b[bo + i]);
    }
  }

  @Override
  public void where(boolean[] c, int co, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = c[co + i] ? a[ao + i] : b[bo + i];
    }
  }
}
