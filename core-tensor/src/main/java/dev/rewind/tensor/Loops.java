package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.Comparison;
import dev.rewind.tensor.kernel.elementwise.MapKernels;
import dev.rewind.tensor.kernel.elementwise.Unary;
import java.util.Arrays;

/// Element-wise loops over arrays of any dtype: the one place that chooses by it. Element `i` of an operand `x` is at
/// `xo + i * xs`, for `i` in `[0, n)`; where no stride is named, it is 1, and a stride of 0 repeats one element. Floats
/// go to the kernels, by blocks of adjacent elements; the other dtypes are for indices, masks and checks, and have
/// plain loops.
final class Loops {
  static final int BLOCK = 512;

  private Loops() {}

  /// `y = op(x)`; `x` and `y` may be the same range.
  static void unary(Unary op, Storage x, int xo, Storage y, int yo, int n) {
    switch (x.array()) {
      case float[] in -> Kernels.active().maps().unary(op, in, xo, y.floats(), yo, n);
      case double[] in -> {
        for (int i = 0; i < n; i++) {
          y.doubles()[yo + i] = op.apply(in[xo + i]);
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          y.ints()[yo + i] = op.apply(x.ints()[xo + i]);
        }
      }
    }
  }

  /// `y = op(a, b)`; `y` may be the same elements as `a` or `b`.
  static void binary(
      Binary op, Storage a, int ao, int as, Storage b, int bo, int bs, Storage y, int yo, int ys, int n) {
    switch (a.array()) {
      case float[] left -> binary(op, left, ao, as, b.floats(), bo, bs, y.floats(), yo, ys, n);
      case double[] left -> {
        for (int i = 0; i < n; i++) {
          y.doubles()[yo + i * ys] = op.apply(left[ao + i * as], b.doubles()[bo + i * bs]);
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          y.ints()[yo + i * ys] = op.apply(a.ints()[ao + i * as], b.ints()[bo + i * bs]);
        }
      }
    }
  }

  static void binary(Binary op, float[] a, int ao, int as, float[] b, int bo, int bs, float[] y, int yo, int ys,
      int n) {
    MapKernels maps = Kernels.active().maps();
    if (as == 1 && bs == 1 && ys == 1) {
      maps.binary(op, a, ao, b, bo, y, yo, n);
      return;
    }
    Blocks left = new Blocks(a, ao, as, n);
    Blocks right = new Blocks(b, bo, bs, n);
    float[] block = ys == 1 ? y : new float[Math.min(n, BLOCK)];
    for (int from = 0; from < n; from += BLOCK) {
      int m = Math.min(BLOCK, n - from);
      maps.binary(op, left.array, left.bring(from, m), right.array, right.bring(from, m), block,
          ys == 1 ? yo + from : 0,
          m);
      if (ys != 1) {
        copy(block, 0, 1, y, yo + from * ys, ys, m);
      }
    }
  }

