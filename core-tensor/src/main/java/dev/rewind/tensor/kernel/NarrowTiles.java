package dev.rewind.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// A register tile of 4 rows by one vector of which C has only the first lanes: the twin of [TwoWideTiles] for matrices
/// with fewer columns than a vector. C passes through a buffer of whole vectors: reading and writing it under a mask made
/// the compiler give up inlining, and was many times slower.
final class NarrowTiles {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /// The most rows that a tile has.
  static final int TALLEST = 4;

  private NarrowTiles() {}

  /// Room for [#add] to work in.
  static float[] buffer() {
    return new float[TALLEST * LANES];
  }

  /// One tile. Row `r` of A starts at `ao + r * as` and has unit stride, row `r` of C at `co + r * cs`; the panel starts
  /// at `bo`, its rows are one vector apart; `n` is the number of columns, less than a vector has lanes.
  static void add(int rows, float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n,
      float[] buffer) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(c, co + r * cs, buffer, r * LANES, n);
    }
    int last = rows - 1; // what a lower tile has no row for repeats its last one, and is dropped
    addRows(a, ao, ao + Math.min(1, last) * as, ao + Math.min(2, last) * as, ao + Math.min(3, last) * as,
        b, bo, k, buffer);
    for (int r = 0; r < rows; r++) {
      System.arraycopy(buffer, r * LANES, c, co + r * cs, n);
    }
  }

  private static void addRows(float[] a, int a0, int a1, int a2, int a3, float[] b, int bo, int k, float[] c) {
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, 0);
    FloatVector c1 = FloatVector.fromArray(SPECIES, c, LANES);
    FloatVector c2 = FloatVector.fromArray(SPECIES, c, 2 * LANES);
    FloatVector c3 = FloatVector.fromArray(SPECIES, c, 3 * LANES);
    for (int p = 0; p < k; p++) {
      FloatVector bp = FloatVector.fromArray(SPECIES, b, bo + p * LANES);
      c0 = FloatVector.broadcast(SPECIES, a[a0 + p]).fma(bp, c0);
      c1 = FloatVector.broadcast(SPECIES, a[a1 + p]).fma(bp, c1);
      c2 = FloatVector.broadcast(SPECIES, a[a2 + p]).fma(bp, c2);
      c3 = FloatVector.broadcast(SPECIES, a[a3 + p]).fma(bp, c3);
    }
    c0.intoArray(c, 0);
    c1.intoArray(c, LANES);
    c2.intoArray(c, 2 * LANES);
    c3.intoArray(c, 3 * LANES);
  }
}
