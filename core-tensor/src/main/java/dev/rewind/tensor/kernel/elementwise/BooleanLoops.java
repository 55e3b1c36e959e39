package dev.rewind.tensor.kernel.elementwise;

import java.util.Arrays;

/// Loops over boolean arrays, with strides.
public final class BooleanLoops {
  private BooleanLoops() {}

  /// Brings elements `from ..` of an operand side by side into `block`, unless they lie so already and `block` is the
  /// operand itself; an element that is repeated is brought once, with the first block.
  static void bring(boolean[] x, int xo, int xs, boolean[] block, int from, int m) {
    if (xs != 1 && (xs != 0 || from == 0)) {
      copy(x, xo + from * xs, xs, block, 0, 1, m);
    }
  }

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