  /// `y += op(a, b)`, of floats or doubles.
  static void accumulate(Binary op, Storage a, int ao, Storage b, int bo, Storage y, int yo, int n) {
    if (a.array() instanceof float[] left) {
      Kernels.active().maps().accumulate(op, left, ao, b.floats(), bo, y.floats(), yo, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      y.doubles()[yo + i] += op.apply(a.doubles()[ao + i], b.doubles()[bo + i]);
    }
  }

  /// `y = a op b`.
  static void compare(
      Comparison op, Storage a, int ao, int as, Storage b, int bo, int bs, boolean[] y, int yo, int n) {
    if (!(a.array() instanceof float[] floats)) {
      for (int i = 0; i < n; i++) {
        y[yo + i] = op.holds(a.number(ao + i * as), b.number(bo + i * bs));
      }
      return;
    }
    MapKernels maps = Kernels.active().maps();
    Blocks left = new Blocks(floats, ao, as, n);
    Blocks right = new Blocks(b.floats(), bo, bs, n);
    for (int from = 0; from < n; from += BLOCK) {
      int m = Math.min(BLOCK, n - from);
      maps.compare(op, left.array, left.bring(from, m), right.array, right.bring(from, m), y, yo + from, m);
    }
  }

  /// `y = c ? a : b`.
  static void where(boolean[] c, int co, int cs, Storage a, int ao, int as, Storage b, int bo, int bs,
      Storage y, int yo, int n) {
    if (!(a.array() instanceof float[] floats)) {
      for (int i = 0; i < n; i++) {
        y.set(yo + i, c[co + i * cs] ? a.number(ao + i * as) : b.number(bo + i * bs));
      }
      return;
    }
    MapKernels maps = Kernels.active().maps();
    Blocks left = new Blocks(floats, ao, as, n);
    Blocks right = new Blocks(b.floats(), bo, bs, n);
    boolean[] chosen = cs == 1 ? c : new boolean[Math.min(n, BLOCK)];
    for (int from = 0; from < n; from += BLOCK) {
      int m = Math.min(BLOCK, n - from);
      for (int i = 0; i < m && cs != 1; i++) {
        chosen[i] = c[co + (from + i) * cs];
      }
      maps.where(chosen, cs == 1 ? co + from : 0, left.array, left.bring(from, m), right.array, right.bring(from, m),
          y.floats(), yo + from, m);
    }
  }

  /// `y = x`, converted as [Storage#set] does if dtypes differ.
  static void copy(Storage x, int xo, int xs, Storage y, int yo, int ys, int n) {
    if (xs == 1 && ys == 1 && x.dtype() == y.dtype()) {
      System.arraycopy(x.array(), xo, y.array(), yo, n);
    } else if (x.array() instanceof float[] in && y.array() instanceof float[] out) {
      copy(in, xo, xs, out, yo, ys, n);
    } else if (xs == 1 && ys == 1 && x.array() instanceof boolean[] in
        && y.array() instanceof float[] out) { // masks
      for (int i = 0; i < n; i++) {
        int one = in[xo + i] ? 1 : 0; // as an int: the compiler knows it without a jump
        out[yo + i] = one;
      }
    } else {
      for (int i = 0; i < n; i++) {
        y.set(yo + i * ys, x.number(xo + i * xs));
      }
    }
  }

  static void copy(float[] x, int xo, int xs, float[] y, int yo, int ys, int n) {
    if (xs == 1 && ys == 1) {
      System.arraycopy(x, xo, y, yo, n);
    } else if (xs == 0 && ys == 1) {
      Arrays.fill(y, yo, yo + n, x[xo]);
    } else {
      for (int i = 0; i < n; i++) {
        y[yo + i * ys] = x[xo + i * xs];
      }
    }
  }

  // ---- at listed positions ------------------------------------------------------------------------------------------

  /// `y[yo + i] = x[xo + at[from + i]]`; both have one dtype.
  static void take(Storage x, int xo, int[] at, int from, Storage y, int yo, int n) {
    if (x.array() instanceof float[] in) {
      float[] out = y.floats();
      for (int i = 0; i < n; i++) {
        out[yo + i] = in[xo + at[from + i]];
      }
    } else {
      for (int i = 0; i < n; i++) {
        y.set(yo + i, x.number(xo + at[from + i]));
      }
    }
  }

  /// `y[yo + at[i]] += x[xo + i]` for `i` in `[0, at.length)`, in this order; both have one dtype.
  static void add(Storage x, int xo, int[] at, Storage y, int yo) {
    for (int i = 0; i < at.length; i++) {
      double sum = y.number(yo + at[i]) + x.number(xo + i);
      y.set(yo + at[i], x.dtype() == DType.INT32 ? (int) (long) sum : sum); // ints wrap around
    }
  }

  /// `y[yo + at[p] + i] += x[xo + p * n + i]` for `i` in `[0, n)`, one `p` after the other; both have one dtype.
  static void addRows(Storage x, int xo, int n, int[] at, Storage y, int yo) {
    for (int p = 0; p < at.length; p++) {
      binary(Binary.PLUS, y, yo + at[p], 1, x, xo + p * n, 1, y, yo + at[p], 1, n);
    }
  }

  /// An operand of which a block after the other is brought side by side, unless it lies so already.
  private static final class Blocks {
    private final float[] x;
    private final int xo;
    private final int xs;
    final float[] array;

    Blocks(float[] x, int xo, int xs, int n) {
      this.x = x;
      this.xo = xo;
      this.xs = xs;
      array = xs == 1 ? x : new float[Math.min(n, BLOCK)];
    }

    /// Where in the array elements `from ..` are; an element that is repeated is brought once, with the first block.
    int bring(int from, int m) {
      if (xs == 1) {
        return xo + from;
      }
      if (xs != 0 || from == 0) {
        copy(x, xo + from * xs, xs, array, 0, 1, m);
      }
      return 0;
    }
  }
}
