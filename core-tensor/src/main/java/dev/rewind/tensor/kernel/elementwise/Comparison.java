package dev.rewind.tensor.kernel.elementwise;

/// Element-wise comparisons; any comparison with NaN is false, but that it is not equal.
public enum Comparison {
  EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL,
  /// `|a| < |b|`.
  CLOSER_TO_ZERO;

  /// Whether it holds, of numbers of any dtype.
  public boolean holds(double a, double b) {
    return switch (this) {
      case EQUAL -> a == b;
      case NOT_EQUAL -> a != b;
      case LESS -> a < b;
      case LESS_OR_EQUAL -> a <= b;
      case GREATER -> a > b;
      case GREATER_OR_EQUAL -> a >= b;
      case CLOSER_TO_ZERO -> Math.abs(a) < Math.abs(b);
    };
  }
}
