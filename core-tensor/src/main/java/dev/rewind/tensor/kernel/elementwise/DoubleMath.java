package dev.rewind.tensor.kernel.elementwise;

/// Elementary functions on doubles, by [StrictMath], whose bits are the same everywhere.
public final class DoubleMath {
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
  private static final double SERIES_LIMIT = 2.5;
  private static final int FRACTION_TERMS = 60;

  private DoubleMath() {}

  /// The logistic function, `e / (1 + e)` or `1 / (1 + e)` with `e = exp(-|x|)`.
  static double sigmoid(double x) {
    double e = StrictMath.exp(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  /// `log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))`.
  static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  /// The error function: its series `2 / sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!!` for small arguments, whose
  /// terms are all positive, else 1 less the continued fraction of the complement (Abramowitz and Stegun, 7.1.6 and
  /// 7.1.14).
  static double erf(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x) || a == 0) {
      return x;
    }
    double value = a < SERIES_LIMIT ? erfSeries(a) : 1 - erfcFraction(a);
    return Math.copySign(value, x);
  }

  private static double erfSeries(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; term > sum * 1e-17; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return TWO_OVER_SQRT_PI * StrictMath.exp(-x * x) * sum;
  }

  private static double erfcFraction(double x) {
    double fraction = x;
    for (int n = FRACTION_TERMS; n >= 1; n--) {
      fraction = x + n / 2.0 / fraction;
    }
    return Double.isInfinite(x) ? 0 : StrictMath.exp(-x * x) / (fraction * Math.sqrt(Math.PI));
  }

  /// `x Phi(x)`, with the normal distribution function.
  static double gelu(double x) {
    if (Math.abs(x) > 40) {
      return x > 0 ? x : -0.0;
    }
    double a = -x * Math.sqrt(0.5);
    double complement = a < SERIES_LIMIT ? 1 - erf(a) : erfcFraction(a); // accurate where 1 + erf(x) would cancel
    return x * complement / 2;
  }
}
