package dev.rewind.tensor.kernel.elementwise;

import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The error function and what is made of it, over arrays, written out like [VectorExponentials], and for the reasons
/// given there.
final class VectorErrorFunctions {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  private VectorErrorFunctions() {}

  static void erf(float[] x, int xo, float[] y, int yo, int n) {
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
    for (; i < n; i++) {
      y[yo + i] = FloatMath.erf(x[xo + i]);
    }
  }

  static void gelu(float[] x, int xo, float[] y, int yo, int n) {
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
    for (; i < n; i++) {
      y[yo + i] = FloatMath.gelu(x[xo + i]);
    }
  }
}
