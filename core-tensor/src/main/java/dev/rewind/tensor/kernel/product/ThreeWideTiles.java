package dev.rewind.tensor.kernel.product;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Register tiles of 1 to 5 rows by three vectors: `C[rows, n] = S[rows, n] + A[rows, k] * B[k, n]`, with B in a panel
/// of three vectors a row. The accumulators are named one by one because the compiler keeps only local variables in
/// registers, never the elements of an array; one method a height, because it must see a fixed number of them. One row
/// is done twice: a method for it is small enough to be inlined, and its vectors become objects then.
///
/// The last vector of a row ends with column `n - 1`. Where it overlaps the one before it, both compute the same
/// chains, and all are loaded before any is stored: so no tile needs a mask, which would cost more than the columns
/// done twice.
public final class ThreeWideTiles {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /// Columns that a panel stores for a full tile.
  static final int COLUMNS = 3 * LANES;

  /// The most rows that a tile has. Narrow vectors have 16 registers, which are filled by the sums of four rows, three
  /// vectors of B and one of A; those of 512 bits have 32.
  public static final int TALLEST = LANES >= 16 ? 5 : 4;

  private ThreeWideTiles() {}

  /// One tile. Element `[r, p]` of A is `a[ao + r * ars + p * acs]`: A is read as it lies, transposed or not. Row `r`
  /// of S starts at `so + r * ss`, that of C at `co + r * cs`; S may be C, or one row for all. The panel starts at
  /// `bo`, its rows are `COLUMNS` apart; `n` is the number of columns that C has here, `2 * LANES` to `COLUMNS`.
  public static void multiply(int rows, float[] a, int ao, int ars, int acs, float[] b, int bo, int k,
      float[] s, int so, int ss, float[] c, int co, int cs, int n) {
    switch (rows) {
      case 1 -> rows2(a, ao, 0, acs, b, bo, k, s, so, 0, c, co, 0, n); // one row twice
      case 2 -> rows2(a, ao, ars, acs, b, bo, k, s, so, ss, c, co, cs, n);
      case 3 -> rows3(a, ao, ars, acs, b, bo, k, s, so, ss, c, co, cs, n);
      case 4 -> rows4(a, ao, ars, acs, b, bo, k, s, so, ss, c, co, cs, n);
      case 5 -> rows5(a, ao, ars, acs, b, bo, k, s, so, ss, c, co, cs, n);
      default -> throw new IllegalArgumentException("no tile of " + rows + " rows");
    }
  }

