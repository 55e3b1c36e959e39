package dev.rewind.tensor.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Matrix products from register tiles, bit for bit those of [ScalarMatrixKernels].
///
/// Panels are as wide as a tile: three vectors where registers are many (512 bits), else two. The columns of the last
/// panels are shared out so that none has fewer than its tile can take. A block of rows of A stays in the second-level
/// cache while the panels pass by; a block of a panel stays in the first while rows pass by.
final class VectorMatrixKernels implements MatrixKernels {
  private static final int LANES = FloatVector.SPECIES_PREFERRED.length();
  private static final int WIDEST = LANES >= 16 ? 3 : 2;

  /// Rows of a panel, and rows of A, that are used again and again before the next ones are fetched.
  private static final int DEPTH = 192;
  private static final int ROWS = 120;

  VectorMatrixKernels() {}

  @Override
  public PackedMatrix layout(int k, int n) {
    Packing.requireColumns(n);
    int vectors = (int) (((long) n + LANES - 1) / LANES);
    int panels = (vectors + WIDEST - 1) / WIDEST;
    int[] starts = new int[panels + 1];
    int[] widths = new int[panels];
    for (int p = 0; p < panels; p++) {
      int left = n - starts[p];
      int columns = columns(left);
      starts[p + 1] = starts[p] + columns;
      widths[p] = columns < LANES ? LANES : Math.max(2, (columns + LANES - 1) / LANES) * LANES;
    }
    return PackedMatrix.layout(k, starts, widths);
  }

  /// Columns of the next panel if `left` are left: a panel of two vectors takes at least one full vector of columns, a
  /// panel of three more than two.
  private static int columns(int left) {
    int full = WIDEST * LANES;
    if (left <= full) {
      return left;
    }
    int afterwards = left - full;
    if (afterwards > (WIDEST == 3 ? LANES : LANES - 1)) {
      return full;
    }
    return WIDEST == 3 ? 2 * LANES : (left + 1) / 2;
  }

  @Override
  public void repack(PackedMatrix target, int fromPanel, int toPanel, float[] b, int bo, int brs, int bcs) {
    for (int panel = fromPanel; panel < toPanel; panel++) {
      int k = target.k();
      int width = target.width(panel);
      int columns = target.columns(panel);
      int from = bo + target.firstColumn(panel) * bcs;
      // The last vector of a panel holds the last columns, also where it overlaps the one before.
      int front = columns < LANES ? columns : width - LANES;
      Packing.copy(k, front, b, from, brs, bcs, target.data(), target.offset(panel), width);
      if (columns >= LANES) {
        int last = from + (columns - LANES) * bcs;
        Packing.copy(k, LANES, b, last, brs, bcs, target.data(), target.offset(panel) + front, width);
      }
    }
  }

  @Override
  public void multiply(float[] a, int ao, int ars, PackedMatrix b, int fromPanel, int toPanel,
      float[] c, int co, int crs, int m, boolean accumulate) {
    for (int from = 0; from < m; from += ROWS) {
      int rows = Math.min(ROWS, m - from);
      for (int panel = fromPanel; panel < toPanel; panel++) {
        int start = co + from * crs + b.firstColumn(panel);
        if (!accumulate) {
          for (int i = 0; i < rows; i++) {
            Arrays.fill(c, start + i * crs, start + i * crs + b.columns(panel), 0);
          }
        }
        addPanel(a, ao + from * ars, ars, b, panel, c, start, crs, rows);
      }
    }
  }

  private static void addPanel(float[] a, int ao, int ars, PackedMatrix b, int panel, float[] c, int co, int crs, int m) {
    int k = b.k();
    int blocks = (k + DEPTH - 1) / DEPTH;
    int p = 0;
    for (int block = 0; block < blocks; block++) {
      int depth = (k - p) / (blocks - block);
      addBlock(a, ao + p, ars, b, panel, p, depth, c, co, crs, m);
      p += depth;
    }
  }

  /// Tiles that differ by at most one row: what is left over from the tallest would be slow for its size.
  private static void addBlock(float[] a, int ao, int ars, PackedMatrix b, int panel, int p, int depth,
      float[] c, int co, int crs, int m) {
    int n = b.columns(panel);
    int width = b.width(panel);
    int bo = b.offset(panel) + p * width;
    int tallest = n < LANES ? NarrowTiles.TALLEST
        : width == 2 * LANES ? TwoWideTiles.TALLEST : ThreeWideTiles.TALLEST;
    float[] buffer = n < LANES ? NarrowTiles.buffer() : null;
    int tiles = (m + tallest - 1) / tallest;
    int i = 0;
    for (int tile = 0; tile < tiles; tile++) {
      int rows = (m - i) / (tiles - tile);
      if (n < LANES) {
        NarrowTiles.add(rows, a, ao + i * ars, ars, b.data(), bo, depth, c, co + i * crs, crs, n, buffer);
      } else if (width == 2 * LANES) {
        TwoWideTiles.add(rows, a, ao + i * ars, ars, b.data(), bo, depth, c, co + i * crs, crs, n);
      } else {
        ThreeWideTiles.add(rows, a, ao + i * ars, ars, b.data(), bo, depth, c, co + i * crs, crs, n);
      }
      i += rows;
    }
  }

  @Override
  public void multiplyThin(int m, int n, int k, float[] a, int ao, int ars, int acs, float[] b, int bo, int brs,
      float[] c, int co, int crs, boolean accumulate) {
    ThinProducts.multiply(m, n, k, a, ao, ars, acs, b, bo, brs, c, co, crs, accumulate);
  }
}
