package dev.rewind.tensor.kernel;

/// The right operand `[k, n]` of a matrix product, rearranged so that products read it from front to back: panels of
/// neighbouring columns, each stored row after row. Made by [MatrixKernels#pack] and understood only by the kernels that
/// made it. Products may share it; packing again overwrites it.
public final class PackedMatrix {
  private final int k;
  private final int[] starts; // [panels + 1], the first column of each panel, then n
  private final int[] ends;   // [panels], columns stored for panel p and all before it
  private final float[] data; // panel p, [k, width(p)], begins at offset(p)

  PackedMatrix(int k, int[] starts, int[] widths) {
    if (k < 0) {
      throw new IllegalArgumentException("pack: negative number of rows: " + k);
    }
    long columns = 0;
    this.ends = new int[widths.length];
    for (int p = 0; p < widths.length; p++) {
      columns += widths[p];
      ends[p] = (int) columns;
    }
    if (columns * k > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "pack: [" + k + ", " + starts[widths.length] + "] is too large to be packed into one array");
    }
    this.k = k;
    this.starts = starts;
    this.data = new float[(int) columns * k];
  }

  private PackedMatrix(PackedMatrix taller, int k) {
    this.k = k;
    this.starts = taller.starts;
    this.ends = taller.ends;
    this.data = taller.data;
  }

  /// A matrix of the same columns with `k` rows, no more than this one has, in the memory of this one: whichever of the two
  /// is packed later overwrites the other.
  PackedMatrix ofRows(int k) {
    if (k < 0 || k > capacity()) {
      throw new IllegalArgumentException("ofRows: there is room for " + capacity() + " rows, not " + k);
    }
    return k == this.k ? this : new PackedMatrix(this, k);
  }

  /// The most rows that fit into the memory of this matrix.
  int capacity() {
    return panels() == 0 ? k : data.length / ends[panels() - 1];
  }

  /// Rows, the inner size of the product.
  public int k() {
    return k;
  }

  /// Columns, not counting padding.
  public int n() {
    return starts[panels()];
  }

  /// Panels, the unit by which columns can be shared out.
  public int panels() {
    return ends.length;
  }

  /// The first column of panel `p`; for `p == panels()` the number of columns.
  public int firstColumn(int p) {
    return starts[p];
  }

  /// Columns of panel `p`, not counting padding.
  int columns(int p) {
    return starts[p + 1] - starts[p];
  }

  /// Columns stored for panel `p`.
  int width(int p) {
    return p == 0 ? ends[0] : ends[p] - ends[p - 1];
  }

  /// Where panel `p` starts in `data()`.
  int offset(int p) {
    return p == 0 ? 0 : k * ends[p - 1];
  }

  float[] data() {
    return data;
  }
}