  private static void rows2(float[] a, int ao, int ars, int acs, float[] b, int bo, int k,
      float[] s, int so, int ss, float[] c, int co, int cs, int n) {
    int last = n - LANES;
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + LANES);
    FloatVector c02 = FloatVector.fromArray(SPECIES, s, so + last);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + ss);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + ss + LANES);
    FloatVector c12 = FloatVector.fromArray(SPECIES, s, so + ss + last);
    for (int p = 0; p < k; p++) {
      int at = ao + p * acs;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + 2 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + ars]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + LANES);
    c02.intoArray(c, co + last);
    c10.intoArray(c, co + cs);
    c11.intoArray(c, co + cs + LANES);
    c12.intoArray(c, co + cs + last);
  }

  private static void rows3(float[] a, int ao, int ars, int acs, float[] b, int bo, int k,
      float[] s, int so, int ss, float[] c, int co, int cs, int n) {
    int last = n - LANES;
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + LANES);
    FloatVector c02 = FloatVector.fromArray(SPECIES, s, so + last);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + ss);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + ss + LANES);
    FloatVector c12 = FloatVector.fromArray(SPECIES, s, so + ss + last);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * ss);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * ss + LANES);
    FloatVector c22 = FloatVector.fromArray(SPECIES, s, so + 2 * ss + last);
    for (int p = 0; p < k; p++) {
      int at = ao + p * acs;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + 2 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + ars]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * ars]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + LANES);
    c02.intoArray(c, co + last);
    c10.intoArray(c, co + cs);
    c11.intoArray(c, co + cs + LANES);
    c12.intoArray(c, co + cs + last);
    c20.intoArray(c, co + 2 * cs);
    c21.intoArray(c, co + 2 * cs + LANES);
    c22.intoArray(c, co + 2 * cs + last);
  }

  private static void rows4(float[] a, int ao, int ars, int acs, float[] b, int bo, int k,
      float[] s, int so, int ss, float[] c, int co, int cs, int n) {
    int last = n - LANES;
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + LANES);
    FloatVector c02 = FloatVector.fromArray(SPECIES, s, so + last);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + ss);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + ss + LANES);
    FloatVector c12 = FloatVector.fromArray(SPECIES, s, so + ss + last);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * ss);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * ss + LANES);
    FloatVector c22 = FloatVector.fromArray(SPECIES, s, so + 2 * ss + last);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * ss);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + 3 * ss + LANES);
    FloatVector c32 = FloatVector.fromArray(SPECIES, s, so + 3 * ss + last);
    for (int p = 0; p < k; p++) {
      int at = ao + p * acs;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + 2 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + ars]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * ars]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * ars]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + LANES);
    c02.intoArray(c, co + last);
    c10.intoArray(c, co + cs);
    c11.intoArray(c, co + cs + LANES);
    c12.intoArray(c, co + cs + last);
    c20.intoArray(c, co + 2 * cs);
    c21.intoArray(c, co + 2 * cs + LANES);
    c22.intoArray(c, co + 2 * cs + last);
    c30.intoArray(c, co + 3 * cs);
    c31.intoArray(c, co + 3 * cs + LANES);
    c32.intoArray(c, co + 3 * cs + last);
  }

  private static void rows5(float[] a, int ao, int ars, int acs, float[] b, int bo, int k,
      float[] s, int so, int ss, float[] c, int co, int cs, int n) {
    int last = n - LANES;
    FloatVector c00 = FloatVector.fromArray(SPECIES, s, so);
    FloatVector c01 = FloatVector.fromArray(SPECIES, s, so + LANES);
    FloatVector c02 = FloatVector.fromArray(SPECIES, s, so + last);
    FloatVector c10 = FloatVector.fromArray(SPECIES, s, so + ss);
    FloatVector c11 = FloatVector.fromArray(SPECIES, s, so + ss + LANES);
    FloatVector c12 = FloatVector.fromArray(SPECIES, s, so + ss + last);
    FloatVector c20 = FloatVector.fromArray(SPECIES, s, so + 2 * ss);
    FloatVector c21 = FloatVector.fromArray(SPECIES, s, so + 2 * ss + LANES);
    FloatVector c22 = FloatVector.fromArray(SPECIES, s, so + 2 * ss + last);
    FloatVector c30 = FloatVector.fromArray(SPECIES, s, so + 3 * ss);
    FloatVector c31 = FloatVector.fromArray(SPECIES, s, so + 3 * ss + LANES);
    FloatVector c32 = FloatVector.fromArray(SPECIES, s, so + 3 * ss + last);
    FloatVector c40 = FloatVector.fromArray(SPECIES, s, so + 4 * ss);
    FloatVector c41 = FloatVector.fromArray(SPECIES, s, so + 4 * ss + LANES);
    FloatVector c42 = FloatVector.fromArray(SPECIES, s, so + 4 * ss + last);
    for (int p = 0; p < k; p++) {
      int at = ao + p * acs;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + 2 * LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[at]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[at + ars]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[at + 2 * ars]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[at + 3 * ars]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[at + 4 * ars]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      c42 = a4.fma(b2, c42);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + LANES);
    c02.intoArray(c, co + last);
    c10.intoArray(c, co + cs);
    c11.intoArray(c, co + cs + LANES);
    c12.intoArray(c, co + cs + last);
    c20.intoArray(c, co + 2 * cs);
    c21.intoArray(c, co + 2 * cs + LANES);
    c22.intoArray(c, co + 2 * cs + last);
    c30.intoArray(c, co + 3 * cs);
    c31.intoArray(c, co + 3 * cs + LANES);
    c32.intoArray(c, co + 3 * cs + last);
    c40.intoArray(c, co + 4 * cs);
    c41.intoArray(c, co + 4 * cs + LANES);
    c42.intoArray(c, co + 4 * cs + last);
  }
}
