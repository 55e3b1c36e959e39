package dev.rewind.tensor.kernel.elementwise;

import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;

/// Element-wise functions of one argument. A row declares one by its forms: of floats, of doubles, of ints if it is
/// defined for them, and a loop over vectors of floats if it has one of its own: a lambda, not a reference, which would
/// load the class of the loop where Java runs without the vector module.
public enum Unary {
  /// The absolute value.
  ABS(Math::abs, Math::abs, Math::abs, null),
  /// The cosine.
  COS(x -> (float) StrictMath.cos(x), StrictMath::cos, null, null),
  /// The error function.
  ERF(FloatMath::erf, DoubleMath::erf, null, (x, xo, y, yo, n) -> VectorFunctions.erf(x, xo, y, yo, n)),
  /// The natural exponential.
  EXP(FloatMath::exp, StrictMath::exp, null, (x, xo, y, yo, n) -> VectorFunctions.exp(x, xo, y, yo, n)),
  /// `exp(x) - 1`.
  EXPM1(FloatMath::expm1, StrictMath::expm1, null, (x, xo, y, yo, n) -> VectorFunctions.expm1(x, xo, y, yo, n)),
  /// The greatest whole number that is not above.
  FLOOR(x -> (float) Math.floor(x), Math::floor, null, null),
  /// `x * (1 + erf(x / sqrt(2))) / 2`.
  GELU(FloatMath::gelu, DoubleMath::gelu, null, (x, xo, y, yo, n) -> VectorFunctions.gelu(x, xo, y, yo, n)),
  /// The natural logarithm.
  LOG(FloatMath::log, StrictMath::log, null, (x, xo, y, yo, n) -> VectorFunctions.log(x, xo, y, yo, n)),
  /// `log(1 + x)`.
  LOG1P(FloatMath::log1p, StrictMath::log1p, null, null),
  /// `-x`.
  NEGATE(x -> -x, x -> -x, x -> -x, null),
  /// `1 / x`.
  RECIPROCAL(x -> 1 / x, x -> 1 / x, null, null),
  /// `max(x, 0)`.
  RELU(x -> Math.max(x, 0), x -> Math.max(x, 0), x -> Math.max(x, 0), null),
  /// The nearest whole number, of two the even one.
  ROUND(x -> (float) Math.rint(x), Math::rint, null, null),
  /// `1 / (1 + exp(-x))`.
  SIGMOID(FloatMath::sigmoid, DoubleMath::sigmoid, null, (x, xo, y, yo, n) -> VectorFunctions.sigmoid(x, xo, y, yo, n)),
  /// -1, 0 or 1.
  SIGN(Math::signum, Math::signum, Integer::signum, null),
  /// The sine.
  SIN(x -> (float) StrictMath.sin(x), StrictMath::sin, null, null),
  /// `log(1 + exp(x))`.
  SOFTPLUS(FloatMath::softplus, DoubleMath::softplus, null,
      (x, xo, y, yo, n) -> VectorFunctions.softplus(x, xo, y, yo, n)),
  /// The square root.
  SQRT(x -> (float) Math.sqrt(x), Math::sqrt, null, null),
  /// `x * x`.
  SQUARE(x -> x * x, x -> x * x, x -> x * x, null),
  /// The hyperbolic tangent.
  TANH(FloatMath::tanh, StrictMath::tanh, null, (x, xo, y, yo, n) -> VectorFunctions.tanh(x, xo, y, yo, n));

  /// A function of floats.
  interface Floats {
    float apply(float x);
  }

  /// `y = f(x)` for whole vectors among `n` elements; returns how many elements that is.
  interface Vectors {
    int run(float[] x, int xo, float[] y, int yo, int n);
  }

  private final Floats floats;
  private final DoubleUnaryOperator doubles;
  private final IntUnaryOperator ints; // or null
  final Vectors vectors;

  Unary(Floats floats, DoubleUnaryOperator doubles, IntUnaryOperator ints, Vectors vectors) {
    this.floats = floats;
    this.doubles = doubles;
    this.ints = ints;
    this.vectors = vectors != null ? vectors : (x, xo, y, yo, n) -> VectorLoops.unary(this, x, xo, y, yo, n);
  }

  /// The name in messages: that of the method.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The function of a float.
  public float apply(float x) {
    return floats.apply(x);
  }

  /// The function of a double.
  public double apply(double x) {
    return doubles.applyAsDouble(x);
  }

  /// Whether it is defined for ints: what indices, counts and labels need.
  public boolean takesInts() {
    return ints != null;
  }

  /// The function of an int, where overflow wraps.
  public int apply(int x) {
    return ints.applyAsInt(x);
  }
}
