package dev.rewind.tensor.kernel.elementwise;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// Elementary functions over arrays: the operations of [FloatMath] in its order, so its bits. Each does whole vectors
/// and returns how many elements it has done; the last ones go one by one, as a vector that is rarely met is passed as
/// an object.
///
/// Every function is written out in its loop. A method that takes or returns a vector is one object after another
/// wherever the compiler does not inline it, and it stops inlining methods of ours, but not those of the Vector API, in
/// what has grown large by then: whether it does would depend on who calls.
public final class VectorFunctions {
  /// The vectors of all kernels on floats.
  public static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private VectorFunctions() {}

  static int exp(float[] x, int xo, float[] y, int yo, int n) {
    float[] c = FloatMath.EXP;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      VectorMask<Float> small = v.compare(LT, FloatMath.EXP_SMALL);
      FloatVector rounder = FloatVector.broadcast(SPECIES, FloatMath.ROUNDER_ABOVE).blend(FloatMath.ROUNDER_BELOW,
          small);
      FloatVector shifted = v.lanewise(FMA, FloatMath.LOG2_E, rounder);
      FloatVector power = shifted.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector shift = shifted.sub(rounder);
      FloatVector r = shift.lanewise(FMA, -FloatMath.LN2_LOW, shift.lanewise(FMA, -FloatMath.LN2_HIGH, v));
      FloatVector p = r.fma(c[0], c[1]).lanewise(FMA, r, c[2]).lanewise(FMA, r, c[3]).lanewise(FMA, r, c[4])
          .lanewise(FMA, r, 1).lanewise(FMA, r, 1);
      FloatVector scaled = p.mul(power).mul(FloatVector.broadcast(SPECIES, 2).blend(FloatMath.BELOW, small));
      scaled.blend(0, v.compare(LT, FloatMath.EXP_LEAST))
          .blend(Float.POSITIVE_INFINITY, v.compare(GT, FloatMath.EXP_MOST))
          .intoArray(y, yo + i);
    }
    return i;
  }

  static int expm1(float[] x, int xo, float[] y, int yo, int n) {
    float[] c = FloatMath.EXP;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      FloatVector shifted = v.fma(FloatMath.LOG2_E, FloatMath.ROUNDER_ABOVE);
      FloatVector half = shifted.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector shift = shifted.sub(FloatMath.ROUNDER_ABOVE);
      FloatVector r = shift.lanewise(FMA, -FloatMath.LN2_LOW, shift.lanewise(FMA, -FloatMath.LN2_HIGH, v));
      FloatVector p = r.fma(c[0], c[1]).lanewise(FMA, r, c[2]).lanewise(FMA, r, c[3]).lanewise(FMA, r, c[4]);
      FloatVector m = p.fma(r.mul(r), r).fma(half, half.sub(0.5f)).mul(2);
      m.blend(-1, v.compare(LT, FloatMath.EXPM1_LEAST))
          .blend(Float.POSITIVE_INFINITY, v.compare(GT, FloatMath.EXP_MOST))
          .blend(v, v.abs().compare(LT, FloatMath.TINY)).intoArray(y, yo + i);
    }
    return i;
  }

  static int sigmoid(float[] x, int xo, float[] y, int yo, int n) {
    float[] c = FloatMath.EXP;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      FloatVector a = v.reinterpretAsInts().or(Integer.MIN_VALUE).reinterpretAsFloats();
      FloatVector shifted = a.fma(FloatMath.LOG2_E, FloatMath.ROUNDER_BELOW);
      FloatVector power = shifted.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector shift = shifted.sub(FloatMath.ROUNDER_BELOW);
      FloatVector r = shift.lanewise(FMA, -FloatMath.LN2_LOW, shift.lanewise(FMA, -FloatMath.LN2_HIGH, a));
      FloatVector p = r.fma(c[0], c[1]).lanewise(FMA, r, c[2]).lanewise(FMA, r, c[3]).lanewise(FMA, r, c[4])
          .lanewise(FMA, r, 1).lanewise(FMA, r, 1);
      FloatVector e = p.mul(power).mul(FloatMath.BELOW).blend(0, a.compare(LT, FloatMath.EXP_LEAST));
      FloatVector.broadcast(SPECIES, 1).blend(e, v.compare(LT, 0)).div(e.add(1)).intoArray(y, yo + i);
    }
    return i;
  }

  static int tanh(float[] x, int xo, float[] y, int yo, int n) {
    float[] c = FloatMath.EXP;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      FloatVector a = v.abs();
      FloatVector u = a.add(a);
      FloatVector shifted = u.fma(FloatMath.LOG2_E, FloatMath.ROUNDER_127);
      FloatVector power = shifted.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector shift = shifted.sub(FloatMath.ROUNDER_127);
      FloatVector r = shift.lanewise(FMA, -FloatMath.LN2_LOW, shift.lanewise(FMA, -FloatMath.LN2_HIGH, u));
      FloatVector p = r.fma(c[0], c[1]).lanewise(FMA, r, c[2]).lanewise(FMA, r, c[3]).lanewise(FMA, r, c[4]);
      FloatVector m = p.fma(r.mul(r), r).fma(power, power.sub(1));
      FloatVector t = m.div(m.add(2)).blend(1, a.compare(GT, FloatMath.TANH_MOST));
      t.reinterpretAsInts().or(v.reinterpretAsInts().and(Integer.MIN_VALUE)).reinterpretAsFloats().intoArray(y, yo + i);
    }
    return i;
  }

  static int log(float[] x, int xo, float[] y, int yo, int n) {
    float[] c = FloatMath.LOG;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      VectorMask<Float> tiny = v.compare(LT, Float.MIN_NORMAL);
      IntVector bits = v.blend(v.mul(FloatMath.TWO_23), tiny).reinterpretAsInts();
      IntVector power = bits.sub(FloatMath.SQRT_HALF_BITS).lanewise(ASHR, 23);
      FloatVector f = bits.sub(power.lanewise(LSHL, 23)).reinterpretAsFloats().sub(1);
      FloatVector normal = power.add(FloatMath.ROUNDER_BITS).reinterpretAsFloats().sub(FloatMath.ROUNDER);
      FloatVector shift = normal.blend(normal.sub(23), tiny);
      FloatVector s = f.div(f.add(2));
      FloatVector z = s.mul(s);
      FloatVector twice = s.add(s);
      FloatVector log = twice.fma(z.fma(c[0], c[1]).lanewise(FMA, z, c[2]).mul(z), twice);
      FloatVector finite = shift.lanewise(FMA, FloatMath.LN2_HIGH, shift.lanewise(FMA, FloatMath.LN2_LOW, log));
      FloatVector.broadcast(SPECIES, Float.NaN).blend(finite, v.compare(GT, 0))
          .blend(v, v.compare(EQ, Float.POSITIVE_INFINITY)).blend(Float.NEGATIVE_INFINITY, v.compare(EQ, 0))
          .intoArray(y, yo + i);
    }
    return i;
  }

  /// The steps of the exponential of `-|x|`, then a series of its own.
  static int softplus(float[] x, int xo, float[] y, int yo, int n) {
    float[] b = FloatMath.EXP;
    float[] c = FloatMath.SOFTPLUS;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      FloatVector a = v.reinterpretAsInts().or(Integer.MIN_VALUE).reinterpretAsFloats();
      FloatVector shifted = a.fma(FloatMath.LOG2_E, FloatMath.ROUNDER_BELOW);
      FloatVector scale = shifted.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector rounded = shifted.sub(FloatMath.ROUNDER_BELOW);
      FloatVector r = rounded.lanewise(FMA, -FloatMath.LN2_LOW, rounded.lanewise(FMA, -FloatMath.LN2_HIGH, a));
      FloatVector p = r.fma(b[0], b[1]).lanewise(FMA, r, b[2]).lanewise(FMA, r, b[3]).lanewise(FMA, r, b[4])
          .lanewise(FMA, r, 1).lanewise(FMA, r, 1);
      FloatVector e = p.mul(scale).mul(FloatMath.BELOW).blend(0, a.compare(LT, FloatMath.EXP_LEAST));
      FloatVector t = e.add(e).div(e.add(2));
      FloatVector square = t.mul(t);
      FloatVector log1p = t
          .fma(square.fma(c[0], c[1]).lanewise(FMA, square, c[2]).lanewise(FMA, square, c[3]).mul(square), t);
      v.blend(0, v.compare(LT, 0)).add(log1p).intoArray(y, yo + i);
    }
    return i;
  }

  static int gelu(float[] x, int xo, float[] y, int yo, int n) {
    float[] b = FloatMath.EXP_OF_HALF;
    float[] c = FloatMath.GELU;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      FloatVector a = v.abs();
      FloatVector square = v.mul(v);
      FloatVector lost = v.fma(v, square.neg());
      FloatVector inverse = FloatVector.broadcast(SPECIES, 1).div(a.add(FloatMath.GELU_SCALE));
      FloatVector t = inverse.fma(-2 * FloatMath.GELU_SCALE, 1);
      FloatVector s = t.fma(c[0], c[1]).lanewise(FMA, t, c[2]).lanewise(FMA, t, c[3]).lanewise(FMA, t, c[4])
          .lanewise(FMA, t, c[5]).lanewise(FMA, t, c[6]).lanewise(FMA, t, c[7]).lanewise(FMA, t, c[8]);
      FloatVector shifted = square.fma(-FloatMath.LOG2_E / 2, FloatMath.ROUNDER_BELOW);
      FloatVector power = shifted.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector shift = shifted.sub(FloatMath.ROUNDER_BELOW);
      FloatVector r = shift
          .lanewise(FMA, -2 * FloatMath.LN2_LOW, shift.lanewise(FMA, -2 * FloatMath.LN2_HIGH, square.neg()))
          .sub(lost);
      FloatVector e = r.fma(b[0], b[1]).lanewise(FMA, r, b[2]).lanewise(FMA, r, b[3]).lanewise(FMA, r, b[4])
          .lanewise(FMA, r, 0.5f).lanewise(FMA, r, 1).mul(power);
      FloatVector tail = a.mul(inverse).mul(s.mul(e));
      v.blend(-0f, v.compare(LT, 0)).sub(tail.blend(0, a.compare(GT, FloatMath.GELU_MOST))).intoArray(y, yo + i);
    }
    return i;
  }

  static int erf(float[] x, int xo, float[] y, int yo, int n) {
    float[] b = FloatMath.EXP;
    float[] c = FloatMath.ERFC;
    float[] d = FloatMath.ERF;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      FloatVector a = v.abs();
      FloatVector square = a.mul(a);
      FloatVector lost = a.fma(a, square.neg());
      FloatVector inverse = FloatVector.broadcast(SPECIES, 1).div(a.add(2));
      FloatVector t = inverse.fma(-4, 1);
      FloatVector s = t.fma(c[0], c[1]).lanewise(FMA, t, c[2]).lanewise(FMA, t, c[3]).lanewise(FMA, t, c[4])
          .lanewise(FMA, t, c[5]).lanewise(FMA, t, c[6]).lanewise(FMA, t, c[7]).lanewise(FMA, t, c[8])
          .lanewise(FMA, t, c[9]).lanewise(FMA, t, c[10]).mul(inverse);
      FloatVector shifted = square.fma(-FloatMath.LOG2_E, FloatMath.ROUNDER_BELOW);
      FloatVector power = shifted.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector shift = shifted.sub(FloatMath.ROUNDER_BELOW);
      FloatVector r = shift.lanewise(FMA, -FloatMath.LN2_LOW, shift.lanewise(FMA, -FloatMath.LN2_HIGH, square.neg()));
      FloatVector p = r.fma(b[0], b[1]).lanewise(FMA, r, b[2]).lanewise(FMA, r, b[3]).lanewise(FMA, r, b[4])
          .lanewise(FMA, r, 1).lanewise(FMA, r, 1);
      FloatVector e = p.mul(power).mul(FloatMath.BELOW).blend(0, square.compare(GT, -FloatMath.EXP_LEAST));
      FloatVector tail = s.mul(e.fma(lost.neg(), e));

      FloatVector near = square.fma(d[0], d[1]).lanewise(FMA, square, d[2]).lanewise(FMA, square, d[3])
          .lanewise(FMA, square, d[4]).lanewise(FMA, square, d[5]).lanewise(FMA, square, d[6]).fma(a, a);
      FloatVector size = FloatVector.broadcast(SPECIES, 1).sub(tail).blend(1, a.compare(GT, FloatMath.ERF_MOST))
          .blend(near, a.compare(LT, 1));
      size.reinterpretAsInts().or(v.reinterpretAsInts().and(Integer.MIN_VALUE)).reinterpretAsFloats().intoArray(y,
          yo + i);
    }
    return i;
  }
}
