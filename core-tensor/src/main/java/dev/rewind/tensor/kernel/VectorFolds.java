package dev.rewind.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// [ScalarFolds] on vectors: its 16 lanes are one vector of 512 bits, two of 256 or four of 128, added up one after another
/// over a chunk, which is in the cache.
final class VectorFolds extends ScalarFolds {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int WIDTH = SPECIES.length();

  @Override
  public double sum(float[] x, int xo, int n) {
    float[] lanes = new float[LANES];
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      for (int lane = 0; lane < LANES; lane += WIDTH) {
        sumLanes(x, xo + from + lane, m - lane, lanes, lane);
      }
      total += fold(lanes, 0, 1);
    }
    return total;
  }

  private static void sumLanes(float[] x, int xo, int n, float[] lanes, int lane) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - WIDTH; i += LANES) {
      sum = sum.add(FloatVector.fromArray(SPECIES, x, xo + i));
    }
    sum.intoArray(lanes, lane);
    for (int j = 0; j < n - i; j++) {
      lanes[lane + j] += x[xo + i + j];
    }
  }

  @Override
  public double sumOfProducts(float[] a, int ao, float[] b, int bo, int n) {
    float[] lanes = new float[LANES];
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      for (int lane = 0; lane < LANES; lane += WIDTH) {
        sumProducts(a, ao + from + lane, b, bo + from + lane, m - lane, lanes, lane);
      }
      total += fold(lanes, 0, 1);
    }
    return total;
  }

  private static void sumProducts(float[] a, int ao, float[] b, int bo, int n, float[] lanes, int lane) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - WIDTH; i += LANES) {
      sum = sum.add(FloatVector.fromArray(SPECIES, a, ao + i).mul(FloatVector.fromArray(SPECIES, b, bo + i)));
    }
    sum.intoArray(lanes, lane);
    for (int j = 0; j < n - i; j++) {
      lanes[lane + j] += a[ao + i + j] * b[bo + i + j];
    }
  }

  @Override
  void addRow(float[] lanes, int at, float[] x, int xo, int n) {
    int j = 0;
    for (; j <= n - WIDTH; j += WIDTH) {
      FloatVector.fromArray(SPECIES, lanes, at + j).add(FloatVector.fromArray(SPECIES, x, xo + j)).intoArray(lanes, at + j);
    }
    for (; j < n; j++) {
      lanes[at + j] += x[xo + j];
    }
  }

  @Override
  public float max(float[] x, int xo, int stride, int n) {
    return stride == 1 && n >= WIDTH ? extreme(x, xo, n, 1) : super.max(x, xo, stride, n);
  }

  @Override
  public float min(float[] x, int xo, int stride, int n) {
    return stride == 1 && n >= WIDTH ? -extreme(x, xo, n, -1) : super.min(x, xo, stride, n);
  }

  /// The largest of `sign * x`. The order is free: no rounding, and a NaN wins wherever it is.
  private static float extreme(float[] x, int xo, int n, float sign) {
    FloatVector a = FloatVector.fromArray(SPECIES, x, xo + n - WIDTH).mul(sign);   // the rest, in part met again
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int i = 0;
    for (; i <= n - 4 * WIDTH; i += 4 * WIDTH) {
      a = a.max(FloatVector.fromArray(SPECIES, x, xo + i).mul(sign));
      b = b.max(FloatVector.fromArray(SPECIES, x, xo + i + WIDTH).mul(sign));
      c = c.max(FloatVector.fromArray(SPECIES, x, xo + i + 2 * WIDTH).mul(sign));
      d = d.max(FloatVector.fromArray(SPECIES, x, xo + i + 3 * WIDTH).mul(sign));
    }
    for (; i <= n - WIDTH; i += WIDTH) {
      a = a.max(FloatVector.fromArray(SPECIES, x, xo + i).mul(sign));
    }
    return a.max(b).max(c.max(d)).reduceLanes(VectorOperators.MAX);
  }

  @Override
  public int place(float[] x, int xo, int stride, int n, float value) {
    int i = 0;
    if (stride == 1 && value == value) {
      while (i <= n - WIDTH && !FloatVector.fromArray(SPECIES, x, xo + i).eq(value).anyTrue()) {
        i += WIDTH;
      }
    }
    return i + super.place(x, xo + i * stride, stride, n - i, value);
  }
}
