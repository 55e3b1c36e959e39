package dev.rewind.tensor.kernel.product;

import dev.rewind.tensor.kernel.thread.Scratch;
import dev.rewind.tensor.kernel.thread.ThreadPool;

import java.util.Arrays;

/// Products of float matrices of any strides: chooses how to read the operands, brings them into the form that
/// [MatrixKernels] want, and shares large products out over the [ThreadPool]. The result has the bits that are defined
/// there, whatever is chosen. Offsets and strides are `o`, `rs` and `cs` after the letter of the matrix; C has unit
/// stride along its rows and overlaps neither operand.
public final class FloatMatrices {
  /// Floating-point operations from which on a product is worth waking other threads.
  private static final long PARALLEL = 1 << 20;

  /// Rows up to which B is read once and in place: packing it would cost more than the product.
  private static final int THIN = 4;

  /// Elements from which on moving them is worth waking other threads.
  private static final int MOVED = 1 << 14;

  /// Rows that a thread packs in one go: some cache lines of a column, which is where a transposed matrix is read
  /// along.
  private static final int PACKED_ROWS = 32;

  /// Rows up to which each task packs the panel of B that it multiplies by, and the rows of it that it packs at a time.
  private static final int FEW = 240;
  private static final int PANEL_ROWS = 512;

  private static final int STRIP = 64;
  private static final int ROWS = 120;
  private static final int GOOD_ROWS = 40;

  /// Floats of scratch aimed at, by the rows of B packed at a time.
  private static final int SCRATCH = 1 << 20;
  private static final int SHALLOW = 256;
  private static final int DEEP = 1024;

  private FloatMatrices() {}

  /// `C[m, n] = A[m, k] * B[k, n]`, or `C += A * B`.
  public static void multiply(MatrixKernels kernels, int m, int n, int k,
      float[] a, int ao, int ars, int acs, float[] b, int bo, int brs, int bcs,
      float[] c, int co, int crs, boolean accumulate) {
    if (m == 0 || n == 0) {
      return;
    }
    if (k == 0) {
      clear(m, n, c, co, crs, accumulate);
    } else if (m <= THIN && bcs == 1) {
      forStrips(n, isLarge(m, n, k), (from, columns) -> kernels.multiplyThin(
          m, columns, k, a, ao, ars, acs, b, bo + from, brs, c, co + from, crs, accumulate));
    } else if (m <= THIN && brs == 1) {
      forStrips(n, isLarge(m, n, k), (from, columns) -> DotProducts.multiply(
          m, columns, k, a, ao, ars, acs, b, bo + from * bcs, bcs, c, co + from, crs, accumulate));
    } else if (m <= FEW) {
      packingPanels(kernels, m, n, k, a, ao, ars, acs, b, bo, brs, bcs, c, co, crs, accumulate);
    } else {
      packing(kernels, m, n, k, a, ao, ars, acs, b, bo, brs, bcs, c, co, crs, accumulate);
    }
  }

  /// `C[m, n] = A[m, k] * B`, or `C += A * B`, with an operand that `kernels` packed before.
  public static void multiply(MatrixKernels kernels, int m, float[] a, int ao, int ars, int acs, PackedPanels b,
      float[] c, int co, int crs, boolean accumulate) {
    int k = b.k();
    if (m == 0 || b.n() == 0) {
      return;
    }
    if (k == 0) {
      clear(m, b.n(), c, co, crs, accumulate);
    } else {
      packed(kernels, m, a, ao, ars, acs, b, c, co, crs, accumulate);
    }
  }

  /// Packs `B [k, n]` into `target`, of the same sizes; element `[p, j]` of B is `b[bo + p * brs + j * bcs]`.
  public static void pack(MatrixKernels kernels, PackedPanels target, float[] b, int bo, int brs, int bcs) {
    int k = target.k();
    int parts = (long) k * target.n() >= MOVED ? parts(k, PACKED_ROWS) : 1;
    ThreadPool.forEach(parts,
        part -> kernels.repack(target, start(k, part, parts), start(k, part + 1, parts), b, bo, brs, bcs));
  }

