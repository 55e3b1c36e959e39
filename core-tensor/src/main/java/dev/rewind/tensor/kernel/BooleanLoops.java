package dev.rewind.tensor.kernel;

import java.util.Arrays;

/// Loops over boolean arrays, with strides.
public final class BooleanLoops {
  private BooleanLoops() {}

  /// `y[yo + i * ys] = x[xo + i * xs]` for `i` in `[0, n)`.
  public static void copy(boolean[] x, int xo, int xs, boolean[] y, int yo, int ys, int n) {
    if (xs == 1 && ys == 1) {
      System.arraycopy(x, xo, y, yo, n);
    } else if (xs == 0 && ys == 1) {
      Arrays.fill(y, yo, yo + n, x[xo]);
    } else {
      for (int i = 0; i < n; i++) {
        y[yo + i * ys] = x[xo + i * xs];
      }
    }
  }
}
