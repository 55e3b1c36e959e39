package dev.rewind.tensor.kernel.product;

/// Copies parts of strided matrices into the order in which kernels read them.
final class Packing {
  /// Columns that a transposition finishes before it goes on to the next rows: the cache lines written stay near.
  private static final int BLOCK = 64;

  private Packing() {}

  static void requireColumns(int n) {
    if (n < 0) {
      throw new IllegalArgumentException("pack: negative number of columns: " + n);
    }
  }

  /// `y[yo + i * yrs + j] = x[xo + i * xrs + j * xcs]` for the `m` rows and `n` columns.
  static void copy(int m, int n, float[] x, int xo, int xrs, int xcs, float[] y, int yo, int yrs) {
    if (xcs == 1) {
      for (int i = 0; i < m; i++) {
        System.arraycopy(x, xo + i * xrs, y, yo + i * yrs, n);
      }
    } else {
      gather(m, n, x, xo, xrs, xcs, y, yo, yrs);
    }
  }

  /// Reads along the rows of x, which in a transposed matrix have unit stride, eight columns at a time, so that whole
  /// cache lines are used on both sides.
  static void gather(int m, int n, float[] x, int xo, int xrs, int xcs, float[] y, int yo, int yrs) {
    for (int from = 0; from < m; from += BLOCK) {
      int rows = Math.min(BLOCK, m - from);
      int xi = xo + from * xrs;
      int yi = yo + from * yrs;
      int j = 0;
      for (; j <= n - 8; j += 8) {
        gatherEight(rows, x, xi + j * xcs, xrs, xcs, y, yi + j, yrs);
      }
      for (; j < n; j++) {
        gatherOne(rows, x, xi + j * xcs, xrs, y, yi + j, yrs);
      }
    }
  }

  private static void gatherOne(int m, float[] x, int xo, int xrs, float[] y, int yo, int yrs) {
    for (int i = 0; i < m; i++) {
      y[yo + i * yrs] = x[xo + i * xrs];
    }
  }

  private static void gatherEight(int m, float[] x, int xo, int xrs, int xcs, float[] y, int yo, int yrs) {
    for (int i = 0; i < m; i++) {
      int from = xo + i * xrs;
      int to = yo + i * yrs;
      y[to] = x[from];
      y[to + 1] = x[from + xcs];
      y[to + 2] = x[from + 2 * xcs];
      y[to + 3] = x[from + 3 * xcs];
      y[to + 4] = x[from + 4 * xcs];
      y[to + 5] = x[from + 5 * xcs];
      y[to + 6] = x[from + 6 * xcs];
      y[to + 7] = x[from + 7 * xcs];
    }
  }
}
