package dev.rewind.tensor.kernel.product;

import dev.rewind.tensor.kernel.thread.Scratch;
import dev.rewind.tensor.kernel.thread.ThreadPool;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Register tiles of 4 rows by one vector of which C has only the first lanes: the twin of [TwoWideTiles] for matrices
/// with fewer columns than a vector. C passes through a buffer of whole vectors: reading and writing it under a mask
/// made the compiler give up inlining, and was many times slower.
final class NarrowTiles {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int ROWS = 4;

  private NarrowTiles() {}

  /// `C[m, n] = S[m, n] + A[m, k] * B[k, n]` for `n` less than the lanes of a vector. Element `[i, p]` of A is
  /// `a[ao + i * ars + p * acs]`, row `i` of S starts at `so + i * srs`, that of C at `co + i * crs`; the panel starts
  /// at `bo`, its rows are one vector apart.
  static void multiply(int m, int n, int k, float[] a, int ao, int ars, int acs, float[] b, int bo,
      float[] s, int so, int srs, float[] c, int co, int crs) {
    Scratch scratch = ThreadPool.scratch();
    float[] buffer = scratch.borrow(ROWS * LANES);
    for (int i = 0; i < m; i += ROWS) {
      int rows = Math.min(ROWS, m - i);
      for (int r = 0; r < rows; r++) {
        System.arraycopy(s, so + (i + r) * srs, buffer, r * LANES, n);
      }
      int last = rows - 1; // what a lower tile has no row for repeats its last one, and is dropped
      addRows(a, ao + i * ars, Math.min(1, last) * ars, Math.min(2, last) * ars, last * ars, acs, b, bo, k, buffer);
      for (int r = 0; r < rows; r++) {
        System.arraycopy(buffer, r * LANES, c, co + (i + r) * crs, n);
      }
    }
    scratch.giveBack(buffer);
  }

  /// Rows `a1`, `a2` and `a3` lie so much behind the first.
  private static void addRows(float[] a, int ao, int a1, int a2, int a3, int acs, float[] b, int bo, int k, float[] c) {
    FloatVector c0 = FloatVector.fromArray(SPECIES, c, 0);
    FloatVector c1 = FloatVector.fromArray(SPECIES, c, LANES);
    FloatVector c2 = FloatVector.fromArray(SPECIES, c, 2 * LANES);
    FloatVector c3 = FloatVector.fromArray(SPECIES, c, 3 * LANES);
    for (int p = 0; p < k; p++) {
      int at = ao + p * acs;
      FloatVector bp = FloatVector.fromArray(SPECIES, b, bo + p * LANES);
      c0 = FloatVector.broadcast(SPECIES, a[at]).fma(bp, c0);
      c1 = FloatVector.broadcast(SPECIES, a[at + a1]).fma(bp, c1);
      c2 = FloatVector.broadcast(SPECIES, a[at + a2]).fma(bp, c2);
      c3 = FloatVector.broadcast(SPECIES, a[at + a3]).fma(bp, c3);
    }
    c0.intoArray(c, 0);
    c1.intoArray(c, LANES);
    c2.intoArray(c, 2 * LANES);
    c3.intoArray(c, 3 * LANES);
  }
}
