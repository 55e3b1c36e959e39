package dev.rewind.tensor.kernel.product;

import java.util.Arrays;

/// Products of float matrices in plain Java: the definition. [VectorMatrixKernels] is the fast twin;
/// [FloatMatrices] chooses among the verbs and shares the work out.
///
/// Every element of a product is one chain `acc = fma(a[i, p], b[p, j], acc)` over `p = 0, 1, ..., k - 1`, begun with 0
/// or with what `C` holds. So its bits depend on its row of A and its column of B and on nothing else: not on the width
/// of a vector, nor on tiles, threads or the other rows. Nothing is skipped, so NaN and infinity propagate.
///
/// The multiplying verbs run on the calling thread and allocate nothing. C may not overlap an operand.
public sealed class MatrixKernels permits VectorMatrixKernels {
  /// Columns of a panel: a row of C's part of it stays in the nearest cache while k passes by.
  private static final int COLUMNS = 128;

  /// Where the elements of a packed matrix of `k` rows and `n` columns go, without memory for them.
  ///
  /// @throws IllegalArgumentException if `k` or `n` is negative, or the packed matrix would not fit into an array
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

  /// Room for a packed matrix of `k` rows and `n` columns, all zero.
  ///
  /// @throws IllegalArgumentException as by [#layout]
  public PackedPanels allocate(int k, int n) {
    PackedPanels layout = layout(k, n);
    return layout.in(new float[layout.floats()]);
  }

  /// Packs `B [k, n]`, whose element `[p, j]` is `b[bo + p * brs + j * bcs]`. Swapped strides pack the transposed
  /// matrix.
  ///
  /// @throws IllegalArgumentException as by [#allocate]
  public PackedPanels pack(float[] b, int bo, int brs, int bcs, int k, int n) {
    PackedPanels packed = allocate(k, n);
    repack(packed, b, bo, brs, bcs);
    return packed;
  }

  /// Packs another matrix of the same sizes into `target`, which these kernels made. Allocates nothing.
  public void repack(PackedPanels target, float[] b, int bo, int brs, int bcs) {
    repack(target, 0, target.k(), b, bo, brs, bcs);
  }

  /// The part of [#repack(PackedPanels, float[], int, int, int)] that fills the rows `[fromRow, toRow)` of all panels,
  /// so that several threads can share the work; `b` and its offset still describe the whole matrix.
  public void repack(PackedPanels target, int fromRow, int toRow, float[] b, int bo, int brs, int bcs) {
    for (int panel = 0; panel < target.panels(); panel++) {
      int width = target.width(panel);
      Packing.copy(toRow - fromRow, width, b, bo + fromRow * brs + target.firstColumn(panel) * bcs, brs, bcs,
          target.data(), target.offset(panel) + fromRow * width, width);
    }
  }

  /// `C[m, n] = A[m, k] * B[k, n]`, or `C += A * B`, for the columns of the panels `[fromPanel, toPanel)`; no other
  /// column of C is read or written. Element `[i, p]` of A is `a[ao + i * ars + p * acs]`: a transposed A costs next to
  /// nothing. Row `i` of the whole C starts at `co + i * crs`.
  public void multiply(float[] a, int ao, int ars, int acs, PackedPanels b, int fromPanel, int toPanel,
      float[] c, int co, int crs, int m, boolean accumulate) {
    for (int panel = fromPanel; panel < toPanel; panel++) {
      int width = b.width(panel);
      multiplyThin(m, width, b.k(), a, ao, ars, acs, b.data(), b.offset(panel), width,
          c, co + b.firstColumn(panel), crs, accumulate);
    }
  }

  /// The same for an A whose rows have unit stride.
  public void multiply(float[] a, int ao, int ars, PackedPanels b, int fromPanel, int toPanel,
      float[] c, int co, int crs, int m, boolean accumulate) {
    multiply(a, ao, ars, 1, b, fromPanel, toPanel, c, co, crs, m, accumulate);
  }

  /// `C[m, n] = A[m, k] * B[k, n]`, or `C += A * B`, without packing, for so few rows that B is better read as it lies:
  /// row `p` of B starts at `bo + p * brs` and has unit stride. Element `[i, p]` of A is `a[ao + i * ars + p * acs]`.
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

  /// Copies a matrix that lies transposed: `y[yo + i * yrs + j] = x[xo + i + j * xcs]` for the `m` rows and `n`
  /// columns.
  public void transpose(int m, int n, float[] x, int xo, int xcs, float[] y, int yo, int yrs) {
    Packing.copy(m, n, x, xo, 1, xcs, y, yo, yrs);
  }

  private static void addRow(float a, float[] b, int bo, float[] c, int co, int n) {
    for (int j = 0; j < n; j++) {
      c[co + j] = Math.fma(a, b[bo + j], c[co + j]);
    }
  }
}
