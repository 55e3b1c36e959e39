package dev.rewind.tensor.kernel.elementwise;

import java.util.Arrays;

/// Element-wise functions over double arrays with unit stride. The loops are plain and of one purpose each, so that the
/// compiler turns them into vector code; the ones it cannot are verbs of [MapKernels]. [FloatLoops] is the twin.
public final class DoubleLoops {
  static final int BLOCK = 512;
  private static final int TILE = 128;

  private DoubleLoops() {}

  /// `y[yo + i] = op(x[xo + i])` for `i` in `[0, n)`; `x` and `y` may be the same range.
  static void unary(MapKernels maps, Unary op, double[] x, int xo, double[] y, int yo, int n) {
    switch (op) {
      case ABS -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = Math.abs(x[xo + i]);
        }
      }
      case ERF -> maps.erf(x, xo, y, yo, n);
      case EXP -> maps.exp(x, xo, y, yo, n);
      case EXPM1 -> maps.expm1(x, xo, y, yo, n);
      case GELU -> maps.gelu(x, xo, y, yo, n);
      case LOG -> maps.log(x, xo, y, yo, n);
      case LOG1P -> maps.log1p(x, xo, y, yo, n);
      case NEGATE -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = -x[xo + i];
        }
      }
      case RECIPROCAL -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = 1 / x[xo + i];
        }
      }
      case RELU -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = Math.max(x[xo + i], 0);
        }
      }
      case SIGMOID -> maps.sigmoid(x, xo, y, yo, n);
      case SIGN -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = Math.signum(x[xo + i]);
        }
      }
      case SOFTPLUS -> maps.softplus(x, xo, y, yo, n);
      case SQRT -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = Math.sqrt(x[xo + i]);
        }
      }
      case SQUARE -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = x[xo + i] * x[xo + i];
        }
      }
      case TANH -> maps.tanh(x, xo, y, yo, n);
    }
  }

  /// `y[yo + i] = op(a[ao + i], b[bo + i])` for `i` in `[0, n)`; `y` may be the same range as `a` or `b`.
  static void binary(Binary op, double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
    switch (op) {
      case PLUS -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] + b[bo + i];
        }
      }
      case MINUS -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] - b[bo + i];
        }
      }
      case TIMES -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] * b[bo + i];
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] / b[bo + i];
        }
      }
      case POW -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = DoubleMath.pow(a[ao + i], b[bo + i]);
        }
      }
      case MINIMUM -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = Math.min(a[ao + i], b[bo + i]);
        }
      }
      case MAXIMUM -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = Math.max(a[ao + i], b[bo + i]);
        }
      }
      case TANH_BACKWARD -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] * (1 - b[bo + i] * b[bo + i]);
        }
      }
      case SIGMOID_BACKWARD -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] * (b[bo + i] * (1 - b[bo + i]));
        }
      }
    }
  }

  /// `y[yo + i] = a[ao + i] op b[bo + i]` for `i` in `[0, n)`.
  static void compare(Comparison op, double[] a, int ao, double[] b, int bo, boolean[] y, int yo, int n) {
    switch (op) {
      case EQUAL -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] == b[bo + i];
        }
      }
      case LESS -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] < b[bo + i];
        }
      }
      case LESS_OR_EQUAL -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] <= b[bo + i];
        }
      }
      case NOT_EQUAL -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = a[ao + i] != b[bo + i];
        }
      }
      case CLOSER_TO_ZERO -> {
        for (int i = 0; i < n; i++) {
          y[yo + i] = Math.abs(a[ao + i]) < Math.abs(b[bo + i]);
        }
      }
    }
  }

  /// [MapKernels#binary] with strides; a stride of 0 repeats one element.
  public static void binary(MapKernels maps, Binary op,
      double[] a, int ao, int as, double[] b, int bo, int bs, double[] y, int yo, int ys, int n) {
    if (as == 1 && bs == 1 && ys == 1) {
      maps.binary(op, a, ao, b, bo, y, yo, n);
      return;
    }
    double[] left = as == 1 ? a : new double[Math.min(n, BLOCK)];
    double[] right = bs == 1 ? b : new double[Math.min(n, BLOCK)];
    double[] result = ys == 1 ? y : new double[Math.min(n, BLOCK)];
    for (int from = 0; from < n; from += BLOCK) {
      int m = Math.min(BLOCK, n - from);
      bring(a, ao, as, left, from, m);
      bring(b, bo, bs, right, from, m);
      maps.binary(op, left, as == 1 ? ao + from : 0, right, bs == 1 ? bo + from : 0, result, ys == 1 ? yo + from : 0,
          m);
      if (ys != 1) {
        copy(result, 0, 1, y, yo + from * ys, ys, m);
      }
    }
  }

  /// `y[yo + i] = c[co + i] ? a[ao + i] : b[bo + i]` for `i` in `[0, n)`.
  static void where(boolean[] c, int co, double[] a, int ao, double[] b, int bo, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = c[co + i] ? a[ao + i] : b[bo + i];
    }
  }

  /// [#where] with strides; `y` has unit stride.
  public static void where(MapKernels maps, boolean[] c, int co, int cs,
      double[] a, int ao, int as, double[] b, int bo, int bs, double[] y, int yo, int n) {
    boolean[] chosen = cs == 1 ? c : new boolean[Math.min(n, BLOCK)];
    double[] left = as == 1 ? a : new double[Math.min(n, BLOCK)];
    double[] right = bs == 1 ? b : new double[Math.min(n, BLOCK)];
    for (int from = 0; from < n; from += BLOCK) {
      int m = Math.min(BLOCK, n - from);
      BooleanLoops.bring(c, co, cs, chosen, from, m);
      bring(a, ao, as, left, from, m);
      bring(b, bo, bs, right, from, m);
      maps.where(chosen, cs == 1 ? co + from : 0, left, as == 1 ? ao + from : 0, right, bs == 1 ? bo + from : 0,
          y, yo + from, m);
    }
  }

  /// [#compare(Comparison, double[], int, double[], int, boolean[], int, int)] with strides.
  public static void compare(MapKernels maps, Comparison op,
      double[] a, int ao, int as, double[] b, int bo, int bs, boolean[] y, int yo, int n) {
    double[] left = as == 1 ? a : new double[Math.min(n, BLOCK)];
    double[] right = bs == 1 ? b : new double[Math.min(n, BLOCK)];
    for (int from = 0; from < n; from += BLOCK) {
      int m = Math.min(BLOCK, n - from);
      bring(a, ao, as, left, from, m);
      bring(b, bo, bs, right, from, m);
      maps.compare(op, left, as == 1 ? ao + from : 0, right, bs == 1 ? bo + from : 0, y, yo + from, m);
    }
  }

  /// Brings elements `from ..` of an operand side by side into `block`, unless they lie so already and `block` is the
  /// operand itself; an element that is repeated is brought once, with the first block.
  private static void bring(double[] x, int xo, int xs, double[] block, int from, int m) {
    if (xs != 1 && (xs != 0 || from == 0)) {
      copy(x, xo + from * xs, xs, block, 0, 1, m);
    }
  }

  /// `y[yo + i * ys] = x[xo + i * xs]` for `i` in `[0, n)`.
  public static void copy(double[] x, int xo, int xs, double[] y, int yo, int ys, int n) {
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

  /// `y[yo + i * ys + j] = x[xo + j * xs + i]` for `i` in `[0, rows)` and `j` in `[0, columns)`, by tiles that stay in
  /// the cache.
  public static void transpose(double[] x, int xo, int xs, double[] y, int yo, int ys, int rows, int columns) {
    for (int j = 0; j < columns; j += TILE) {
      int width = Math.min(TILE, columns - j);
      int i = 0;
      for (; i <= rows - 4; i += 4) {
        transposeFour(x, xo + j * xs + i, xs, y, yo + i * ys + j, ys, width);
      }
      for (; i < rows; i++) {
        copy(x, xo + j * xs + i, xs, y, yo + i * ys + j, 1, width);
      }
    }
  }

  private static void transposeFour(double[] x, int xo, int xs, double[] y, int yo, int ys, int columns) {
    for (int j = 0; j < columns; j++) {
      int from = xo + j * xs;
      y[yo + j] = x[from];
      y[yo + ys + j] = x[from + 1];
      y[yo + 2 * ys + j] = x[from + 2];
      y[yo + 3 * ys + j] = x[from + 3];
    }
  }
}
