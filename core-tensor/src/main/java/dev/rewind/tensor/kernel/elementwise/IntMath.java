package dev.rewind.tensor.kernel.elementwise;

/// Element-wise functions on ints: what indices, counts and labels need. Overflow wraps, as in Java.
public final class IntMath {
  private IntMath() {}

  /// Whether a function is defined.
  public static boolean defines(Unary op) {
    return switch (op) {
      case ABS, NEGATE, RELU, SIGN, SQUARE -> true;
      default -> false;
    };
  }

  /// Whether a function is defined.
  public static boolean defines(Binary op) {
    return switch (op) {
      case PLUS, MINUS, TIMES, DIVIDE, MINIMUM, MAXIMUM -> true;
      default -> false;
    };
  }

  public static int apply(Unary op, int x) {
    return switch (op) {
      case ABS -> Math.abs(x);
      case NEGATE -> -x;
      case RELU -> Math.max(x, 0);
      case SIGN -> Integer.signum(x);
      case SQUARE -> x * x;
      default -> throw new AssertionError(op);
    };
  }

  /// Division truncates.
  public static int apply(Binary op, int a, int b) {
    return switch (op) {
      case PLUS -> a + b;
      case MINUS -> a - b;
      case TIMES -> a * b;
      case DIVIDE -> a / b;
      case MINIMUM -> Math.min(a, b);
      case MAXIMUM -> Math.max(a, b);
      default -> throw new AssertionError(op);
    };
  }
}
