package dev.rewind.tensor.kernel.product;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Transposes matrices, squares of 8 by 8 at a time in registers, after Eklundh (1972): three rounds exchange the
/// halves, quarters and single elements that lie across the diagonal from one another.
final class SquareTransposes {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_256;
  private static final int SIDE = SPECIES.length();

  /// Whether the machine has vectors as wide as a square.
  static final boolean FAST = FloatVector.SPECIES_PREFERRED.length() >= SIDE;

  /// Rows of y that are finished before the next ones are begun: the cache lines written stay near.
  private static final int BLOCK = 64;

  private static final VectorShuffle<Float> FAR = VectorShuffle.fromOp(SPECIES, i -> i ^ 4);
  private static final VectorShuffle<Float> NEAR = VectorShuffle.fromOp(SPECIES, i -> i ^ 2);
  private static final VectorShuffle<Float> NEXT = VectorShuffle.fromOp(SPECIES, i -> i ^ 1);
  private static final VectorMask<Float> UPPER = VectorMask.fromLong(SPECIES, 0b11110000);
  private static final VectorMask<Float> PAIRS = VectorMask.fromLong(SPECIES, 0b11001100);
  private static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0b10101010);

  private SquareTransposes() {}

  /// `y[yo + i * yrs + j] = x[xo + i + j * xcs]` for the `m` rows and `n` columns of y.
  static void copy(int m, int n, float[] x, int xo, int xcs, float[] y, int yo, int yrs) {
    int columns = n - n % SIDE;
    for (int from = 0; from < m; from += BLOCK) {
      int rows = Math.min(BLOCK, m - from);
      int squares = rows - rows % SIDE;
      for (int j = 0; j < columns; j += SIDE) {
        squares(squares, x, xo + from + j * xcs, xcs, y, yo + from * yrs + j, yrs);
      }
      if (squares < rows) {
        Packing.copy(rows - squares, columns, x, xo + from + squares, 1, xcs, y, yo + (from + squares) * yrs, yrs);
      }
    }
    if (columns < n) {
      Packing.copy(m, n - columns, x, xo + columns * xcs, 1, xcs, y, yo + columns, yrs);
    }
  }

  /// Squares one below the other.
  private static void squares(int m, float[] x, int xo, int xcs, float[] y, int yo, int yrs) {
    for (int i = 0; i < m; i += SIDE) {
      int from = xo + i;
      FloatVector a0 = FloatVector.fromArray(SPECIES, x, from);
      FloatVector a1 = FloatVector.fromArray(SPECIES, x, from + xcs);
      FloatVector a2 = FloatVector.fromArray(SPECIES, x, from + 2 * xcs);
      FloatVector a3 = FloatVector.fromArray(SPECIES, x, from + 3 * xcs);
      FloatVector a4 = FloatVector.fromArray(SPECIES, x, from + 4 * xcs);
      FloatVector a5 = FloatVector.fromArray(SPECIES, x, from + 5 * xcs);
      FloatVector a6 = FloatVector.fromArray(SPECIES, x, from + 6 * xcs);
      FloatVector a7 = FloatVector.fromArray(SPECIES, x, from + 7 * xcs);
      FloatVector b0 = a0.blend(a4.rearrange(FAR), UPPER);
      FloatVector b4 = a0.rearrange(FAR).blend(a4, UPPER);
      FloatVector b1 = a1.blend(a5.rearrange(FAR), UPPER);
      FloatVector b5 = a1.rearrange(FAR).blend(a5, UPPER);
      FloatVector b2 = a2.blend(a6.rearrange(FAR), UPPER);
      FloatVector b6 = a2.rearrange(FAR).blend(a6, UPPER);
      FloatVector b3 = a3.blend(a7.rearrange(FAR), UPPER);
      FloatVector b7 = a3.rearrange(FAR).blend(a7, UPPER);
      FloatVector c0 = b0.blend(b2.rearrange(NEAR), PAIRS);
      FloatVector c2 = b0.rearrange(NEAR).blend(b2, PAIRS);
      FloatVector c1 = b1.blend(b3.rearrange(NEAR), PAIRS);
      FloatVector c3 = b1.rearrange(NEAR).blend(b3, PAIRS);
      FloatVector c4 = b4.blend(b6.rearrange(NEAR), PAIRS);
      FloatVector c6 = b4.rearrange(NEAR).blend(b6, PAIRS);
      FloatVector c5 = b5.blend(b7.rearrange(NEAR), PAIRS);
      FloatVector c7 = b5.rearrange(NEAR).blend(b7, PAIRS);
      int to = yo + i * yrs;
      c0.blend(c1.rearrange(NEXT), ODD).intoArray(y, to);
      c0.rearrange(NEXT).blend(c1, ODD).intoArray(y, to + yrs);
      c2.blend(c3.rearrange(NEXT), ODD).intoArray(y, to + 2 * yrs);
      c2.rearrange(NEXT).blend(c3, ODD).intoArray(y, to + 3 * yrs);
      c4.blend(c5.rearrange(NEXT), ODD).intoArray(y, to + 4 * yrs);
      c4.rearrange(NEXT).blend(c5, ODD).intoArray(y, to + 5 * yrs);
      c6.blend(c7.rearrange(NEXT), ODD).intoArray(y, to + 6 * yrs);
      c6.rearrange(NEXT).blend(c7, ODD).intoArray(y, to + 7 * yrs);
    }
  }
}
