package dev.rewind.tensor.kernel.elementwise;

/// Elementary functions on floats: the readable definitions. [VectorFunctions] does the same operations in the same
/// order on vectors, so that both give the same bits; that is why nothing here is left to the platform's mathematics
/// library.
public final class FloatMath {
  /// 1.5 * 2^23: adding it rounds a small float to an integer, which is then in the low bits. Those are the only ones
  /// that a shift by 23 leaves: it makes them the exponent of a float, so with the bias of exponents, 127, added
  /// beforehand the bits shifted are the power of two. 64 more or one less moves the range of powers; a product makes
  /// up for it.
  static final float ROUNDER = 12582912f;
  static final float ROUNDER_127 = ROUNDER + 127;
  static final float ROUNDER_BELOW = ROUNDER_127 + 64;
  static final float ROUNDER_ABOVE = ROUNDER_127 - 1;
  static final int ROUNDER_BITS = 0x4B400000;
  static final float BELOW = 0x1p-64f;
  static final float LOG2_E = 1.442695040888963f;
  static final float LN2_HIGH = 0.693145751953125f; // few enough bits that a product with an exponent is exact
  static final float LN2_LOW = 1.42860682030941723212e-6f;
  static final float EXP_LEAST = -104f; // below it the result rounds to zero
  static final float EXP_SMALL = -86f; // below it the result may be under the normal range
  static final float EXP_MOST = 88.9f; // above it the result is infinite
  /// Coefficients of `(exp(r) - 1 - r) / r^2`, `|r| <= ln(2) / 2`, highest first, fitted so that the largest relative
  /// error of the exponential is least: 3.2e-9.
  static final float[] EXP = {1.3818938750773668e-3f, 8.368703536689281e-3f, 4.166828840970993e-2f, 0.1666652113199234f,
      0.4999999403953552f};
  static final float TANH_MOST = 9.1f; // above it the result is 1
  static final int SQRT_HALF_BITS = 0x3F3504F3;
  static final float TWO_23 = 8388608f;
  /// Coefficients of `(atanh(s) / s - 1) / s^2` in `s^2`, highest first, fitted to a relative error of 8.3e-10.
  static final float[] LOG = {0.14936263859272003f, 0.1998877227306366f, 0.3333338797092438f};

  static final int ONE_BITS = 0x3F800000;
  static final float TINY = 0x1p-26f; // below it exp(x) - 1 and log(1 + x) round to x
  static final float EXPM1_LEAST = -18f; // below it the result rounds to -1
  /// Coefficients of `erf(x) / x - 1` in `x^2`, highest first, `|x| <= 1`, fitted to a relative error of 1.5e-9.
  static final float[] ERF = {7.806903e-05f, -0.0007997853f, 0.005187162f, -0.026853347f, 0.11283579f, -0.37612626f,
      0.12837917f};
  /// Coefficients of `(a + 2) exp(a^2) (1 - erf(a))` in `(a - 2) / (a + 2)`, highest first, fitted to a relative error
  /// of 1.8e-8.
  static final float[] ERFC = {8.3242834e-05f, 6.957684e-05f, -0.0005950352f, -0.0008541569f, 0.003053663f,
      0.0064824033f,
      -0.021500897f, -0.03644242f, 0.27947107f, -0.6871607f, 1.0215827f};
  static final float ERF_MOST = 4; // above it the result rounds to 1
  static final float GELU_MOST = 14.5f; // above it the result rounds to the argument, below its negative to zero
  static final float GELU_SCALE = 2.8284271f;
  /// Coefficients of `(a + c) exp(a^2 / 2) (1 - Phi(a))` in `(a - c) / (a + c)`, `c = sqrt(8)`, `0 <= a <= 14.6`,
  /// highest first, fitted to a relative error of 4.4e-8, times 2^-64, which the power of two has too much.
  static final float[] GELU = scaled(0x1p-64f, -0.0003267842f, -0.0005344742f, 0.0021064428f, 0.0045523616f,
      -0.015191035f, -0.025763648f, 0.19761485f, -0.48589617f, 0.72236806f);
  /// Those of [#EXP], of half the argument.
  static final float[] EXP_OF_HALF = {EXP[0] / 64, EXP[1] / 32, EXP[2] / 16, EXP[3] / 8, EXP[4] / 4};
  /// Coefficients of `(log(1 + e) / t - 1) / t^2` in `t^2`, `t = 2 e / (2 + e)`, `0 <= e <= 1`, highest first, fitted
  /// to a relative error of 4.5e-9.
  static final float[] SOFTPLUS = {5.4710946e-4f, 2.1876415e-3f, 1.2506727e-2f, 8.333302e-2f};

