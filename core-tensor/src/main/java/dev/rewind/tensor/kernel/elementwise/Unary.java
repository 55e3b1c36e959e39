package dev.rewind.tensor.kernel.elementwise;

import java.util.Locale;

/// Element-wise functions of one argument; [FloatMath], [DoubleMath] and [IntMath] define them.
public enum Unary {
  ABS, ERF, EXP, EXPM1, GELU, LOG, LOG1P, NEGATE, RECIPROCAL, RELU, SIGMOID, SIGN, SOFTPLUS, SQRT, SQUARE, TANH;

  /// The name in messages: that of the method.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
