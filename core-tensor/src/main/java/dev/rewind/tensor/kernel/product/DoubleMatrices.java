package dev.rewind.tensor.kernel.product;

import dev.rewind.tensor.kernel.thread.ThreadPool;

import java.util.Arrays;

/// Products of double matrices of any strides, in plain Java. Every element is the chain that [MatrixKernels] defines
/// for floats, so its bits depend on nothing but its row of A and its column of B.
///
/// The compiler turns the inner loop into vector code only if all its arrays are indexed by the same expression: with
/// offsets of their own it cannot rule out that they overlap. So a block of B is copied to one small array per row, and
/// a row of C to another.
public final class DoubleMatrices {
  private static final long PARALLEL = 1 << 20;
  private static final int DEPTH = 64;
  private static final int COLUMNS = 128;
  private static final int ROWS = 64;

  private DoubleMatrices() {}

  /// `C[m, n] = A[m, k] * B[k, n]`, or `C += A * B`. Offsets and strides are named as in [FloatMatrices#multiply].
  public static void multiply(int m, int n, int k, double[] a, int ao, int ars, int acs,
      double[] b, int bo, int brs, int bcs, double[] c, int co, int crs, boolean accumulate) {
    if (m == 0 || n == 0) {
      return;
    }
    boolean large = 2.0 * m * n * k >= PARALLEL;
    int strips = (n - 1) / COLUMNS + 1;
    int blocks = large ? Math.clamp(m / ROWS, 1, 4 * ThreadPool.threads()) : 1;
    int tasks = large ? strips * blocks : 1;
    ThreadPool.forEach(tasks, task -> {
      int from = (int) ((long) m * (task / strips) / blocks);
      int rows = (int) ((long) m * (task / strips + 1) / blocks) - from;
      int first = tasks == 1 ? 0 : task % strips;
      int end = tasks == 1 ? strips : first + 1;
      Block block = new Block(Math.min(k, DEPTH), Math.min(n, COLUMNS));
      for (int j = first * COLUMNS; j < Math.min(n, end * (long) COLUMNS); j += COLUMNS) {
        strip(block, rows, Math.min(COLUMNS, n - j), k, a, ao + from * ars, ars, acs, b, bo + j * bcs, brs, bcs,
            c, co + from * crs + j, crs, accumulate);
      }
    });
  }

  private static void strip(Block block, int m, int n, int k, double[] a, int ao, int ars, int acs,
      double[] b, int bo, int brs, int bcs, double[] c, int co, int crs, boolean accumulate) {
    if (!accumulate) {
      for (int i = 0; i < m; i++) {
        Arrays.fill(c, co + i * crs, co + i * crs + n, 0);
      }
    }
    for (int p = 0; p < k; p += DEPTH) {
      int depth = Math.min(DEPTH, k - p);
      block.read(depth, n, b, bo + p * brs, brs, bcs);
      for (int i = 0; i < m; i++) {
        block.add(depth, n, a, ao + i * ars + p * acs, acs, c, co + i * crs);
      }
    }
  }

  private static final class Block {
    private final double[][] rows;
    private final double[] sums;

    Block(int depth, int columns) {
      rows = new double[depth][columns];
      sums = new double[columns];
    }

    void read(int depth, int n, double[] b, int bo, int brs, int bcs) {
      for (int p = 0; p < depth; p++) {
        if (bcs == 1) {
          System.arraycopy(b, bo + p * brs, rows[p], 0, n);
        } else {
          gather(n, b, bo + p * brs, bcs, rows[p]);
        }
      }
    }

    private static void gather(int n, double[] b, int bo, int bcs, double[] row) {
      for (int j = 0; j < n; j++) {
        row[j] = b[bo + j * bcs];
      }
    }

    /// Adds a row of A times the block to a row of C.
    void add(int depth, int n, double[] a, int ao, int acs, double[] c, int co) {
      System.arraycopy(c, co, sums, 0, n);
      int p = 0;
      for (; p <= depth - 4; p += 4) {
        int x = ao + p * acs;
        addFour(n, a[x], rows[p], a[x + acs], rows[p + 1], a[x + 2 * acs], rows[p + 2], a[x + 3 * acs], rows[p + 3],
            sums);
      }
      for (; p < depth; p++) {
        addOne(n, a[ao + p * acs], rows[p], sums);
      }
      System.arraycopy(sums, 0, c, co, n);
    }

    private static void addOne(int n, double a, double[] b, double[] c) {
      for (int j = 0; j < n; j++) {
        c[j] = Math.fma(a, b[j], c[j]);
      }
    }

    private static void addFour(int n, double a0, double[] b0, double a1, double[] b1, double a2, double[] b2,
        double a3, double[] b3, double[] c) {
      for (int j = 0; j < n; j++) {
        c[j] = Math.fma(a3, b3[j], Math.fma(a2, b2[j], Math.fma(a1, b1[j], Math.fma(a0, b0[j], c[j]))));
      }
    }
  }
}
