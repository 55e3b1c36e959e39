package dev.rewind.tensor;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;

/// How far two tensors are apart, measured by the tolerance `absolute + relative * |b|` of each element. NaN agrees
/// with NaN, an infinity only with itself.
final class AllClose {
  private final String mismatch;
  private final Tensor a;
  private final Tensor b;
  private final double relative;
  private final double absolute;
  private int different;
  private int worst = -1;
  private double worstRatio;

  private AllClose(String mismatch, Tensor a, Tensor b, double relative, double absolute) {
    this.mismatch = mismatch;
    this.a = a;
    this.b = b;
    this.relative = relative;
    this.absolute = absolute;
  }

  static AllClose of(Tensor a, Tensor b, double relative, double absolute) {
    if (!(relative >= 0) || !(absolute >= 0)) {
      throw new IllegalArgumentException("allClose: expected tolerances of at least 0, got relative " + relative
          + " and absolute " + absolute);
    }
    if (a.dtype() != b.dtype()) {
      return new AllClose("dtypes differ: " + a.dtype() + " against " + b.dtype(), a, b, relative, absolute);
    }
    if (!a.shape().equals(b.shape())) {
      return new AllClose("shapes differ: " + a.shape() + " against " + b.shape(), a, b, relative, absolute);
    }
    AllClose result = new AllClose(null, a.contiguous(), b.contiguous(), relative, absolute);
    for (int i = 0; i < a.elements(); i++) {
      result.compare(i);
    }
    return result;
  }

  /// Whether dtypes, shapes and elements are equal; NaN equals NaN, and 0 does not equal -0.
  static boolean equal(Tensor a, Tensor b) {
    if (a.dtype() != b.dtype() || !a.shape().equals(b.shape())) {
      return false;
    }
    Tensor mine = a.contiguous();
    Tensor other = b.contiguous();
    for (int i = 0; i < a.elements(); i++) {
      if (Double.compare(number(mine, i), number(other, i)) != 0) {
        return false;
      }
    }
    return true;
  }

  /// Of shape and elements, in row-major order.
  static int hash(Tensor x) {
    int hash = x.shape().hashCode();
    for (int i = 0; i < x.elements(); i++) {
      hash = 31 * hash + Double.hashCode(x.storage().number(x.layout().position(i, x.rank())));
    }
    return hash;
  }

  private static double number(Tensor gapless, int i) {
    return gapless.storage().number(gapless.offset() + i);
  }

  boolean isClose() {
    return mismatch == null && different == 0;
  }

  private void compare(int i) {
    double difference = difference(i);
    if (difference == 0) {
      return;
    }
    // An infinite difference is never within the tolerance, which may be infinite as well.
    boolean infinite = difference == Double.POSITIVE_INFINITY;
    double ratio = infinite ? difference : difference / tolerance(i);
    if (infinite || !(difference <= tolerance(i))) {
      different++;
    }
    if (worst < 0 || ratio > worstRatio || ratio == worstRatio && difference > difference(worst)) {
      worst = i;
      worstRatio = ratio;
    }
  }

  private double difference(int i) {
    double x = number(a, i);
    double y = number(b, i);
    if (x == y || Double.isNaN(x) && Double.isNaN(y)) {
      return 0;
    }
    double difference = Math.abs(x - y);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }

  private double tolerance(int i) {
    return absolute + relative * Math.abs(number(b, i));
  }

  /// The element farthest apart, in words: where it is, both values, their difference and what it may be.
  @Override
  public String toString() {
    if (mismatch != null) {
      return mismatch;
    }
    String all = a.elements() == 1 ? "1 element" : a.elements() + " elements";
    if (worst < 0) {
      return "no difference in " + all;
    }
    String counted = different == 0 ? "no difference beyond the tolerance in " + all
        : different + " of " + all + " differ";
    return counted + "; worst at " + Arrays.toString(a.shape().index(worst)) + ": " + text(a, worst) + " against "
        + text(b, worst)
        + ", difference " + brief(difference(worst)) + ", tolerance " + brief(tolerance(worst));
  }

  private static String text(Tensor x, int i) {
    double value = number(x, i);
    return switch (x.dtype()) {
      case FLOAT32 -> Float.toString((float) value);
      case FLOAT64 -> Double.toString(value);
      case INT32 -> Integer.toString((int) value);
      case BOOL -> Boolean.toString(value != 0);
    };
  }

  private static String brief(double value) {
    double rounded = Double.isFinite(value) ? new BigDecimal(value).round(new MathContext(4)).doubleValue() : value;
    return Double.toString(rounded);
  }
}
