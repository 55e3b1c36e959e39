package dev.rewind.tensor.kernel.product;

import dev.rewind.tensor.kernel.thread.Scratch;
import dev.rewind.tensor.kernel.thread.ThreadPool;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Products of few rows with a matrix B that is read where it lies, eight of its rows at a time: as many streams from
/// the caches, and an eighth of the loads and stores of C. The chain of an element still goes through p in order.
final class SkinnyProducts {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /// Columns whose eight rows of B stay in the nearest cache until the last row of A has met them.
  private static final int COLUMNS = 512;

  private SkinnyProducts() {}

  /// See [MatrixKernels#multiplyThin].
  static void multiply(int m, int n, int k, float[] a, int ao, int ars, int acs, float[] b, int bo, int brs,
      float[] c, int co, int crs, boolean accumulate) {
    if (!accumulate) {
      for (int i = 0; i < m; i++) {
        Arrays.fill(c, co + i * crs, co + i * crs + n, 0);
      }
    }
    Scratch scratch = ThreadPool.scratch();
    float[] buffer = scratch.borrow(LANES);
    int width = m == 1 ? n : COLUMNS;
    for (int p = 0; p < k; p += 8) {
      for (int j = 0; j < n; j += width) {
        int columns = Math.min(width, n - j);
        for (int i = 0; i < m; i++) {
          add(Math.min(8, k - p), a, ao + i * ars + p * acs, acs, b, bo + p * brs + j, brs, c, co + i * crs + j,
              columns,
              buffer);
        }
      }
    }
    scratch.giveBack(buffer);
  }

  private static void add(int rows, float[] a, int ao, int acs, float[] b, int bo, int brs, float[] c, int co, int n,
      float[] buffer) {
    if (rows == 8) {
      int bound = SPECIES.loopBound(n);
      addEight(a, ao, acs, b, bo, brs, c, co, bound);
      if (bound < n) {
        addLast(a, ao, acs, b, bo + bound, brs, c, co + bound, n - bound, buffer);
      }
      return;
    }
    for (int p = 0; p < rows; p++) {
      addOne(a[ao + p * acs], b, bo + p * brs, c, co, n);
    }
  }

  private static void addOne(float a, float[] b, int bo, float[] c, int co, int n) {
    int bound = SPECIES.loopBound(n);
    FloatVector x = FloatVector.broadcast(SPECIES, a);
    for (int j = 0; j < bound; j += LANES) {
      FloatVector y = FloatVector.fromArray(SPECIES, c, co + j);
      x.fma(FloatVector.fromArray(SPECIES, b, bo + j), y).intoArray(c, co + j);
    }
    for (int j = bound; j < n; j++) {
      c[co + j] = Math.fma(a, b[bo + j], c[co + j]);
    }
  }

  /// Of `n` columns, a multiple of what a vector holds.
  private static void addEight(float[] a, int ao, int acs, float[] b, int bo, int brs, float[] c, int co, int n) {
    FloatVector a0 = FloatVector.broadcast(SPECIES, a[ao]);
    FloatVector a1 = FloatVector.broadcast(SPECIES, a[ao + acs]);
    FloatVector a2 = FloatVector.broadcast(SPECIES, a[ao + 2 * acs]);
    FloatVector a3 = FloatVector.broadcast(SPECIES, a[ao + 3 * acs]);
    FloatVector a4 = FloatVector.broadcast(SPECIES, a[ao + 4 * acs]);
    FloatVector a5 = FloatVector.broadcast(SPECIES, a[ao + 5 * acs]);
    FloatVector a6 = FloatVector.broadcast(SPECIES, a[ao + 6 * acs]);
    FloatVector a7 = FloatVector.broadcast(SPECIES, a[ao + 7 * acs]);
    for (int j = 0; j < n; j += LANES) {
      FloatVector y = FloatVector.fromArray(SPECIES, c, co + j);
      y = a0.fma(FloatVector.fromArray(SPECIES, b, bo + j), y);
      y = a1.fma(FloatVector.fromArray(SPECIES, b, bo + brs + j), y);
      y = a2.fma(FloatVector.fromArray(SPECIES, b, bo + 2 * brs + j), y);
      y = a3.fma(FloatVector.fromArray(SPECIES, b, bo + 3 * brs + j), y);
      y = a4.fma(FloatVector.fromArray(SPECIES, b, bo + 4 * brs + j), y);
      y = a5.fma(FloatVector.fromArray(SPECIES, b, bo + 5 * brs + j), y);
      y = a6.fma(FloatVector.fromArray(SPECIES, b, bo + 6 * brs + j), y);
      y = a7.fma(FloatVector.fromArray(SPECIES, b, bo + 7 * brs + j), y);
      y.intoArray(c, co + j);
    }
  }

  /// The columns after the last whole vector: as one vector, whose other lanes read on in B and are dropped, unless B
  /// ends there or there are but one or two.
  private static void addLast(float[] a, int ao, int acs, float[] b, int bo, int brs, float[] c, int co, int n,
      float[] buffer) {
    if (n > 2 && Math.max(bo, bo + 7 * brs) + LANES <= b.length) {   // rows may be reversed
      System.arraycopy(c, co, buffer, 0, n);
      addEight(a, ao, acs, b, bo, brs, buffer, 0, LANES);
      System.arraycopy(buffer, 0, c, co, n);
      return;
    }
    for (int j = 0; j < n; j++) {
      float y = c[co + j];
      for (int p = 0; p < 8; p++) {
        y = Math.fma(a[ao + p * acs], b[bo + p * brs + j], y);
      }
      c[co + j] = y;
    }
  }
}
