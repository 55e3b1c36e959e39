package dev.rewind.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// Register tiles of 1 to 3 rows by one vector of which C has only the first lanes: the twin of [TwoWideTiles] for
/// matrices with fewer columns than a vector. Only these need a mask, and only where C is read and written.
final class NarrowTiles {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /// The most rows that a tile has.
  static final int TALLEST = 3;

  private NarrowTiles() {}

  /// One tile. Row `r` of A starts at `ao + r * as` and has unit stride, row `r` of C at `co + r * cs`; the panel starts at
  /// `bo`, its rows are one vector apart; `n` is the number of columns, less than a vector has lanes.
  static void add(int rows, float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n) {
    switch (rows) {
      case 1 -> rows1(a, ao, as, b, bo, k, c, co, cs, n);
      case 2 -> rows2(a, ao, as, b, bo, k, c, co, cs, n);
      case 3 -> rows3(a, ao, as, b, bo, k, c, co, cs, n);
      default -> throw new IllegalArgumentException("no tile of " + rows + " rows");
    }
  }

  private static void rows1(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, n);
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, co, mask);
    for (int p = 0; p < k; p++) {
      FloatVector bp = FloatVector.fromArray(SPECIES, b, bo + p * LANES);
      c0 = FloatVector.broadcast(SPECIES, a[ao + p]).fma(bp, c0);
    }
    c0.intoArray(c, co, mask);
  }

  private static void rows2(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, n);
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, co, mask);
    FloatVector c1 = FloatVector.fromArray(SPECIES, c, co + cs, mask);
    for (int p = 0; p < k; p++) {
      FloatVector bp = FloatVector.fromArray(SPECIES, b, bo + p * LANES);
      c0 = FloatVector.broadcast(SPECIES, a[ao + p]).fma(bp, c0);
      c1 = FloatVector.broadcast(SPECIES, a[ao + as + p]).fma(bp, c1);
    }
    c0.intoArray(c, co, mask);
    c1.intoArray(c, co + cs, mask);
  }

  private static void rows3(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, n);
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, co, mask);
    FloatVector c1 = FloatVector.fromArray(SPECIES, c, co + cs, mask);
    FloatVector c2 = FloatVector.fromArray(SPECIES, c, co + 2 * cs, mask);
    for (int p = 0; p < k; p++) {
      FloatVector bp = FloatVector.fromArray(SPECIES, b, bo + p * LANES);
      c0 = FloatVector.broadcast(SPECIES, a[ao + p]).fma(bp, c0);
      c1 = FloatVector.broadcast(SPECIES, a[ao + as + p]).fma(bp, c1);
      c2 = FloatVector.broadcast(SPECIES, a[ao + 2 * as + p]).fma(bp, c2);
    }
    c0.intoArray(c, co, mask);
    c1.intoArray(c, co + cs, mask);
    c2.intoArray(c, co + 2 * cs, mask);
  }
}