  /// Coefficients of `log2(m) / s` in `s^2`, `s = (m - 1) / (m + 1)`, m within a factor `sqrt(2)` of 1, highest first,
  /// fitted to a relative error of 2.7e-14.
  private static final double[] LOG2 = {0.28289928270370531, 0.31990575525048206, 0.41220925104196578,
      0.57707794237703016, 0.96179669411330522, 2.8853900817778500};
  /// Coefficients of `(2^r - 1) / r`, `|r| <= 1/2`, highest first, fitted so that the largest relative error of the
  /// power is least: 1.1e-12.
  private static final double[] EXP2 = {1.3344360753407113e-6, 1.5314215370571802e-5, 1.5403097446795519e-4,
      1.3333434129855959e-3, 9.6181295600069308e-3, 5.5504109592638323e-2, 2.4022650694738216e-1,
      6.9314718054122229e-1};
  private static final int BIAS = 1023; // of exponents of doubles
  private static final long DOUBLE_ONE_BITS = 0x3FF0000000000000L;
  private static final long TO_ONE = DOUBLE_ONE_BITS - 0x3FE6A09E667F3BCDL; // what makes of sqrt(1/2) those of 1
  private static final double DOUBLE_ROUNDER = 0x1.8p52; // as ROUNDER
  private static final double POWER_MOST = 200; // binary logarithm beyond the range of floats
  private static final double EVEN = 0x1p25; // beyond 2^24 all floats are even integers

  private FloatMath() {}

  private static float[] scaled(float factor, float... c) {
    for (int i = 0; i < c.length; i++) {
      c[i] *= factor;
    }
    return c;
  }

  /// The natural exponential. `exp(x) = 2^n exp(r)`, where n is the integer next to `x / ln 2`. The power of two is
  /// applied in two factors, so that results below the normal range lose accuracy gradually.
  static float exp(float x) {
    boolean small = x < EXP_SMALL;
    float rounder = small ? ROUNDER_BELOW : ROUNDER_ABOVE;
    float shifted = Math.fma(x, LOG2_E, rounder);
    float r = rest(x, shifted - rounder);
    float scaled = Math.fma(Math.fma(polynomial(EXP, r), r, 1), r, 1) * power(shifted) * (small ? BELOW : 2);
    return x < EXP_LEAST ? 0 : x > EXP_MOST ? Float.POSITIVE_INFINITY : scaled;
  }

  /// [#exp] for arguments that are not positive: the same bits in fewer steps.
  static float expOfNegative(float x) {
    float shifted = Math.fma(x, LOG2_E, ROUNDER_BELOW);
    float r = rest(x, shifted - ROUNDER_BELOW);
    float scaled = Math.fma(Math.fma(polynomial(EXP, r), r, 1), r, 1) * power(shifted) * BELOW;
    return x < EXP_LEAST ? 0 : scaled;
  }

  /// `x - n ln 2`.
  private static float rest(float x, float n) {
    return Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
  }

