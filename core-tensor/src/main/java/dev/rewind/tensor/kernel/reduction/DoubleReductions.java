package dev.rewind.tensor.kernel.reduction;

import dev.rewind.tensor.kernel.elementwise.DoubleLoops;

/// Folds of doubles by the scheme of [ReductionKernels], whose documentation serves for these. The twin of
/// [ScalarReductions].
public final class DoubleReductions {
  private static final int LANES = ReductionKernels.LANES;
  private static final int CHUNK = ReductionKernels.CHUNK;

  private DoubleReductions() {}

  public static double sum(double[] x, int xo, int n) {
    double total = 0;
    double[] lanes = new double[LANES];
    for (int from = 0; from < n; from += CHUNK) {
      java.util.Arrays.fill(lanes, 0);
      addTo(lanes, x, xo + from, Math.min(CHUNK, n - from));
      total += ReductionKernels.fold(lanes, 0, 1);
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

  public static double sumOfProducts(double[] a, int ao, double[] b, int bo, int n) {
    double total = 0;
    double[] lanes = new double[LANES];
    for (int from = 0; from < n; from += CHUNK) {
      java.util.Arrays.fill(lanes, 0);
      addProductsTo(lanes, a, ao + from, b, bo + from, Math.min(CHUNK, n - from));
      total += ReductionKernels.fold(lanes, 0, 1);
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

  public static double sumOfSquares(double[] x, int xo, int n, double centre) {
    double total = 0;
    double[] lanes = new double[LANES];
    for (int from = 0; from < n; from += CHUNK) {
      java.util.Arrays.fill(lanes, 0);
      addSquaresTo(lanes, x, xo + from, Math.min(CHUNK, n - from), centre);
      total += ReductionKernels.fold(lanes, 0, 1);
    }
    return total;
  }

  private static void addSquaresTo(double[] lanes, double[] x, int xo, int n, double centre) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        double distance = x[xo + i + lane] - centre;
        lanes[lane] = Math.fma(distance, distance, lanes[lane]);
      }
    }
    for (int lane = 0; i < n; i++, lane++) {
      double distance = x[xo + i] - centre;
      lanes[lane] = Math.fma(distance, distance, lanes[lane]);
    }
  }

  public static double sumOfSquares(double[] x, int xo, int stride, int n, double centre) {
    double total = 0;
    double[] block = new double[Math.min(CHUNK, n)];
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      DoubleLoops.copy(x, xo + from * stride, stride, block, 0, 1, m);
      total += sumOfSquares(block, 0, m, centre);
    }
    return total;
  }

  public static void addRows(double[] x, int xo, int step, int rows, double[] sums, int at, int n) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < n; j++) {
        sums[at + j] += x[xo + r * step + j];
      }
    }
  }

  public static void addSquares(double[] x, int xo, int step, int rows, double[] centres, int co,
      double[] sums, int at, int n) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < n; j++) {
        double distance = x[xo + r * step + j] - centres[co + j];
        sums[at + j] = Math.fma(distance, distance, sums[at + j]);
      }
    }
  }

  public static double max(double[] x, int xo, int stride, int n) {
    double found = x[xo];
    for (int i = 1; i < n; i++) {
      found = Math.max(found, x[xo + i * stride]);
    }
    return found;
  }

  public static double min(double[] x, int xo, int stride, int n) {
    double found = x[xo];
    for (int i = 1; i < n; i++) {
      found = Math.min(found, x[xo + i * stride]);
    }
    return found;
  }

  public static int place(double[] x, int xo, int stride, int n, double value) {
    int i = 0;
    while (x[xo + i * stride] != value && !(Double.isNaN(value) && Double.isNaN(x[xo + i * stride]))) {
      i++;
    }
    return i;
  }
}
