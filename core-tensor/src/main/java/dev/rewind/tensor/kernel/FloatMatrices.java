package dev.rewind.tensor.kernel;

import java.util.Arrays;

/// Products of float matrices of any strides: brings the operands into the form that [MatrixKernels] want and shares large
/// products out over the worker threads.
public final class FloatMatrices {
  private static final long PARALLEL_OPERATIONS = 1 << 20;
  private static final int ROWS_PER_TASK = 120;

  private FloatMatrices() {}

  /// `C[m, n] = A[m, k] * B[k, n]`, or `C += A * B`. Element `[i, j]` of an operand lies at `offset + i * rowStride + j *
  /// columnStride`; columns of C have unit stride.
  public static void multiply(
      MatrixKernels kernels, int m, int n, int k, float[] a, int ao, int ars, int acs, float[] b, int bo, int brs, int bcs,
      float[] c, int co, int crs, boolean accumulate) {
    if (m == 0 || n == 0) {
      return;
    }
    if (m == 1 && bcs == 1) {
      row(n, k, a, ao, acs, b, bo, brs, c, co, accumulate);
    } else if (acs == 1) {
      multiply(kernels, m, a, ao, ars, packed(kernels, b, bo, brs, bcs, k, n), c, co, crs, accumulate);
    } else {
      float[] rows = new float[m * k];
      transposed(a, ao, ars, acs, m, k, rows);
      multiply(kernels, m, rows, 0, k, packed(kernels, b, bo, brs, bcs, k, n), c, co, crs, accumulate);
    }
  }

  /// `C[m, n] = A[m, k] * B`, or `C += A * B`, with an operand packed before; rows of A have unit stride.
  public static void multiply(
      MatrixKernels kernels, int m, float[] a, int ao, int ars, PackedMatrix b, float[] c, int co, int crs,
      boolean accumulate) {
    int panels = b.panels();
    if (2L * m * b.n() * b.k() < PARALLEL_OPERATIONS) {
      kernels.multiply(a, ao, ars, b, 0, panels, c, co, crs, m, accumulate);
      return;
    }
    int blocks = Math.max(1, m / ROWS_PER_TASK);
    int groups = Math.min(panels, blocks >= 8 ? 1 : 8 / blocks);
    Workers.forEach(blocks * groups, task -> {
      int from = (int) ((long) m * (task / groups) / blocks);
      int to = (int) ((long) m * (task / groups + 1) / blocks);
      int firstPanel = panels * (task % groups) / groups;
      int lastPanel = panels * (task % groups + 1) / groups;
      kernels.multiply(a, ao + from * ars, ars, b, firstPanel, lastPanel, c, co + from * crs, crs, to - from, accumulate);
    });
  }

  private static PackedMatrix packed(MatrixKernels kernels, float[] b, int bo, int brs, int bcs, int k, int n) {
    return kernels.pack(b, bo, brs, bcs, k, n);
  }

  /// Copies A into rows of unit stride.
  private static void transposed(float[] a, int ao, int ars, int acs, int m, int k, float[] rows) {
    Packing.copy(m, k, a, ao, ars, acs, rows, 0, k);
  }

  /// One row of a product, without packing: rows of B are read from front to back.
  private static void row(
      int n, int k, float[] a, int ao, int acs, float[] b, int bo, int brs, float[] c, int co, boolean accumulate) {
    if (!accumulate) {
      Arrays.fill(c, co, co + n, 0);
    }
    for (int p = 0; p < k; p++) {
      addMultiple(a[ao + p * acs], b, bo + p * brs, c, co, n);
    }
  }

  private static void addMultiple(float factor, float[] x, int xo, float[] y, int yo, int n) {
    for (int j = 0; j < n; j++) {
      y[yo + j] = Math.fma(factor, x[xo + j], y[yo + j]);
    }
  }
}
