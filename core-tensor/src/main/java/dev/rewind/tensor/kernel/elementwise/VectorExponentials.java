package dev.rewind.tensor.kernel.elementwise;

import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The exponential and what is made of one, over arrays: the operations of [FloatMath] in its order, so its bits.
///
/// Every function is written out in its loop. A method that takes or returns a vector is one object after another
/// wherever the compiler does not inline it, and it stops inlining methods of ours, but not those of the Vector API, in
/// what has grown large by then: whether it does would depend on who calls. The last elements go one by one for the
/// same reason: a vector that is rarely met is passed as an object.
public final class VectorExponentials {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  private VectorExponentials() {}

  static void exp(float[] x, int xo, float[] y, int yo, int n) {
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
    for (; i < n; i++) {
      y[yo + i] = FloatMath.exp(x[xo + i]);
    }
  }

  static void expm1(float[] x, int xo, float[] y, int yo, int n) {
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
    for (; i < n; i++) {
      y[yo + i] = FloatMath.expm1(x[xo + i]);
    }
  }

  public static void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
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
    for (; i < n; i++) {
      y[yo + i] = FloatMath.sigmoid(x[xo + i]);
    }
  }

  public static void tanh(float[] x, int xo, float[] y, int yo, int n) {
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
    for (; i < n; i++) {
      y[yo + i] = FloatMath.tanh(x[xo + i]);
    }
  }
}
