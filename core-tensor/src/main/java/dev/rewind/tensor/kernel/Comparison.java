package dev.rewind.tensor.kernel;

/// Element-wise comparisons; any comparison with NaN is false. The others are these with arguments swapped or negated.
public enum Comparison {
  EQUAL("equalTo"), LESS("less"), LESS_OR_EQUAL("lessOrEqual");

  private final String label;

  Comparison(String label) {
    this.label = label;
  }

  /// The name in messages: that of the method.
  public String label() {
    return label;
  }
}
