package dev.rewind.tensor.kernel.elementwise;

import java.util.function.DoubleBinaryOperator;
import java.util.function.IntBinaryOperator;

/// Element-wise functions of two arguments, each with its forms; see [Unary].
public enum Binary {
  /// `a + b`.
  PLUS("plus", (a, b) -> a + b, (a, b) -> a + b, (a, b) -> a + b,
      (a, ao, b, bo, y, yo, n) -> VectorLoops.plus(a, ao, b, bo, y, yo, n)),
  /// `a - b`.
  MINUS("minus", (a, b) -> a - b, (a, b) -> a - b, (a, b) -> a - b,
      (a, ao, b, bo, y, yo, n) -> VectorLoops.minus(a, ao, b, bo, y, yo, n)),
  /// `a * b`.
  TIMES("times", (a, b) -> a * b, (a, b) -> a * b, (a, b) -> a * b,
      (a, ao, b, bo, y, yo, n) -> VectorLoops.times(a, ao, b, bo, y, yo, n)),
  /// `a / b`; of ints, truncated.
  DIVIDE("divide", (a, b) -> a / b, (a, b) -> a / b, (a, b) -> a / b, null),
  /// `a` to the power of `b`.
  POW("pow", FloatMath::pow, StrictMath::pow, null, null),
  /// The smaller one.
  MINIMUM("minimum", Math::min, Math::min, Math::min, null),
  /// The larger one.
  MAXIMUM("maximum", Math::max, Math::max, Math::max, null),
  /// `g * (1 - y^2)`: the derivative of tanh in terms of its value `y`, times `g`.
  TANH_BACKWARD("tanhBackward", (g, y) -> g * (1 - y * y), (g, y) -> g * (1 - y * y), null,
      (a, ao, b, bo, y, yo, n) -> VectorLoops.tanhBackward(a, ao, b, bo, y, yo, n)),
  /// `g * y * (1 - y)`: the derivative of the logistic function in terms of its value `y`, times `g`.
  SIGMOID_BACKWARD("sigmoidBackward", (g, y) -> g * (y * (1 - y)), (g, y) -> g * (y * (1 - y)), null,
      (a, ao, b, bo, y, yo, n) -> VectorLoops.sigmoidBackward(a, ao, b, bo, y, yo, n));

  /// A function of floats.
  interface Floats {
    float apply(float a, float b);
  }

  /// `y = f(a, b)` for whole vectors among `n` elements; returns how many elements that is.
  interface Vectors {
    int run(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);
  }

  private final String label;
  private final Floats floats;
  private final DoubleBinaryOperator doubles;
  private final IntBinaryOperator ints; // or null
  final Vectors vectors;

  Binary(String label, Floats floats, DoubleBinaryOperator doubles, IntBinaryOperator ints, Vectors vectors) {
    this.label = label;
    this.floats = floats;
    this.doubles = doubles;
    this.ints = ints;
    this.vectors = vectors != null ? vectors
        : (a, ao, b, bo, y, yo, n) -> VectorLoops.binary(this, a, ao, b, bo, y, yo, n);
  }

  /// The name in messages: that of the method.
  public String label() {
    return label;
  }

  /// The function of floats.
  public float apply(float a, float b) {
    return floats.apply(a, b);
  }

  /// The function of doubles.
  public double apply(double a, double b) {
    return doubles.applyAsDouble(a, b);
  }

  /// Whether it is defined for ints.
  public boolean takesInts() {
    return ints != null;
  }

  /// The function of ints, where overflow wraps.
  public int apply(int a, int b) {
    return ints.applyAsInt(a, b);
  }
}
