package dev.rewind.tensor.kernel.product;

import java.util.Arrays;

/// Matrix products in plain Java: what [VectorMatrixKernels] has to compute, to the bit, and the fallback where the
/// Vector API is missing.
public final class ScalarMatrixKernels implements MatrixKernels {
  /// Columns of a panel: a row of C's part of it stays in the nearest cache while k passes by.
  private static final int COLUMNS = 128;

  public ScalarMatrixKernels() {}

  @Override
  public PackedPanels layout(int k, int n) {
    Packing.requireColumns(n);
    int panels = (int) (((long) n + COLUMNS - 1) / COLUMNS);
    int[] starts = new int[panels + 1];
    int[] widths = new int[panels];
    for (int p = 0; p < panels; p++) {
      widths[p] = Math.min(COLUMNS, n - starts[p]);
      starts[p + 1] = starts[p] + widths[p];
    }
    return PackedPanels.layout(k, starts, widths);
  }

  @Override
  public void repack(PackedPanels target, int fromRow, int toRow, float[] b, int bo, int brs, int bcs) {
    for (int panel = 0; panel < target.panels(); panel++) {
      int width = target.width(panel);
      Packing.copy(toRow - fromRow, width, b, bo + fromRow * brs + target.firstColumn(panel) * bcs, brs, bcs,
          target.data(), target.offset(panel) + fromRow * width, width);
    }
  }

  @Override
  public void multiply(float[] a, int ao, int ars, int acs, PackedPanels b, int fromPanel, int toPanel,
      float[] c, int co, int crs, int m, boolean accumulate) {
    for (int panel = fromPanel; panel < toPanel; panel++) {
      int width = b.width(panel);
      multiplyThin(m, width, b.k(), a, ao, ars, acs, b.data(), b.offset(panel), width,
          c, co + b.firstColumn(panel), crs, accumulate);
    }
  }

  @Override
  public void multiplyThin(int m, int n, int k, float[] a, int ao, int ars, int acs, float[] b, int bo, int brs,
      float[] c, int co, int crs, boolean accumulate) {
    for (int i = 0; i < m; i++) {
      int row = co + i * crs;
      if (!accumulate) {
        Arrays.fill(c, row, row + n, 0);
      }
      for (int p = 0; p < k; p++) {
        addRow(a[ao + i * ars + p * acs], b, bo + p * brs, c, row, n);
      }
    }
  }

  private static void addRow(float a, float[] b, int bo, float[] c, int co, int n) {
    for (int j = 0; j < n; j++) {
      c[co + j] = Math.fma(a, b[bo + j], c[co + j]);
    }
  }
}
