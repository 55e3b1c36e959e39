package dev.rewind.tensor.kernel.elementwise;

/// Powers of floats, in double: `2^(y log2(x))`, to 4e-12 of the power before it is rounded to float, so within 0.5001
/// units in the last place. [VectorPowers] does the same operations in the same order on vectors.
public final class FloatPowers {
  /// Coefficients of `log2(m) / s` in `s^2`, `s = (m - 1) / (m + 1)`, m within a factor `sqrt(2)` of 1, highest first,
  /// fitted to a relative error of 2.7e-14.
  static final double[] LOG2 = {0.28289928270370531, 0.31990575525048206, 0.41220925104196578, 0.57707794237703016,
      0.96179669411330522, 2.8853900817778500};
  /// Coefficients of `(2^r - 1) / r`, `|r| <= 1/2`, highest first, fitted so that the largest relative error of the
  /// power is least: 1.1e-12.
  static final double[] EXP2 = {1.3344360753407113e-6, 1.5314215370571802e-5, 1.5403097446795519e-4,
      1.3333434129855959e-3,
      9.6181295600069308e-3, 5.5504109592638323e-2, 2.4022650694738216e-1, 6.9314718054122229e-1};
  public static final long ONE_BITS = 0x3FF0000000000000L;
  /// What must be added to the bits of `sqrt(1/2)` to give those of 1.
  static final long TO_ONE = ONE_BITS - 0x3FE6A09E667F3BCDL;
  public static final int BIAS = 1023; // of exponents
  /// Or-ed to a long below 2^52, the bits of its sum with 2^52.
  public static final long TWO_52_BITS = 0x4330000000000000L;
  public static final double TWO_52 = 0x1p52;
  /// Adding it rounds to an integer, which is then in the low bits.
  static final double ROUNDER = 0x1.8p52;
  static final double MOST = 200; // binary logarithm beyond the range of floats
  static final double EVEN = 0x1p25; // beyond 2^24 all floats are even integers

  private FloatPowers() {}

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
    return y + ROUNDER - ROUNDER == y;
  }

  /// The binary logarithm of a float that is not negative: `x = 2^n m`, `log2(x) = n + log2(m)`.
  static double log2(double x) {
    long bits = Double.doubleToRawLongBits(x);
    long power = (bits + TO_ONE) >>> 52; // biased
    double n = Double.longBitsToDouble(power | TWO_52_BITS) - (TWO_52 + BIAS);
    double f = Double.longBitsToDouble(bits - (power << 52) + ONE_BITS) - 1;
    double s = f / (f + 2);
    double log = Math.fma(polynomial(LOG2, s * s), s, n);
    return x == 0 ? Double.NEGATIVE_INFINITY : x < Double.POSITIVE_INFINITY ? log : x;
  }

  /// Two to a power, `2^t = 2^n 2^r`.
  static double exp2(double t) {
    double bounded = t < -MOST ? -MOST : t > MOST ? MOST : t;
    double shifted = bounded + (ROUNDER + BIAS);
    double r = bounded - (shifted - (ROUNDER + BIAS));
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
