package dev.rewind.tensor.kernel;

/// Elementary functions on floats: the readable definitions. [VectorMath] does the same operations in the same order on
/// vectors, so that both give the same bits; that is why nothing here is left to the platform's mathematics library.
final class FloatMath {
  /// 1.5 * 2^23: adding it rounds a small float to an integer, which is then in the low bits.
  static final float ROUNDER = 12582912f;
  static final int ROUNDER_BITS = 0x4B400000;
  static final float LOG2_E = 1.442695040888963f;
  static final float LN2_HIGH = 0.693145751953125f; // few enough bits that a product with an exponent is exact
  static final float LN2_LOW = 1.42860682030941723212e-6f;
  static final float EXP_LEAST = -104f; // below it the result rounds to zero
  static final float EXP_MOST = 89f; // above it the result is infinite
  /// Coefficients of `exp(r)`, `|r| <= ln(2) / 2`: its Taylor series, whose error is then below 6e-9.
  static final float[] EXP = {1f / 5040, 1f / 720, 1f / 120, 1f / 24, 1f / 6, 0.5f, 1f, 1f};
  static final float TANH_SMALL = 0.625f;
  /// Coefficients of `(tanh(x) - x) / x^3` as a polynomial of `x^2` for small x (Moshier, Cephes library, 1989).
  static final float[] TANH =
      {-5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f, 1.33314422036e-1f, -3.33332819422e-1f};
  static final int SQRT_HALF_BITS = 0x3F3504F3;
  static final float TWO_23 = 8388608f;
  /// Coefficients of `atanh(s) / s - 1` as a polynomial of `s^2` without constant term.
  static final float[] LOG = {1f / 9, 1f / 7, 1f / 5, 1f / 3};

  private FloatMath() {}

  /// The natural exponential. `exp(x) = 2^n exp(r)`, where n is the integer next to `x / ln 2`; the power of two is applied
  /// in two factors, so that results below the normal range lose accuracy gradually.
  static float exp(float x) {
    float clamped = Math.min(Math.max(x, EXP_LEAST), EXP_MOST);
    float shifted = Math.fma(clamped, LOG2_E, ROUNDER);
    float n = shifted - ROUNDER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, clamped));
    int power = Float.floatToRawIntBits(shifted) - ROUNDER_BITS;
    int half = power >> 1;
    return polynomial(EXP, r) * twoTo(half) * twoTo(power - half);
  }

  /// `c[0] x^(n-1) + .. + c[n-1]` by Horner's rule.
  static float polynomial(float[] c, float x) {
    float sum = c[0];
    for (int i = 1; i < c.length; i++) {
      sum = Math.fma(sum, x, c[i]);
    }
    return sum;
  }

  private static float twoTo(int power) {
    return Float.intBitsToFloat((power + 127) << 23);
  }

  /// The hyperbolic tangent: of `|x|`, by a polynomial near zero and as `1 - 2 / (exp(2 |x|) + 1)` elsewhere.
  static float tanh(float x) {
    float a = Math.abs(x);
    float z = a * a;
    float t = a < TANH_SMALL ? Math.fma(polynomial(TANH, z) * z, a, a) : 1 - 2 / (exp(a + a) + 1);
    return Math.copySign(t, x);
  }

  /// The logistic function, `e / (1 + e)` or `1 / (1 + e)` with `e = exp(-|x|)`.
  static float sigmoid(float x) {
    float e = exp(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  /// The natural logarithm: `x = 2^n m` with m near 1, and `log(m) = 2 atanh((m - 1) / (m + 1))`.
  static float log(float x) {
    if (!(x > 0) || x == Float.POSITIVE_INFINITY) {
      return x == 0 ? Float.NEGATIVE_INFINITY : x > 0 ? x : Float.NaN;
    }
    boolean tiny = x < Float.MIN_NORMAL;
    float normal = tiny ? x * TWO_23 : x;
    int bits = Float.floatToRawIntBits(normal);
    int power = (bits - SQRT_HALF_BITS) >> 23;
    float m = Float.intBitsToFloat(bits - (power << 23));
    float n = Float.intBitsToFloat(power + ROUNDER_BITS) - ROUNDER - (tiny ? 23 : 0);
    float s = (m - 1) / (m + 1);
    float z = s * s;
    float twice = s + s;
    float log = Math.fma(twice, polynomial(LOG, z) * z, twice);
    return Math.fma(n, LN2_HIGH, Math.fma(n, LN2_LOW, log));
  }

  /// `exp(x) - 1`.
  static float expm1(float x) {
    return (float) StrictMath.expm1(x);
  }

  /// `log(1 + x)`.
  static float log1p(float x) {
    return (float) StrictMath.log1p(x);
  }

  /// `log(1 + exp(x))`.
  static float softplus(float x) {
    return (float) DoubleMath.softplus(x);
  }

  /// The error function.
  static float erf(float x) {
    return (float) DoubleMath.erf(x);
  }

  /// `x Phi(x)`, with the normal distribution function.
  static float gelu(float x) {
    return (float) DoubleMath.gelu(x);
  }
}
