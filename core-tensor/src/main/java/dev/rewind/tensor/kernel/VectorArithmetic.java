package dev.rewind.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Arithmetic over arrays, with the bits of [FloatLoops]. The compiler does not turn those loops into vector code, because
/// to it the ranges might overlap; these take a quarter of their time. Products are rounded before they are added. The
/// last elements go one by one: a masked vector at the end, where it is rarely met, would be passed as an object.
final class VectorArithmetic {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  private VectorArithmetic() {}

  static void plus(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      load(a, ao + i).add(load(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] + b[bo + i];
    }
  }

  static void minus(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      load(a, ao + i).sub(load(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] - b[bo + i];
    }
  }

  static void times(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      load(a, ao + i).mul(load(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * b[bo + i];
    }
  }

  static void divide(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      load(a, ao + i).div(load(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] / b[bo + i];
    }
  }

  static void tanhSlope(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      tanhSlope(load(a, ao + i), load(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * (1 - b[bo + i] * b[bo + i]);
    }
  }

  static void sigmoidSlope(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      sigmoidSlope(load(a, ao + i), load(b, bo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * (b[bo + i] * (1 - b[bo + i]));
    }
  }

  // ---- added to what is there -----------------------------------------------------------------------------------------

  static void addTimes(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      load(y, yo + i).add(load(a, ao + i).mul(load(b, bo + i))).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] += a[ao + i] * b[bo + i];
    }
  }

  static void addTanhSlope(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      load(y, yo + i).add(tanhSlope(load(a, ao + i), load(b, bo + i))).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] += a[ao + i] * (1 - b[bo + i] * b[bo + i]);
    }
  }

  static void addSigmoidSlope(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      load(y, yo + i).add(sigmoidSlope(load(a, ao + i), load(b, bo + i))).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] += a[ao + i] * (b[bo + i] * (1 - b[bo + i]));
    }
  }

  private static FloatVector tanhSlope(FloatVector g, FloatVector y) {
    return g.mul(FloatVector.broadcast(SPECIES, 1f).sub(y.mul(y)));
  }

  private static FloatVector sigmoidSlope(FloatVector g, FloatVector y) {
    return g.mul(y.mul(FloatVector.broadcast(SPECIES, 1f).sub(y)));
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(SPECIES, x, at);
  }
}
