package dev.rewind.tensor.kernel.elementwise;

import java.util.Arrays;

/// Element-wise functions over int arrays: what indices, counts and labels need. Overflow wraps, as in Java.
public final class IntLoops {
  private IntLoops() {}

  /// Whether [#unary] knows a function.
  public static boolean defines(Unary op) {
    return switch (op) {
      case ABS, NEGATE, RELU, SIGN, SQUARE -> true;
      default -> false;
    };
  }

  /// Whether [#binary] knows a function.
  public static boolean defines(Binary op) {
    return switch (op) {
      case PLUS, MINUS, TIMES, DIVIDE, MINIMUM, MAXIMUM -> true;
      default -> false;
    };
  }

  /// `y[yo + i] = op(x[xo + i])` for `i` in `[0, n)`; `x` and `y` may be the same range.
  public static void unary(Unary op, int[] x, int xo, int[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      int v = x[xo + i];
      y[yo + i] = switch (op) {
        case ABS -> Math.abs(v);
        case NEGATE -> -v;
        case RELU -> Math.max(v, 0);
        case SIGN -> Integer.signum(v);
        case SQUARE -> v * v;
        default -> throw unsupported(op.label());
      };
    }
  }

  /// `y[yo + i * ys] = op(a[ao + i * as], b[bo + i * bs])` for `i` in `[0, n)`; division truncates.
  public static void binary(
      Binary op, int[] a, int ao, int as, int[] b, int bo, int bs, int[] y, int yo, int ys, int n) {
    for (int i = 0; i < n; i++) {
      int p = a[ao + i * as];
      int q = b[bo + i * bs];
      y[yo + i * ys] = switch (op) {
        case PLUS -> p + q;
        case MINUS -> p - q;
        case TIMES -> p * q;
        case DIVIDE -> p / q;
        case MINIMUM -> Math.min(p, q);
        case MAXIMUM -> Math.max(p, q);
        default -> throw unsupported(op.label());
      };
    }
  }

  /// `y[yo + i] = a[ao + i * as] op b[bo + i * bs]` for `i` in `[0, n)`.
  public static void compare(
      Comparison op, int[] a, int ao, int as, int[] b, int bo, int bs, boolean[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      int p = a[ao + i * as];
      int q = b[bo + i * bs];
      y[yo + i] = switch (op) {
        case EQUAL -> p == q;
        case NOT_EQUAL -> p != q;
        case LESS -> p < q;
        case LESS_OR_EQUAL -> p <= q;
        case CLOSER_TO_ZERO -> throw unsupported(op.label());
      };
    }
  }

  /// `y[yo + i * ys] = x[xo + i * xs]` for `i` in `[0, n)`.
  public static void copy(int[] x, int xo, int xs, int[] y, int yo, int ys, int n) {
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

  private static IllegalArgumentException unsupported(String operation) {
    return new IllegalArgumentException(operation + ": not defined for INT32");
  }
}
