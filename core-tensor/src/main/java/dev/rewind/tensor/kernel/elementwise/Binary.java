package dev.rewind.tensor.kernel.elementwise;

/// Element-wise functions of two arguments; [FloatMath], [DoubleMath] and [IntMath] define them.
public enum Binary {
  PLUS("plus"), MINUS("minus"), TIMES("times"), DIVIDE("divide"), POW("pow"), MINIMUM("minimum"), MAXIMUM("maximum"),
  /// `g * (1 - y^2)`: the derivative of tanh in terms of its value `y`, times `g`.
  TANH_BACKWARD("tanhBackward"),
  /// `g * y * (1 - y)`: the derivative of the logistic function in terms of its value `y`, times `g`.
  SIGMOID_BACKWARD("sigmoidBackward");

  private final String label;

  Binary(String label) {
    this.label = label;
  }

  /// The name in messages: that of the method.
  public String label() {
    return label;
  }
}
