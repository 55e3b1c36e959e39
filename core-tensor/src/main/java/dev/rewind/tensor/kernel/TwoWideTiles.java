package dev.rewind.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Register tiles of 1 to 6 rows by two vectors: `C[rows, n] += A[rows, k] * B[k, n]`, with B in a panel of two vectors
/// a row. The accumulators are named one by one because the compiler keeps only local variables in registers, never the
/// elements of an array; one method a height, because it must see a fixed number of them.
///
/// The last vector of a row ends with column `n - 1`. Where it overlaps the one before it, both compute the same chains,
/// and all are loaded before any is stored: so no tile needs a mask, which would cost more than the columns done twice.
final class TwoWideTiles {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /// Columns that a panel stores for a full tile.
  static final int COLUMNS = 2 * LANES;

  /// The most rows that a tile has.
  static final int TALLEST = 6;

  private TwoWideTiles() {}

  /// One tile. Row `r` of A starts at `ao + r * as` and has unit stride, row `r` of C at `co + r * cs`; the panel starts at
  /// `bo`, its rows are `COLUMNS` apart; `n` is the number of columns that C has here, `LANES` to `COLUMNS`.
  static void add(int rows, float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n) {
    switch (rows) {
      case 1 -> rows1(a, ao, as, b, bo, k, c, co, cs, n);
      case 2 -> rows2(a, ao, as, b, bo, k, c, co, cs, n);
      case 3 -> rows3(a, ao, as, b, bo, k, c, co, cs, n);
      case 4 -> rows4(a, ao, as, b, bo, k, c, co, cs, n);
      case 5 -> rows5(a, ao, as, b, bo, k, c, co, cs, n);
      case 6 -> rows6(a, ao, as, b, bo, k, c, co, cs, n);
      default -> throw new IllegalArgumentException("no tile of " + rows + " rows");
    }
  }

