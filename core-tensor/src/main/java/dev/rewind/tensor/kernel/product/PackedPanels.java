package dev.rewind.tensor.kernel.product;

/// The right operand `[k, n]` of a matrix product, rearranged so that products read it from front to back: panels of
/// neighbouring columns, each stored row after row. Made by [MatrixKernels#pack] and understood only by the kernels
/// that made it. Products may share it; packing again overwrites it.
public final class PackedPanels {
  private static final float[] NO_MEMORY = {};

  private final int k;
  private final int[] starts; // [panels + 1], the first column of each panel, then n
  private final int[] ends;   // [panels], columns stored for panel p and all before it
  private final float[] data; // panel p, [k, width(p)], begins at offset(p)

  /// The places of a matrix that has no memory yet.
  ///
  /// @param starts `[panels + 1]`, the first column of each panel, then the number of columns
  /// @param widths `[panels]`, columns stored for each panel
  static PackedPanels layout(int k, int[] starts, int[] widths) {
    if (k < 0) {
      throw new IllegalArgumentException("pack: negative number of rows: " + k);
    }
    long columns = 0;
    int[] ends = new int[widths.length];
    for (int p = 0; p < widths.length; p++) {
      columns += widths[p];
      ends[p] = (int) columns;
    }
    if (columns * k > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "pack: [" + k + ", " + starts[widths.length] + "] is too large to be packed into one array");
    }
    return new PackedPanels(k, starts, ends, NO_MEMORY);
  }

  private PackedPanels(int k, int[] starts, int[] ends, float[] data) {
    this.k = k;
    this.starts = starts;
    this.ends = ends;
    this.data = data;
  }

  /// The same places in an array of at least [#floats] elements, which is filled by packing.
  PackedPanels in(float[] memory) {
    return new PackedPanels(k, starts, ends, memory);
  }

  /// The places of panel `p` alone, with `k` rows, in an array of at least `k * width(p)` elements.
  PackedPanels panel(int p, int k, float[] memory) {
    return new PackedPanels(k, new int[] {0, columns(p)}, new int[] {width(p)}, memory);
  }

  /// Elements of memory that the matrix needs.
  int floats() {
    return panels() == 0 ? 0 : k * ends[panels() - 1];
  }

  /// A matrix of the same columns with `k` rows, no more than this one has, in the memory of this one: whichever of the
  /// two is packed later overwrites the other.
  PackedPanels ofRows(int k) {
    if (k < 0 || k > capacity()) {
      throw new IllegalArgumentException("ofRows: there is room for " + capacity() + " rows, not " + k);
    }
    return k == this.k ? this : new PackedPanels(k, starts, ends, data);
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