  /// For few rows: who multiplies by a panel packs it just before, so that it is still near.
  private static void packingPanels(MatrixKernels kernels, int m, int n, int k,
      float[] a, int ao, int ars, int acs, float[] b, int bo, int brs, int bcs,
      float[] c, int co, int crs, boolean accumulate) {
    int depth = Math.min(k, PANEL_ROWS);
    PackedPanels layout = kernels.layout(depth, n);
    int parts = isLarge(m, n, k) ? layout.panels() : 1;
    ThreadPool.forEach(parts, task -> {
      int part = fromBothEnds(task, parts);
      Scratch scratch = ThreadPool.scratch();
      float[] memory = scratch.borrow(depth * layout.width(0));   // no panel is wider than the first
      for (int panel = start(layout.panels(), part, parts); panel < start(layout.panels(), part + 1, parts); panel++) {
        int j = layout.firstColumn(panel);
        for (int p = 0; p < k; p += depth) {
          PackedPanels packed = layout.panel(panel, Math.min(depth, k - p), memory);
          kernels.repack(packed, b, bo + p * brs + j * bcs, brs, bcs);
          kernels.multiply(a, ao + p * acs, ars, acs, packed, 0, 1, c, co + j, crs, m, accumulate || p > 0);
        }
      }
      scratch.giveBack(memory);
    });
  }

  /// For many rows, which share the packed matrix. Goes along k in blocks, of which the later ones add to C, so that
  /// scratch stays small beside the operands.
  private static void packing(MatrixKernels kernels, int m, int n, int k,
      float[] a, int ao, int ars, int acs, float[] b, int bo, int brs, int bcs,
      float[] c, int co, int crs, boolean accumulate) {
    int wanted = Math.clamp(SCRATCH / n, SHALLOW, DEEP);
    int blocks = (k + wanted - 1) / wanted;
    int depth = (k + blocks - 1) / blocks;
    Scratch scratch = ThreadPool.scratch();
    PackedPanels layout = kernels.layout(depth, n);
    PackedPanels panels = layout.in(scratch.borrow(layout.floats()));
    for (int p = 0; p < k; p += depth) {
      PackedPanels block = panels.ofRows(Math.min(depth, k - p));
      pack(kernels, block, b, bo + p * brs, brs, bcs);
      packed(kernels, m, a, ao + p * acs, ars, acs, block, c, co, crs, accumulate || p > 0);
    }
    scratch.giveBack(panels.data());
  }

  /// Tasks are blocks of rows by groups of panels. There are some more of them than threads, because a thread may be
  /// slowed down by others. Rows are shared out as long as there are enough of them for the kernels to be fast.
  private static void packed(MatrixKernels kernels, int m, float[] a, int ao, int ars, int acs, PackedPanels b,
      float[] c, int co, int crs, boolean accumulate) {
    int panels = b.panels();
    if (!isLarge(m, b.n(), b.k())) {
      kernels.multiply(a, ao, ars, acs, b, 0, panels, c, co, crs, m, accumulate);
      return;
    }
    int wanted = 4 * ThreadPool.threads();
    int blocks = Math.max((m + ROWS - 1) / ROWS, Math.clamp(m / GOOD_ROWS, 1, wanted));
    int groups = Math.min(panels, (wanted + blocks - 1) / blocks);
    ThreadPool.forEach(blocks * groups, number -> {
      int task = fromBothEnds(number, blocks * groups);
      int from = start(m, task / groups, blocks);
      int to = start(m, task / groups + 1, blocks);
      int group = task % groups;
      kernels.multiply(a, ao + from * ars, ars, acs, b, start(panels, group, groups), start(panels, group + 1, groups),
          c, co + from * crs, crs, to - from, accumulate);
    });
  }

  private static void clear(int m, int n, float[] c, int co, int crs, boolean accumulate) {
    for (int i = 0; i < m && !accumulate; i++) {
      Arrays.fill(c, co + i * crs, co + i * crs + n, 0);
    }
  }

  private interface Strip {
    void multiply(int from, int columns);
  }

  private static void forStrips(int n, boolean large, Strip strip) {
    int parts = large ? parts(n, STRIP) : 1;
    ThreadPool.forEach(parts,
        part -> strip.multiply(start(n, part, parts), start(n, part + 1, parts) - start(n, part, parts)));
  }

  private static boolean isLarge(int m, int n, int k) {
    return 2.0 * m * n * k >= PARALLEL;
  }

  /// Parts of at least `least` each, unless there is only one, and no more than keep the threads busy.
  private static int parts(int n, int least) {
    return Math.clamp(n / least, 1, 4 * ThreadPool.threads());
  }

  /// The order 0, n - 1, 1, n - 2, ..: two threads that take tasks in turns then stay among neighbours, and seldom
  /// write to the same cache line where two parts of C meet.
  private static int fromBothEnds(int task, int n) {
    return task % 2 == 0 ? task / 2 : n - 1 - task / 2;
  }

  private static int start(int n, int part, int parts) {
    return (int) ((long) n * part / parts);
  }
}