  /// The power of two that was rounded to in the low bits of a sum with one of the rounders.
  private static float power(float shifted) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(shifted) << 23);
  }

  /// `c[0] x^(n-1) + .. + c[n-1]` by Horner's rule.
  static float polynomial(float[] c, float x) {
    float sum = c[0];
    for (int i = 1; i < c.length; i++) {
      sum = Math.fma(sum, x, c[i]);
    }
    return sum;
  }

  /// The hyperbolic tangent: of `|x|`, as `m / (m + 2)` with `m = exp(2 |x|) - 1`, which is as accurate as the
  /// polynomial where the power of two is 1.
  static float tanh(float x) {
    float a = Math.abs(x);
    float u = a + a;
    float shifted = Math.fma(u, LOG2_E, ROUNDER_127);
    float r = rest(u, shifted - ROUNDER_127);
    float power = power(shifted);
    float m = Math.fma(Math.fma(polynomial(EXP, r), r * r, r), power, power - 1);
    return Math.copySign(a > TANH_MOST ? 1 : m / (m + 2), x);
  }

  /// The logistic function, `e / (1 + e)` or `1 / (1 + e)` with `e = exp(-|x|)`.
  static float sigmoid(float x) {
    float e = expOfNegative(-Math.abs(x));
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
    return logarithm(m - 1, n);
  }

  /// `exp(x) - 1`, as `2^n (m + 1) - 1` with `m = exp(r) - 1`.
  static float expm1(float x) {
    float shifted = Math.fma(x, LOG2_E, ROUNDER_ABOVE);
    float r = rest(x, shifted - ROUNDER_ABOVE);
    float half = power(shifted);
    float m = Math.fma(Math.fma(polynomial(EXP, r), r * r, r), half, half - 0.5f) * 2;
    float result = x < EXPM1_LEAST ? -1 : x > EXP_MOST ? Float.POSITIVE_INFINITY : m;
    return Math.abs(x) < TINY ? x : result;
  }

  /// `log(1 + x)`: the logarithm of the rounded sum `2^n m`, with what was rounded off added to `m`.
  public static float log1p(float x) {
    float sum = 1 + x;
    float grown = sum - 1;
    float lost = (1 - (sum - grown)) + (x - grown);
    int bits = Float.floatToRawIntBits(sum);
    int power = (bits - SQRT_HALF_BITS) & 0xFF800000;
    float f = Math.fma(lost, Float.intBitsToFloat(Math.max(ONE_BITS - power, 0)),
        Float.intBitsToFloat(bits - power) - 1);
    float n = Float.intBitsToFloat((power >> 23) + ROUNDER_BITS) - ROUNDER;
    float result = logarithm(f, n);
    result = x > -1 ? result : x == -1 ? Float.NEGATIVE_INFINITY : Float.NaN;
    return Math.abs(x) < TINY || x == Float.POSITIVE_INFINITY ? x : result;
  }

  /// `n ln 2 + log(1 + f)`, where `log(1 + f) = 2 atanh(f / (2 + f))`.
  private static float logarithm(float f, float n) {
    float s = f / (f + 2);
    float z = s * s;
    float twice = s + s;
    float log = Math.fma(twice, polynomial(LOG, z) * z, twice);
    return Math.fma(n, LN2_HIGH, Math.fma(n, LN2_LOW, log));
  }

  /// `log(1 + exp(x)) = max(x, 0) + log(1 + e)` with `e = exp(-|x|)`, whose logarithm is `2 atanh(e / (2 + e))`.
  static float softplus(float x) {
    float e = expOfNegative(-Math.abs(x));
    float t = (e + e) / (e + 2);
    float square = t * t;
    return (x < 0 ? 0 : x) + Math.fma(t, polynomial(SOFTPLUS, square) * square, t);
  }

  /// The error function: `x + x q(x^2)` where `|x| < 1`, beyond 1 less its complement `exp(-x^2) s(|x|)`.
  static float erf(float x) {
    float a = Math.abs(x);
    float square = a * a;
    float small = Math.fma(polynomial(ERF, square), a, a);
    float tail = scaledComplement(a) * gauss(square, Math.fma(a, a, -square));
    return Math.copySign(a < 1 ? small : a > ERF_MOST ? 1 : 1 - tail, x);
  }

  /// `x Phi(x)`, with the normal distribution function: `max(x, 0)` less `|x| (1 - Phi(|x|))`, which is `exp(-x^2 / 2)`
  /// times a polynomial as in [#scaledComplement]. The exponential is computed from twice its argument, with what the
  /// square lost.
  static float gelu(float x) {
    float a = Math.abs(x);
    float square = x * x;
    float lost = Math.fma(x, x, -square);
    float inverse = 1 / (a + GELU_SCALE);
    float s = polynomial(GELU, Math.fma(inverse, -2 * GELU_SCALE, 1));
    float shifted = Math.fma(square, -LOG2_E / 2, ROUNDER_BELOW);
    float n = shifted - ROUNDER_BELOW;
    float r = Math.fma(n, -2 * LN2_LOW, Math.fma(n, -2 * LN2_HIGH, -square)) - lost;
    float e = Math.fma(Math.fma(polynomial(EXP_OF_HALF, r), r, 0.5f), r, 1) * power(shifted);
    float tail = a * inverse * (s * e);
    return (x < 0 ? -0f : x) - (a > GELU_MOST ? 0 : tail);
  }

  /// `s(a) = exp(a^2) (1 - erf(a))` for `a >= 0`: a polynomial in `t = (a - 2) / (a + 2)`, divided by `a + 2` (after M.
  /// M. Shepherd and J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x", Mathematics of
  /// Computation 36, 1981).
  private static float scaledComplement(float a) {
    float inverse = 1 / (a + 2);
    return polynomial(ERFC, Math.fma(inverse, -4, 1)) * inverse;
  }

  /// `exp(-square - lost)`, where `lost` is what rounding took from the square.
  private static float gauss(float square, float lost) {
    float e = expOfNegative(-square);
    return Math.fma(e, -lost, e);
  }

  /// `x` to the power `y`, with the special cases of [Math#pow]: `2^(y log2(x))` in double, to 4e-12 of the power
  /// before it is rounded to float, so within 0.5001 units in the last place.
  static float pow(float x, float y) {
    if (y == 0) {
      return 1;
    }
    double power = exp2(y * log2(Math.abs(x)));
    double bounded = y < -EVEN ? -EVEN : y > EVEN ? EVEN : y;
    boolean whole = isWhole(bounded);
    if (x < 0 && x > Float.NEGATIVE_INFINITY && !whole) {
      return Float.NaN;
    }
    boolean odd = whole && !isWhole(bounded / 2);
    return (float) (odd ? Math.copySign(1, x) * power : power);
  }

  private static boolean isWhole(double y) {
    return y + DOUBLE_ROUNDER - DOUBLE_ROUNDER == y;
  }

  /// The binary logarithm of a float that is not negative: `x = 2^n m`, `log2(x) = n + log2(m)`.
  private static double log2(double x) {
    long bits = Double.doubleToRawLongBits(x);
    long power = (bits + TO_ONE) >>> 52; // biased
    double n = power - BIAS;
    double f = Double.longBitsToDouble(bits - (power << 52) + DOUBLE_ONE_BITS) - 1;
    double s = f / (f + 2);
    double log = Math.fma(polynomial(LOG2, s * s), s, n);
    return x == 0 ? Double.NEGATIVE_INFINITY : x < Double.POSITIVE_INFINITY ? log : x;
  }

  /// Two to a power, `2^t = 2^n 2^r`.
  private static double exp2(double t) {
    double bounded = t < -POWER_MOST ? -POWER_MOST : t > POWER_MOST ? POWER_MOST : t;
    double shifted = bounded + (DOUBLE_ROUNDER + BIAS);
    double r = bounded - (shifted - (DOUBLE_ROUNDER + BIAS));
    double power = Double.longBitsToDouble(Double.doubleToRawLongBits(shifted) << 52);
    return Math.fma(polynomial(EXP2, r), r, 1) * power;
  }

  /// By Horner's rule.
  private static double polynomial(double[] c, double x) {
    double sum = c[0];
    for (int i = 1; i < c.length; i++) {
      sum = Math.fma(sum, x, c[i]);
    }
    return sum;
  }
}
