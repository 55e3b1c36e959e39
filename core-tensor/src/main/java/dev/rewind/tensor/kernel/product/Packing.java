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

  /// Reads along the rows of x, which in a transposed matrix have unit stride.
  static void gather(int m, int n, float[] x, int xo, int xrs, int xcs, float[] y, int yo, int yrs) {
    for (int from = 0; from < m; from += BLOCK) {
      for (int j = 0; j < n; j++) {
        for (int i = from; i < Math.min(m, from + BLOCK); i++) {
          y[yo + i * yrs + j] = x[xo + i * xrs + j * xcs];
        }
      }
    }
  }
}