  private static void rows1(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n) {
    int last = n - LANES;
    FloatVector c00 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c01 = FloatVector.fromArray(SPECIES, c, co + last);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + last);
  }

  private static void rows2(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n) {
    int last = n - LANES;
    FloatVector c00 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c01 = FloatVector.fromArray(SPECIES, c, co + last);
    FloatVector c10 = FloatVector.fromArray(SPECIES, c, co + cs);
    FloatVector c11 = FloatVector.fromArray(SPECIES, c, co + cs + last);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + as + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + last);
    c10.intoArray(c, co + cs);
    c11.intoArray(c, co + cs + last);
  }

  private static void rows3(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n) {
    int last = n - LANES;
    FloatVector c00 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c01 = FloatVector.fromArray(SPECIES, c, co + last);
    FloatVector c10 = FloatVector.fromArray(SPECIES, c, co + cs);
    FloatVector c11 = FloatVector.fromArray(SPECIES, c, co + cs + last);
    FloatVector c20 = FloatVector.fromArray(SPECIES, c, co + 2 * cs);
    FloatVector c21 = FloatVector.fromArray(SPECIES, c, co + 2 * cs + last);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + as + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[ao + 2 * as + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + last);
    c10.intoArray(c, co + cs);
    c11.intoArray(c, co + cs + last);
    c20.intoArray(c, co + 2 * cs);
    c21.intoArray(c, co + 2 * cs + last);
  }

  private static void rows4(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n) {
    int last = n - LANES;
    FloatVector c00 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c01 = FloatVector.fromArray(SPECIES, c, co + last);
    FloatVector c10 = FloatVector.fromArray(SPECIES, c, co + cs);
    FloatVector c11 = FloatVector.fromArray(SPECIES, c, co + cs + last);
    FloatVector c20 = FloatVector.fromArray(SPECIES, c, co + 2 * cs);
    FloatVector c21 = FloatVector.fromArray(SPECIES, c, co + 2 * cs + last);
    FloatVector c30 = FloatVector.fromArray(SPECIES, c, co + 3 * cs);
    FloatVector c31 = FloatVector.fromArray(SPECIES, c, co + 3 * cs + last);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + as + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[ao + 2 * as + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[ao + 3 * as + p]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + last);
    c10.intoArray(c, co + cs);
    c11.intoArray(c, co + cs + last);
    c20.intoArray(c, co + 2 * cs);
    c21.intoArray(c, co + 2 * cs + last);
    c30.intoArray(c, co + 3 * cs);
    c31.intoArray(c, co + 3 * cs + last);
  }

  private static void rows5(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n) {
    int last = n - LANES;
    FloatVector c00 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c01 = FloatVector.fromArray(SPECIES, c, co + last);
    FloatVector c10 = FloatVector.fromArray(SPECIES, c, co + cs);
    FloatVector c11 = FloatVector.fromArray(SPECIES, c, co + cs + last);
    FloatVector c20 = FloatVector.fromArray(SPECIES, c, co + 2 * cs);
    FloatVector c21 = FloatVector.fromArray(SPECIES, c, co + 2 * cs + last);
    FloatVector c30 = FloatVector.fromArray(SPECIES, c, co + 3 * cs);
    FloatVector c31 = FloatVector.fromArray(SPECIES, c, co + 3 * cs + last);
    FloatVector c40 = FloatVector.fromArray(SPECIES, c, co + 4 * cs);
    FloatVector c41 = FloatVector.fromArray(SPECIES, c, co + 4 * cs + last);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + as + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[ao + 2 * as + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[ao + 3 * as + p]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[ao + 4 * as + p]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + last);
    c10.intoArray(c, co + cs);
    c11.intoArray(c, co + cs + last);
    c20.intoArray(c, co + 2 * cs);
    c21.intoArray(c, co + 2 * cs + last);
    c30.intoArray(c, co + 3 * cs);
    c31.intoArray(c, co + 3 * cs + last);
    c40.intoArray(c, co + 4 * cs);
    c41.intoArray(c, co + 4 * cs + last);
  }

  private static void rows6(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs, int n) {
    int last = n - LANES;
    FloatVector c00 = FloatVector.fromArray(SPECIES, c, co);
    FloatVector c01 = FloatVector.fromArray(SPECIES, c, co + last);
    FloatVector c10 = FloatVector.fromArray(SPECIES, c, co + cs);
    FloatVector c11 = FloatVector.fromArray(SPECIES, c, co + cs + last);
    FloatVector c20 = FloatVector.fromArray(SPECIES, c, co + 2 * cs);
    FloatVector c21 = FloatVector.fromArray(SPECIES, c, co + 2 * cs + last);
    FloatVector c30 = FloatVector.fromArray(SPECIES, c, co + 3 * cs);
    FloatVector c31 = FloatVector.fromArray(SPECIES, c, co + 3 * cs + last);
    FloatVector c40 = FloatVector.fromArray(SPECIES, c, co + 4 * cs);
    FloatVector c41 = FloatVector.fromArray(SPECIES, c, co + 4 * cs + last);
    FloatVector c50 = FloatVector.fromArray(SPECIES, c, co + 5 * cs);
    FloatVector c51 = FloatVector.fromArray(SPECIES, c, co + 5 * cs + last);
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bo + p * COLUMNS + LANES);
      FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao + p]);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + as + p]);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(SPECIES, a[ao + 2 * as + p]);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(SPECIES, a[ao + 3 * as + p]);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(SPECIES, a[ao + 4 * as + p]);
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(SPECIES, a[ao + 5 * as + p]);
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    c00.intoArray(c, co);
    c01.intoArray(c, co + last);
    c10.intoArray(c, co + cs);
    c11.intoArray(c, co + cs + last);
    c20.intoArray(c, co + 2 * cs);
    c21.intoArray(c, co + 2 * cs + last);
    c30.intoArray(c, co + 3 * cs);
    c31.intoArray(c, co + 3 * cs + last);
    c40.intoArray(c, co + 4 * cs);
    c41.intoArray(c, co + 4 * cs + last);
    c50.intoArray(c, co + 5 * cs);
    c51.intoArray(c, co + 5 * cs + last);
  }
}
