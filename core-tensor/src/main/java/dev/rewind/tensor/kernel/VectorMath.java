package dev.rewind.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// [FloatMath] on vectors: the same operations in the same order, so the same bits.
public final class VectorMath {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private VectorMath() {}

  /// The natural exponential.
  public static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.max(FloatMath.EXP_LEAST).min(FloatMath.EXP_MOST);
    FloatVector rounder = FloatVector.broadcast(SPECIES, FloatMath.ROUNDER);
    FloatVector shifted = clamped.fma(FloatVector.broadcast(SPECIES, FloatMath.LOG2_E), rounder);
    FloatVector n = shifted.sub(rounder);
    FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -FloatMath.LN2_HIGH), clamped);
    r = n.fma(FloatVector.broadcast(SPECIES, -FloatMath.LN2_LOW), r);
    IntVector power = shifted.reinterpretAsInts().sub(FloatMath.ROUNDER_BITS);
    IntVector half = power.lanewise(VectorOperators.ASHR, 1);
    FloatVector p = FloatVector.broadcast(SPECIES, FloatMath.EXP[0]);
    p = p.fma(r, FloatVector.broadcast(SPECIES, FloatMath.EXP[1]));
    p = p.fma(r, FloatVector.broadcast(SPECIES, FloatMath.EXP[2]));
    p = p.fma(r, FloatVector.broadcast(SPECIES, FloatMath.EXP[3]));
    p = p.fma(r, FloatVector.broadcast(SPECIES, FloatMath.EXP[4]));
    p = p.fma(r, FloatVector.broadcast(SPECIES, FloatMath.EXP[5]));
    p = p.fma(r, FloatVector.broadcast(SPECIES, FloatMath.EXP[6]));
    p = p.fma(r, FloatVector.broadcast(SPECIES, FloatMath.EXP[7]));
    return p.mul(twoTo(half)).mul(twoTo(power.sub(half)));
  }

  private static FloatVector twoTo(IntVector power) {
    return power.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  /// The hyperbolic tangent.
  public static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector t = one.sub(FloatVector.broadcast(SPECIES, 2f).div(exp(a.add(a)).add(one)));
    FloatVector z = a.mul(a);
    FloatVector p = FloatVector.broadcast(SPECIES, FloatMath.TANH[0]);
    p = p.fma(z, FloatVector.broadcast(SPECIES, FloatMath.TANH[1]));
    p = p.fma(z, FloatVector.broadcast(SPECIES, FloatMath.TANH[2]));
    p = p.fma(z, FloatVector.broadcast(SPECIES, FloatMath.TANH[3]));
    p = p.fma(z, FloatVector.broadcast(SPECIES, FloatMath.TANH[4]));
    FloatVector small = p.mul(z).fma(a, a);
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    return t.blend(small, a.compare(VectorOperators.LT, FloatMath.TANH_SMALL)).reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  /// The logistic function.
  public static FloatVector sigmoid(FloatVector x) {
    FloatVector e = exp(x.abs().neg());
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    return one.blend(e, x.compare(VectorOperators.LT, 0f)).div(e.add(one));
  }

  /// The natural logarithm.
  public static FloatVector log(FloatVector x) {
    FloatVector zero = FloatVector.zero(SPECIES);
    VectorMask<Float> tiny = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
    FloatVector normal = x.blend(x.mul(FloatMath.TWO_23), tiny);
    IntVector bits = normal.reinterpretAsInts();
    IntVector power = bits.sub(FloatMath.SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
    FloatVector m = bits.sub(power.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
    FloatVector n = power.add(FloatMath.ROUNDER_BITS).reinterpretAsFloats().sub(FloatMath.ROUNDER);
    n = n.blend(n.sub(23f), tiny);
    FloatVector s = m.sub(1f).div(m.add(1f));
    FloatVector z = s.mul(s);
    FloatVector twice = s.add(s);
    FloatVector p = FloatVector.broadcast(SPECIES, FloatMath.LOG[0]);
    p = p.fma(z, FloatVector.broadcast(SPECIES, FloatMath.LOG[1]));
    p = p.fma(z, FloatVector.broadcast(SPECIES, FloatMath.LOG[2]));
    p = p.fma(z, FloatVector.broadcast(SPECIES, FloatMath.LOG[3]));
    FloatVector log = twice.fma(p.mul(z), twice);
    FloatVector finite = n.fma(FloatVector.broadcast(SPECIES, FloatMath.LN2_HIGH),
        n.fma(FloatVector.broadcast(SPECIES, FloatMath.LN2_LOW), log));
    VectorMask<Float> positive = x.compare(VectorOperators.GT, zero);
    FloatVector result = FloatVector.broadcast(SPECIES, Float.NaN).blend(finite, positive);
    result = result.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
    return result.blend(FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY), x.compare(VectorOperators.EQ, zero));
  }
}
