package dev.rewind.tensor.kernel;

/// Sums of doubles whose bits depend on the order of the elements alone. In a chunk of 512, element `r` is added to double
/// lane `r % 16`; the lanes of a chunk are added pairwise, the chunks one after another. The twin of [ScalarFolds].
public final class DoubleFolds {
  static final int LANES = 16;
  static final int CHUNK = 512;
  private static final int COLUMNS = 256;

  private DoubleFolds() {}

  /// The sum of `x[xo .. xo + n - 1]`.
  public static double sum(double[] x, int xo, int n) {
    double total = 0;
    double[] lanes = new double[LANES];
    for (int from = 0; from < n; from += CHUNK) {
      java.util.Arrays.fill(lanes, 0);
      addTo(lanes, x, xo + from, Math.min(CHUNK, n - from));
      total += fold(lanes, 0, 1);
    }
    return total;
  }

  private static void addTo(double[] lanes, double[] x, int xo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] += x[xo + i + lane];
      }
    }
    for (int lane = 0; i < n; i++, lane++) {
      lanes[lane] += x[xo + i];
    }
  }

  /// The lanes at `from, from + step, ..`, added pairwise.
  private static double fold(double[] lanes, int from, int step) {
    double total = 0;
    for (int lane = 0; lane < LANES / 4; lane++) {
      double first = lanes[from + lane * step] + lanes[from + (lane + 8) * step];
      double second = lanes[from + (lane + 4) * step] + lanes[from + (lane + 12) * step];
      total += first + second;
    }
    return total;
  }

  /// The sum of `n` elements that are `stride` apart.
  public static double sum(double[] x, int xo, int stride, int n) {
    double total = 0;
    double[] block = new double[Math.min(CHUNK, n)];
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      DoubleLoops.copy(x, xo + from * stride, stride, block, 0, 1, m);
      total += sum(block, 0, m);
    }
    return total;
  }

  /// The sum of `a[ao + i] * b[bo + i]` for `i` in `[0, n)`, by the same scheme.
  public static double sumOfProducts(double[] a, int ao, double[] b, int bo, int n) {
    double total = 0;
    double[] lanes = new double[LANES];
    for (int from = 0; from < n; from += CHUNK) {
      java.util.Arrays.fill(lanes, 0);
      addProductsTo(lanes, a, ao + from, b, bo + from, Math.min(CHUNK, n - from));
      total += fold(lanes, 0, 1);
    }
    return total;
  }

  private static void addProductsTo(double[] lanes, double[] a, int ao, double[] b, int bo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] += a[ao + i + lane] * b[bo + i + lane];
      }
    }
    for (int lane = 0; i < n; i++, lane++) {
      lanes[lane] += a[ao + i] * b[bo + i];
    }
  }

  /// `y[yo + j] =` the sum of column `j` of a matrix whose rows are `rowStride` apart: the same bits as [#sum] of the
  /// column.
  public static void sumColumns(double[] x, int xo, int rowStride, int rows, int columns, double[] y, int yo) {
    double[] lanes = new double[LANES * Math.min(columns, COLUMNS)];
    double[] totals = new double[Math.min(columns, COLUMNS)];
    for (int first = 0; first < columns; first += COLUMNS) {
      int width = Math.min(COLUMNS, columns - first);
      java.util.Arrays.fill(totals, 0);
      for (int from = 0; from < rows; from += CHUNK) {
        java.util.Arrays.fill(lanes, 0);
        int to = Math.min(rows, from + CHUNK);
        for (int r = from; r < to; r++) {
          addRow(lanes, r % LANES * width, x, xo + r * rowStride + first, width);
        }
        for (int j = 0; j < width; j++) {
          totals[j] += fold(lanes, j, width);
        }
      }
      for (int j = 0; j < width; j++) {
        y[yo + first + j] = totals[j];
      }
    }
  }

  private static void addRow(double[] lanes, int at, double[] x, int xo, int n) {
    for (int j = 0; j < n; j++) {
      lanes[at + j] += x[xo + j];
    }
  }

  /// The largest of `n >= 1` elements that are `stride` apart: NaN if there is one.
  public static double max(double[] x, int xo, int stride, int n) {
    double found = x[xo];
    for (int i = 1; i < n; i++) {
      found = Math.max(found, x[xo + i * stride]);
    }
    return found;
  }

  /// The smallest; see [#max].
  public static double min(double[] x, int xo, int stride, int n) {
    double found = x[xo];
    for (int i = 1; i < n; i++) {
      found = Math.min(found, x[xo + i * stride]);
    }
    return found;
  }

  /// Where, counted in elements, the first of `n` that equals a value is, or the first NaN if the value is NaN.
  public static int place(double[] x, int xo, int stride, int n, double value) {
    int i = 0;
    while (x[xo + i * stride] != value && (value == value || x[xo + i * stride] == x[xo + i * stride])) {
      i++;
    }
    return i;
  }
}
