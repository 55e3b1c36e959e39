package dev.rewind.tensor.kernel.elementwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Arithmetic over arrays, with the bits of [FloatLoops]. The compiler does not turn those loops into vector code,
/// because to it the ranges might overlap; these take a quarter of their time. Products are rounded before they are
/// added. Why nothing takes or returns a vector, and the last elements go one by one: see [VectorExponentials].
public final class VectorArithmetic {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  private VectorArithmetic() {}

  /// `y = x * factor + shift`, rounded twice.
  static void affine(float[] x, int xo, float factor, float shift, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xo + i).mul(factor).add(shift).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] * factor + shift;
    }
  }

  static void plus(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).add(FloatVector.fromArray(SPECIES, b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] + b[bo + i];
    }
  }

  static void minus(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).sub(FloatVector.fromArray(SPECIES, b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] - b[bo + i];
    }
  }

  public static void times(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).mul(FloatVector.fromArray(SPECIES, b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * b[bo + i];
    }
  }

  static void divide(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, ao + i).div(FloatVector.fromArray(SPECIES, b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] / b[bo + i];
    }
  }

  static void tanhBackward(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector.fromArray(SPECIES, a, ao + i).mul(one.sub(v.mul(v))).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * (1 - b[bo + i] * b[bo + i]);
    }
  }

  static void sigmoidBackward(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector.fromArray(SPECIES, a, ao + i).mul(v.mul(one.sub(v))).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * (b[bo + i] * (1 - b[bo + i]));
    }
  }

  // ---- added to what is there
  // -----------------------------------------------------------------------------------------

  static void addTimes(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector term = FloatVector.fromArray(SPECIES, a, ao + i).mul(v);
      FloatVector.fromArray(SPECIES, y, yo + i).add(term).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] += a[ao + i] * b[bo + i];
    }
  }

  static void addTanhBackward(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector term = FloatVector.fromArray(SPECIES, a, ao + i).mul(one.sub(v.mul(v)));
      FloatVector.fromArray(SPECIES, y, yo + i).add(term).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] += a[ao + i] * (1 - b[bo + i] * b[bo + i]);
    }
  }

  static void addSigmoidBackward(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, b, bo + i);
      FloatVector term = FloatVector.fromArray(SPECIES, a, ao + i).mul(v.mul(one.sub(v)));
      FloatVector.fromArray(SPECIES, y, yo + i).add(term).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] += a[ao + i] * (b[bo + i] * (1 - b[bo + i]));
    }
  }
}
