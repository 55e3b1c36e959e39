package dev.rewind.tensor.kernel.elementwise;

/// Element-wise comparisons; any comparison with NaN is false, but that it is not equal. The others are these with
/// arguments swapped or negated.
public enum Comparison {
  EQUAL("equalTo"), NOT_EQUAL("isNaN"), LESS("less"), LESS_OR_EQUAL("lessOrEqual"),
  /// `|a| < |b|`.
  CLOSER_TO_ZERO("isFinite");

  private final String label;

  Comparison(String label) {
    this.label = label;
  }

  /// The name in messages: that of the method.
  public String label() {
    return label;
  }

  /// Whether it holds, of numbers of any dtype.
  public boolean holds(double a, double b) {
    return switch (this) {
      case EQUAL -> a == b;
      case NOT_EQUAL -> a != b;
      case LESS -> a < b;
      case LESS_OR_EQUAL -> a <= b;
      case CLOSER_TO_ZERO -> Math.abs(a) < Math.abs(b);
    };
  }
}
