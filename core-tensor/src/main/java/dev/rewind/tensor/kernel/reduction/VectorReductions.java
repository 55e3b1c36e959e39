package dev.rewind.tensor.kernel.reduction;

import static jdk.incubator.vector.VectorOperators.F2D;

import dev.rewind.tensor.kernel.elementwise.VectorFunctions;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// [ReductionKernels] on vectors: its 16 lanes are two vectors of 512 bits, four of 256 or eight of 128, of which two
/// at a time go over a chunk, which is in the cache.
public final class VectorReductions extends ReductionKernels {
  private static final VectorSpecies<Float> SPECIES = VectorFunctions.SPECIES;
  private static final int WIDTH = SPECIES.length();
  private static final VectorSpecies<Float> HALF = VectorSpecies.of(float.class,
      VectorShape.forBitSize(SPECIES.vectorBitSize() / 2));
  private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, SPECIES.vectorShape());
  private static final int DOUBLE = DOUBLES.length();

  /// Adds elements `from, from + LANES, ..` and those beside them, of `n`, to two vectors of lanes.
  private interface Lanes {
    void add(int from, int n, double[] lanes, int lane);
  }

  private static double inChunks(int n, Lanes part) {
    double[] lanes = new double[LANES];
    double total = 0;
    for (int from = 0; from < n; from += CHUNK) {
      int m = Math.min(CHUNK, n - from);
      for (int lane = 0; lane < LANES; lane += 2 * DOUBLE) {
        part.add(from + lane, m - lane, lanes, lane);
      }
      total += fold(lanes, 0, 1);
    }
    return total;
  }

  @Override
  public double sum(float[] x, int xo, int stride, int n) {
    if (stride != 1) {
      return super.sum(x, xo, stride, n);
    }
    return inChunks(n, (from, m, lanes, lane) -> sumLanes(x, xo + from, m, lanes, lane));
  }

  private static void sumLanes(float[] x, int xo, int n, double[] lanes, int lane) {
    DoubleVector p = DoubleVector.zero(DOUBLES);
    DoubleVector q = p;
    int i = 0;
    for (; i <= n - 2 * DOUBLE; i += LANES) {
      p = p.add(FloatVector.fromArray(HALF, x, xo + i).convertShape(F2D, DOUBLES, 0));
      q = q.add(FloatVector.fromArray(HALF, x, xo + i + DOUBLE).convertShape(F2D, DOUBLES, 0));
    }
    p.intoArray(lanes, lane);
    q.intoArray(lanes, lane + DOUBLE);
    for (int j = 0; j < n - i; j++) {
      lanes[lane + j] += x[xo + i + j];
    }
  }

  @Override
  public double sumOfProducts(float[] a, int ao, float[] b, int bo, int n) {
    return inChunks(n, (from, m, lanes, lane) -> sumProducts(a, ao + from, b, bo + from, m, lanes, lane));
  }

  private static void sumProducts(float[] a, int ao, float[] b, int bo, int n, double[] lanes, int lane) {
    DoubleVector p = DoubleVector.zero(DOUBLES);
    DoubleVector q = p;
    int i = 0;
    for (; i <= n - 2 * DOUBLE; i += LANES) {
      FloatVector u = FloatVector.fromArray(HALF, a, ao + i).mul(FloatVector.fromArray(HALF, b, bo + i));
      FloatVector v = FloatVector.fromArray(HALF, a, ao + i + DOUBLE)
          .mul(FloatVector.fromArray(HALF, b, bo + i + DOUBLE));
      p = p.add(u.convertShape(F2D, DOUBLES, 0));
      q = q.add(v.convertShape(F2D, DOUBLES, 0));
    }
    p.intoArray(lanes, lane);
    q.intoArray(lanes, lane + DOUBLE);
    for (int j = 0; j < n - i; j++) {
      lanes[lane + j] += a[ao + i + j] * b[bo + i + j];
    }
  }

  @Override
  public double sumOfSquares(float[] x, int xo, int stride, int n, double centre) {
    if (stride != 1) {
      return super.sumOfSquares(x, xo, stride, n, centre);
    }
    return inChunks(n, (from, m, lanes, lane) -> sumSquares(x, xo + from, m, centre, lanes, lane));
  }

  private static void sumSquares(float[] x, int xo, int n, double centre, double[] lanes, int lane) {
    DoubleVector p = DoubleVector.zero(DOUBLES);
    DoubleVector q = p;
    int i = 0;
    for (; i <= n - 2 * DOUBLE; i += LANES) {
      DoubleVector u = ((DoubleVector) FloatVector.fromArray(HALF, x, xo + i).convertShape(F2D, DOUBLES, 0))
          .sub(centre);
      DoubleVector v = ((DoubleVector) FloatVector.fromArray(HALF, x, xo + i + DOUBLE).convertShape(F2D, DOUBLES, 0))
          .sub(centre);
      p = u.fma(u, p);
      q = v.fma(v, q);
    }
    p.intoArray(lanes, lane);
    q.intoArray(lanes, lane + DOUBLE);
    for (int j = 0; j < n - i; j++) {
      double distance = x[xo + i + j] - centre;
      lanes[lane + j] = Math.fma(distance, distance, lanes[lane + j]);
    }
  }

  @Override
  public void addRows(float[] x, int xo, int step, int rows, double[] sums, int at, int n) {
    int whole = n / DOUBLE * DOUBLE;
    int r = 0;
    for (; r <= rows - 4; r += 4) {
      addFourRows(x, xo + r * step, step, sums, at, whole);
    }
    super.addRows(x, xo + r * step, step, rows - r, sums, at, whole);
    super.addRows(x, xo + whole, step, rows, sums, at + whole, n - whole);
  }

  private static void addFourRows(float[] x, int xo, int step, double[] sums, int at, int n) {
    for (int j = 0; j < n; j += DOUBLE) {
      DoubleVector.fromArray(DOUBLES, sums, at + j)
          .add(FloatVector.fromArray(HALF, x, xo + j).convertShape(F2D, DOUBLES, 0))
          .add(FloatVector.fromArray(HALF, x, xo + step + j).convertShape(F2D, DOUBLES, 0))
          .add(FloatVector.fromArray(HALF, x, xo + 2 * step + j).convertShape(F2D, DOUBLES, 0))
          .add(FloatVector.fromArray(HALF, x, xo + 3 * step + j).convertShape(F2D, DOUBLES, 0))
          .intoArray(sums, at + j);
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
}
