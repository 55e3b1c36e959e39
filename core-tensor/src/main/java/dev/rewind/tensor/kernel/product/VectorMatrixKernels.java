package dev.rewind.tensor.kernel.product;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Matrix products from register tiles, bit for bit those of [MatrixKernels].
///
/// Panels are as wide as a tile, three vectors; the columns of the last ones are shared out so that none has fewer than
/// its tile can take. A block of rows of A stays in the second-level cache while the panels pass by; a block of a panel
/// stays in the first while rows pass by.
public final class VectorMatrixKernels extends MatrixKernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int WIDEST = 3;

  /// Rows of a panel, and rows of A, that are used again and again before the next ones are fetched.
  private static final int DEPTH = 192;
  private static final int ROWS = 120;

  /// What the chains of a new product begin with: a row that all rows of a tile read, so that C need not be cleared.
  private static final float[] ZEROS = new float[WIDEST * LANES];

  @Override
  public PackedPanels layout(int k, int n) {
    Packing.requireColumns(n);
    int vectors = (int) (((long) n + LANES - 1) / LANES);
    int panels = (vectors + WIDEST - 1) / WIDEST;
    int[] starts = new int[panels + 1];
    int[] widths = new int[panels];
    for (int p = 0; p < panels; p++) {
      int left = n - starts[p];
      int columns = columns(left);
      starts[p + 1] = starts[p] + columns;
      widths[p] = Math.max(2, (columns + LANES - 1) / LANES) * LANES;
    }
    return PackedPanels.layout(k, starts, widths);
  }

  /// Columns of the next panel if `left` are left: a panel of two vectors takes at least one full vector of columns, a
  /// panel of three more than two.
  private static int columns(int left) {
    int full = WIDEST * LANES;
    if (left <= full) {
      return left;
    }
    return left - full > LANES ? full : 2 * LANES;
  }

  @Override
  public void repack(PackedPanels target, int fromRow, int toRow, float[] b, int bo, int brs, int bcs) {
    int k = toRow - fromRow;
    for (int panel = 0; panel < target.panels(); panel++) {
      int width = target.width(panel);
      int columns = target.columns(panel);
      int from = bo + fromRow * brs + target.firstColumn(panel) * bcs;
      int to = target.offset(panel) + fromRow * width;
      // The last vector of a panel holds the last columns, also where it overlaps the one before.
      if (columns < LANES) {
        Packing.copy(k, columns, b, from, brs, bcs, target.data(), to, width);
      } else if (bcs == 1) {
        copy(k, width, columns - LANES, b, from, brs, target.data(), to);
      } else {
        int front = width - LANES;
        gather(k, front, b, from, brs, bcs, target.data(), to, width);
        gather(k, LANES, b, from + (columns - LANES) * bcs, brs, bcs, target.data(), to + front, width);
      }
    }
  }

  /// Copies rows of unit stride, the last vector from column `last` on. For so few elements a call of the JDK's copying
  /// of arrays costs more than the copy itself.
  private static void copy(int m, int width, int last, float[] x, int xo, int xrs, float[] y, int yo) {
    for (int i = 0; i < m; i++) {
      int to = yo + i * width;
      for (int j = 0; j < width - LANES; j += LANES) {
        FloatVector.fromArray(SPECIES, x, xo + i * xrs + j).intoArray(y, to + j);
      }
      FloatVector.fromArray(SPECIES, x, xo + i * xrs + last).intoArray(y, to + width - LANES);
    }
  }

  private static void gather(int m, int n, float[] x, int xo, int xrs, int xcs, float[] y, int yo, int yrs) {
    if (xrs == 1 && SquareTransposes.FAST) {
      SquareTransposes.copy(m, n, x, xo, xcs, y, yo, yrs);
    } else {
      Packing.copy(m, n, x, xo, xrs, xcs, y, yo, yrs);
    }
  }

  @Override
  public void multiply(float[] a, int ao, int ars, int acs, PackedPanels b, int fromPanel, int toPanel,
      float[] c, int co, int crs, int m, boolean accumulate) {
    for (int from = 0; from < m; from += ROWS) {
      int rows = Math.min(ROWS, m - from);
      for (int panel = fromPanel; panel < toPanel; panel++) {
        int to = co + from * crs + b.firstColumn(panel);
        multiplyPanel(a, ao + from * ars, ars, acs, b, panel, c, to, crs, rows, accumulate);
      }
    }
  }

  /// Goes along k in equal blocks; only the first of a new product does not add to what C holds.
  private static void multiplyPanel(float[] a, int ao, int ars, int acs, PackedPanels b, int panel,
      float[] c, int co, int crs, int m, boolean accumulate) {
    int k = b.k();
    int blocks = Math.max(1, (k + DEPTH - 1) / DEPTH);
    int p = 0;
    for (int block = 0; block < blocks; block++) {
      int depth = (k - p) / (blocks - block);
      boolean fresh = p == 0 && !accumulate;
      multiplyBlock(a, ao + p * acs, ars, acs, b, panel, p, depth, fresh ? ZEROS : c, fresh ? 0 : co, fresh ? 0 : crs,
          c, co, crs, m);
      p += depth;
    }
  }

  /// `C = S + A B` for rows `[p, p + depth)` of a panel. The tiles differ by at most one row: what is left over from
  /// the tallest would be slow for its size.
  private static void multiplyBlock(float[] a, int ao, int ars, int acs, PackedPanels b, int panel, int p, int depth,
      float[] s, int so, int srs, float[] c, int co, int crs, int m) {
    int n = b.columns(panel);
    int width = b.width(panel);
    int bo = b.offset(panel) + p * width;
    if (n < LANES) {
      TwoWideTiles.multiplyNarrow(m, n, depth, a, ao, ars, acs, b.data(), bo, s, so, srs, c, co, crs);
      return;
    }
    int tallest = width == 2 * LANES ? TwoWideTiles.TALLEST : ThreeWideTiles.TALLEST;
    int tiles = (m + tallest - 1) / tallest;
    int i = 0;
    for (int tile = 0; tile < tiles; tile++) {
      int rows = (m - i) / (tiles - tile);
      int at = ao + i * ars;
      int from = so + i * srs;
      int to = co + i * crs;
      if (width == 2 * LANES) {
        TwoWideTiles.multiply(rows, a, at, ars, acs, b.data(), bo, depth, s, from, srs, c, to, crs, n);
      } else {
        ThreeWideTiles.multiply(rows, a, at, ars, acs, b.data(), bo, depth, s, from, srs, c, to, crs, n);
      }
      i += rows;
    }
  }

  @Override
  public void multiplyThin(int m, int n, int k, float[] a, int ao, int ars, int acs, float[] b, int bo, int brs,
      float[] c, int co, int crs, boolean accumulate) {
    SkinnyProducts.multiply(m, n, k, a, ao, ars, acs, b, bo, brs, c, co, crs, accumulate);
  }

  @Override
  public void transpose(int m, int n, float[] x, int xo, int xcs, float[] y, int yo, int yrs) {
    if (SquareTransposes.FAST) {
      SquareTransposes.copy(m, n, x, xo, xcs, y, yo, yrs);
    } else {
      super.transpose(m, n, x, xo, xcs, y, yo, yrs);
    }
  }
}
