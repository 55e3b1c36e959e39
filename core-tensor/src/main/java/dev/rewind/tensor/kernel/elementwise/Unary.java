package dev.rewind.tensor.kernel.elementwise;

import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;

/// Element-wise functions of one argument. A row declares one by its forms: of floats, of doubles, of ints if it is
/// defined for them, and a loop over vectors of floats if it has one of its own.
public enum Unary {
  /// The absolute value.
  ABS(Math::abs, Math::abs, Math::abs, null),
  /// The error function.
  ERF(FloatMath::erf, DoubleMath::erf, null, VectorFunctions::erf),
  /// The natural exponential.
  EXP(FloatMath::exp, StrictMath::exp, null, VectorFunctions::exp),
  /// `exp(x) - 1`.
  EXPM1(FloatMath::expm1, StrictMath::expm1, null, VectorFunctions::expm1),
  /// `x * (1 + erf(x / sqrt(2))) / 2`.
  GELU(FloatMath::gelu, DoubleMath::gelu, null, VectorFunctions::gelu),
  /// The natural logarithm.
  LOG(FloatMath::log, StrictMath::log, null, VectorFunctions::log),
  /// `log(1 + x)`.
  LOG1P(FloatMath::log1p, StrictMath::log1p, null, null),
  /// `-x`.
  NEGATE(x -> -x, x -> -x, x -> -x, null),
  /// `1 / x`.
  RECIPROCAL(x -> 1 / x, x -> 1 / x, null, null),
  /// `max(x, 0)`.
  RELU(x -> Math.max(x, 0), x -> Math.max(x, 0), x -> Math.max(x, 0), null),
  /// `1 / (1 + exp(-x))`.
  SIGMOID(FloatMath::sigmoid, DoubleMath::sigmoid, null, VectorFunctions::sigmoid),
  /// -1, 0 or 1.
  SIGN(Math::signum, Math::signum, Integer::signum, null),
  /// `log(1 + exp(x))`.
  SOFTPLUS(FloatMath::softplus, DoubleMath::softplus, null, VectorFunctions::softplus),
  /// The square root.
  SQRT(x -> (float) Math.sqrt(x), Math::sqrt, null, null),
  /// `x * x`.
  SQUARE(x -> x * x, x -> x * x, x -> x * x, null),
  /// The hyperbolic tangent.
  TANH(FloatMath::tanh, StrictMath::tanh, null, VectorFunctions::tanh);

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
