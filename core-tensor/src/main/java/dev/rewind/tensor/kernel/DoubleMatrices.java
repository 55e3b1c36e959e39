package dev.rewind.tensor.kernel;

import java.util.Arrays;

/// Products of double matrices of any strides, for gradient checks and the like: rows of B are added in order, which the
/// compiler turns into vector code. Every element is one chain of fused multiply-adds, as in [MatrixKernels].
public final class DoubleMatrices {
  private static final long PARALLEL_OPERATIONS = 1 << 20;
  private static final int COLUMNS = 1024;

  private DoubleMatrices() {}

  /// `C[m, n] = A[m, k] * B[k, n]`, or `C += A * B`; see [FloatMatrices].
  public static void multiply(
      int m, int n, int k, double[] a, int ao, int ars, int acs, double[] b, int bo, int brs, int bcs, double[] c, int co,
      int crs, boolean accumulate) {
    if (m == 0 || n == 0) {
      return;
    }
    if (bcs != 1) {
      double[] rows = new double[k * n];
      for (int p = 0; p < k; p++) {
        DoubleLoops.copy(b, bo + p * brs, bcs, rows, p * n, 1, n);
      }
      multiply(m, n, k, a, ao, ars, acs, rows, 0, n, 1, c, co, crs, accumulate);
      return;
    }
    int tasks = 2L * m * n * k < PARALLEL_OPERATIONS ? 1 : m;
    Workers.forEach(tasks, task -> {
      for (int i = tasks == 1 ? 0 : task; i < (tasks == 1 ? m : task + 1); i++) {
        row(n, k, a, ao + i * ars, acs, b, bo, brs, c, co + i * crs, accumulate);
      }
    });
  }

  private static void row(
      int n, int k, double[] a, int ao, int acs, double[] b, int bo, int brs, double[] c, int co, boolean accumulate) {
    if (!accumulate) {
      Arrays.fill(c, co, co + n, 0);
    }
    for (int from = 0; from < n; from += COLUMNS) {
      int columns = Math.min(COLUMNS, n - from);
      for (int p = 0; p < k; p++) {
        addMultiple(a[ao + p * acs], b, bo + p * brs + from, c, co + from, columns);
      }
    }
  }

  private static void addMultiple(double factor, double[] x, int xo, double[] y, int yo, int n) {
    for (int j = 0; j < n; j++) {
      y[yo + j] = Math.fma(factor, x[xo + j], y[yo + j]);
    }
  }
}
