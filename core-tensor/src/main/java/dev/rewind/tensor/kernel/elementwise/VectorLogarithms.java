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

/// Logarithms over arrays, written out like [VectorExponentials], and for the reasons given there.
final class VectorLogarithms {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  private VectorLogarithms() {}

  static void log(float[] x, int xo, float[] y, int yo, int n) {
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
    for (; i < n; i++) {
      y[yo + i] = FloatMath.log(x[xo + i]);
    }
  }

  static void log1p(float[] x, int xo, float[] y, int yo, int n) {
    float[] c = FloatMath.LOG;
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xo + i);
      FloatVector sum = one.add(v);
      FloatVector grown = sum.sub(one);
      FloatVector lost = one.sub(sum.sub(grown)).add(v.sub(grown));
      IntVector bits = sum.reinterpretAsInts();
      IntVector power = bits.sub(FloatMath.SQRT_HALF_BITS).and(0xFF800000);
      FloatVector shrink = power.neg().add(FloatMath.ONE_BITS).max(0).reinterpretAsFloats();
      FloatVector f = lost.fma(shrink, bits.sub(power).reinterpretAsFloats().sub(one));
      FloatVector shift = power.lanewise(ASHR, 23).add(FloatMath.ROUNDER_BITS).reinterpretAsFloats()
          .sub(FloatMath.ROUNDER);
      FloatVector s = f.div(f.add(2));
      FloatVector z = s.mul(s);
      FloatVector twice = s.add(s);
      FloatVector log = twice.fma(z.fma(c[0], c[1]).lanewise(FMA, z, c[2]).mul(z), twice);
      FloatVector finite = shift.lanewise(FMA, FloatMath.LN2_HIGH, shift.lanewise(FMA, FloatMath.LN2_LOW, log));
      FloatVector.broadcast(SPECIES, Float.NaN).blend(finite, v.compare(GT, -1))
          .blend(Float.NEGATIVE_INFINITY, v.compare(EQ, -1))
          .blend(v, v.abs().compare(LT, FloatMath.TINY)).blend(v, v.compare(EQ, Float.POSITIVE_INFINITY))
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = FloatMath.log1p(x[xo + i]);
    }
  }

  /// The steps of the exponential of `-|x|`, then a series of its own.
  static void softplus(float[] x, int xo, float[] y, int yo, int n) {
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
    for (; i < n; i++) {
      y[yo + i] = FloatMath.softplus(x[xo + i]);
    }
  }
}
