package dev.rewind.tensor.kernel.elementwise;

/// Functions over float arrays, for `i` in `[0, n)`, element by element: the definitions, whose bits [VectorMaps] has
/// too. `y` may be the same range as an operand.
public sealed class MapKernels permits VectorMaps {
  /// `y[yo + i] = x[xo + i] * factor + shift`, rounded twice.
  public void affine(float[] x, int xo, float factor, float shift, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = x[xo + i] * factor + shift;
    }
  }

  /// `y[yo + i] = a[ao + i] * b[bo + i] + c[co + i]`, rounded once.
  public void fma(float[] a, int ao, float[] b, int bo, float[] c, int co, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Math.fma(a[ao + i], b[bo + i], c[co + i]);
    }
  }

  /// `y[yo + i] = op(x[xo + i])`.
  public void unary(Unary op, float[] x, int xo, float[] y, int yo, int n) {
    switch (op) {
      case SIGMOID -> { // these two by name, for the ends of rows of gates: a call through the table is not inlined
        for (int i = 0; i < n; i++) {
          y[yo + i] = FloatMath.sigmoid(x[xo + i]);
        }
      }
      case TANH -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = FloatMath.tanh(x[xo + i]);
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = op.apply(x[xo + i]);
        }
      }
    }
  }

  /// `y[yo + i] = op(a[ao + i], b[bo + i])`.
  public void binary(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = op.apply(a[ao + i], b[bo + i]);
    }
  }

  /// `y[yo + i] += op(a[ao + i], b[bo + i])`, rounded after `op` and again after the addition.
  public void accumulate(Binary op, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] += op.apply(a[ao + i], b[bo + i]);
    }
  }

  /// `y[yo + i] = a[ao + i] op b[bo + i]`.
  public void compare(Comparison op, float[] a, int ao, float[] b, int bo, boolean[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = op.holds(a[ao + i], b[bo + i]);
    }
  }

  /// `y[yo + i] = c[co + i] ? a[ao + i] : b[bo + i]`.
  public void where(boolean[] c, int co, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = c[co + i] ? a[ao + i] : b[bo + i];
    }
  }
}
