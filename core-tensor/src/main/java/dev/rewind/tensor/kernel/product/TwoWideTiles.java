package dev.rewind.tensor.kernel.product;

import dev.rewind.tensor.kernel.thread.Scratch;
import dev.rewind.tensor.kernel.thread.ThreadPool;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Register tiles of up to 5 rows by two vectors: `C[rows, n] = S[rows, n] + A[rows, k] * B[k, n]`, with B in a panel of
/// two vectors a row. What [ThreeWideTiles] says holds here. A tile of 2 to 4 rows computes its last row several times, which
/// takes no longer: the sums of two rows wait for one another as long as those of four.
public final class TwoWideTiles {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /// Columns that a panel stores for a full tile.
  static final int COLUMNS = 2 * LANES;

  /// The most rows that a tile has.
  public static final int TALLEST = 5;

  private TwoWideTiles() {}

  /// One tile, with the arguments of [ThreeWideTiles#multiply]; `n` is `LANES` to `COLUMNS`.
  public static void multiply(int rows, float[] a, int ao, int ars, int acs, float[] b, int bo, int k,
      float[] s, int so, int ss, float[] c, int co, int cs, int n) {
    if (rows == 1) {
      rows1(a, ao, acs, b, bo, k, s, so, c, co, n);
      return;
    }
    int last = n - LANES;
    int one = Math.min(1, rows - 1);
    int two = Math.min(2, rows - 1);
    int three = Math.min(3, rows - 1);
    int four = rows - 1;
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + last);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + one * ss);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + one * ss + last);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + two * ss);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + two * ss + last);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + three * ss);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + three * ss + last);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + four * ss);
    FloatVector c41 = FloatVector.fromArray(SPECIES, s, so + four * ss + last);
    for (int p = 0; p < k; p++) {
      int at = ao + p * acs;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + one * ars]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + two * ars]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + three * ars]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + four * ars]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + last);
    c10.intoArray(c, co + one * cs);
    c11.intoArray(c, co + one * cs + last);
    c20.intoArray(c, co + two * cs);
    c21.intoArray(c, co + two * cs + last);
    c30.intoArray(c, co + three * cs);
    c31.intoArray(c, co + three * cs + last);
    c40.intoArray(c, co + four * cs);
    c41.intoArray(c, co + four * cs + last);
  }

  private static void rows1(float[] a, int ao, int acs, float[] b, int bo, int k,
      float[] s, int so, float[] c, int co, int n) {
    int last = n - LANES;
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + last);
    for (int p = 0; p < k; p++) {
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao + p * acs]);
      c00 = a0.fma(FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS), c00);
      c01 = a0.fma(FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES), c01);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + last);
  }

  /// `C[m, n] = S[m, n] + A[m, k] * B[k, n]` for `n` less than the lanes of a vector. Element `[i, p]` of A is
  /// `a[ao + i * ars + p * acs]`, row `i` of S starts at `so + i * srs`, that of C at `co + i * crs`; the panel starts
  /// at `bo`. C passes through a buffer of whole vectors: reading and writing it under a mask made the compiler give up
  /// inlining, and was many times slower.
  static void multiplyNarrow(int m, int n, int k, float[] a, int ao, int ars, int acs, float[] b, int bo,
      float[] s, int so, int srs, float[] c, int co, int crs) {
    Scratch scratch = ThreadPool.scratch();
    float[] buffer = scratch.borrow(TALLEST * COLUMNS);
    for (int i = 0; i < m; i += TALLEST) {
      int rows = Math.min(TALLEST, m - i);
      for (int r = 0; r < rows; r++) {
        System.arraycopy(s, so + (i + r) * srs, buffer, r * COLUMNS, n);
      }
      multiply(rows, a, ao + i * ars, ars, acs, b, bo, k, buffer, 0, COLUMNS, buffer, 0, COLUMNS, COLUMNS);
      for (int r = 0; r < rows; r++) {
        System.arraycopy(buffer, r * COLUMNS, c, co + (i + r) * crs, n);
      }
    }
    scratch.giveBack(buffer);
  }
}
