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
    VectorMask<Float> small = x.compare(VectorOperators.LT, FloatMath.EXP_SMALL);
    FloatVector rounder = all(FloatMath.ROUNDER_ABOVE).blend(FloatMath.ROUNDER_BELOW, small);
    FloatVector shifted = x.fma(all(FloatMath.LOG2_E), rounder);
    FloatVector r = rest(x, shifted.sub(rounder));
    FloatVector p = polynomial(r).fma(r, all(1)).fma(r, all(1));
    FloatVector scaled = p.mul(power(shifted)).mul(all(2).blend(FloatMath.BELOW, small));
    return scaled.blend(0, x.compare(VectorOperators.LT, FloatMath.EXP_LEAST))
        .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, FloatMath.EXP_MOST));
  }

  /// [#exp] for arguments that are not positive.
  static FloatVector expOfNegative(FloatVector x) {
    FloatVector shifted = x.fma(all(FloatMath.LOG2_E), all(FloatMath.ROUNDER_BELOW));
    FloatVector r = rest(x, shifted.sub(FloatMath.ROUNDER_BELOW));
    FloatVector p = polynomial(r).fma(r, all(1)).fma(r, all(1));
    return p.mul(power(shifted)).mul(FloatMath.BELOW).blend(0, x.compare(VectorOperators.LT, FloatMath.EXP_LEAST));
  }

  private static FloatVector all(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  private static FloatVector rest(FloatVector x, FloatVector n) {
    return n.fma(all(-FloatMath.LN2_LOW), n.fma(all(-FloatMath.LN2_HIGH), x));
  }

  private static FloatVector power(FloatVector shifted) {
    return shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  private static FloatVector polynomial(FloatVector r) {
    FloatVector p = all(FloatMath.EXP[0]);
    p = p.fma(r, all(FloatMath.EXP[1]));
    p = p.fma(r, all(FloatMath.EXP[2]));
    p = p.fma(r, all(FloatMath.EXP[3]));
    return p.fma(r, all(FloatMath.EXP[4]));
  }

  /// The hyperbolic tangent.
  public static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector u = a.add(a);
    FloatVector shifted = u.fma(all(FloatMath.LOG2_E), all(FloatMath.ROUNDER_127));
    FloatVector r = rest(u, shifted.sub(FloatMath.ROUNDER_127));
    FloatVector power = power(shifted);
    FloatVector m = polynomial(r).fma(r.mul(r), r).fma(power, power.sub(1));
    FloatVector t = m.div(m.add(2)).blend(1, a.compare(VectorOperators.GT, FloatMath.TANH_MOST));
    return withSign(t, x);
  }

  private static FloatVector withSign(FloatVector y, FloatVector x) {
    return y.reinterpretAsInts().or(x.reinterpretAsInts().and(Integer.MIN_VALUE)).reinterpretAsFloats();
  }

  /// The logistic function. It is [#expOfNegative] written out: deep in a caller, where it is met most, the compiler stops
  /// inlining methods of ours, and passes vectors as objects to those left over.
  public static FloatVector sigmoid(FloatVector x) {
    FloatVector a = x.reinterpretAsInts().or(Integer.MIN_VALUE).reinterpretAsFloats();
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector rounder = FloatVector.broadcast(SPECIES, FloatMath.ROUNDER_BELOW);
    FloatVector shifted = a.fma(FloatVector.broadcast(SPECIES, FloatMath.LOG2_E), rounder);
    FloatVector n = shifted.sub(rounder);
    FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -FloatMath.LN2_LOW),
        n.fma(FloatVector.broadcast(SPECIES, -FloatMath.LN2_HIGH), a));
    FloatVector p = FloatVector.broadcast(SPECIES, FloatMath.EXP[0]);
    p = p.fma(r, FloatVector.broadcast(SPECIES, FloatMath.EXP[1]));
    p = p.fma(r, FloatVector.broadcast(SPECIES, FloatMath.EXP[2]));
    p = p.fma(r, FloatVector.broadcast(SPECIES, FloatMath.EXP[3]));
    p = p.fma(r, FloatVector.broadcast(SPECIES, FloatMath.EXP[4])).fma(r, one).fma(r, one);
    FloatVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    FloatVector e = p.mul(power).mul(FloatVector.broadcast(SPECIES, FloatMath.BELOW))
        .blend(FloatVector.zero(SPECIES), a.compare(VectorOperators.LT, FloatMath.EXP_LEAST));
    return one.blend(e, x.compare(VectorOperators.LT, 0)).div(e.add(one));
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
    FloatVector finite = logarithm(m.sub(1), n);
    VectorMask<Float> positive = x.compare(VectorOperators.GT, zero);
    FloatVector result = FloatVector.broadcast(SPECIES, Float.NaN).blend(finite, positive);
    result = result.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
    return result.blend(FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY), x.compare(VectorOperators.EQ, zero));
  }

  /// `n ln 2 + log(1 + f)`.
  private static FloatVector logarithm(FloatVector f, FloatVector n) {
    FloatVector s = f.div(f.add(2));
    FloatVector z = s.mul(s);
    FloatVector twice = s.add(s);
    FloatVector p = all(FloatMath.LOG[0]).fma(z, all(FloatMath.LOG[1])).fma(z, all(FloatMath.LOG[2])).mul(z);
    FloatVector log = twice.fma(p, twice);
    return n.fma(all(FloatMath.LN2_HIGH), n.fma(all(FloatMath.LN2_LOW), log));
  }

  /// `exp(x) - 1`.
  static FloatVector expm1(FloatVector x) {
    FloatVector shifted = x.fma(all(FloatMath.LOG2_E), all(FloatMath.ROUNDER_ABOVE));
    FloatVector r = rest(x, shifted.sub(FloatMath.ROUNDER_ABOVE));
    FloatVector half = power(shifted);
    FloatVector m = polynomial(r).fma(r.mul(r), r).fma(half, half.sub(0.5f)).mul(2);
    return m.blend(-1, x.compare(VectorOperators.LT, FloatMath.EXPM1_LEAST))
        .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, FloatMath.EXP_MOST))
        .blend(x, x.abs().compare(VectorOperators.LT, FloatMath.TINY));
  }

  /// `log(1 + x)`.
  static FloatVector log1p(FloatVector x) {
    FloatVector one = all(1);
    FloatVector sum = one.add(x);
    FloatVector grown = sum.sub(one);
    FloatVector lost = one.sub(sum.sub(grown)).add(x.sub(grown));
    IntVector bits = sum.reinterpretAsInts();
    IntVector power = bits.sub(FloatMath.SQRT_HALF_BITS).and(0xFF800000);
    FloatVector shrink = power.neg().add(FloatMath.ONE_BITS).max(0).reinterpretAsFloats();
    FloatVector f = lost.fma(shrink, bits.sub(power).reinterpretAsFloats().sub(one));
    FloatVector n = power.lanewise(VectorOperators.ASHR, 23).add(FloatMath.ROUNDER_BITS).reinterpretAsFloats()
        .sub(FloatMath.ROUNDER);
    FloatVector result = all(Float.NaN).blend(logarithm(f, n), x.compare(VectorOperators.GT, -1))
        .blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, -1));
    return result.blend(x, x.abs().compare(VectorOperators.LT, FloatMath.TINY))
        .blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
  }

  /// `log(1 + exp(x))`.
  static FloatVector softplus(FloatVector x) {
    FloatVector e = expOfNegative(x.reinterpretAsInts().or(Integer.MIN_VALUE).reinterpretAsFloats());
    return x.blend(0, x.compare(VectorOperators.LT, 0)).add(log1p(e));
  }

  /// The error function.
  static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector z = a.mul(a);
    FloatVector p = all(FloatMath.ERF[0]).fma(z, all(FloatMath.ERF[1])).fma(z, all(FloatMath.ERF[2]))
        .fma(z, all(FloatMath.ERF[3])).fma(z, all(FloatMath.ERF[4])).fma(z, all(FloatMath.ERF[5]))
        .fma(z, all(FloatMath.ERF[6])).fma(a, a);
    FloatVector tail = scaledComplement(a).mul(gauss(z, a.fma(a, z.neg())));
    FloatVector y = all(1).sub(tail).blend(1, a.compare(VectorOperators.GT, FloatMath.ERF_MOST))
        .blend(p, a.compare(VectorOperators.LT, 1));
    return withSign(y, x);
  }

  /// `x Phi(x)`.
  static FloatVector gelu(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector square = x.mul(x);
    FloatVector lost = x.fma(x, square.neg());
    FloatVector tail = a.mul(0.5f).mul(scaledComplement(a.mul(FloatMath.SQRT_HALF)))
        .mul(gauss(square.mul(0.5f), lost.mul(0.5f)));
    return x.blend(-0f, x.compare(VectorOperators.LT, 0))
        .sub(tail.blend(0, a.compare(VectorOperators.GT, FloatMath.GELU_MOST)));
  }

  private static FloatVector scaledComplement(FloatVector a) {
    FloatVector inverse = all(1).div(a.add(2));
    FloatVector t = inverse.fma(all(-4), all(1));
    return all(FloatMath.ERFC[0]).fma(t, all(FloatMath.ERFC[1])).fma(t, all(FloatMath.ERFC[2]))
        .fma(t, all(FloatMath.ERFC[3])).fma(t, all(FloatMath.ERFC[4])).fma(t, all(FloatMath.ERFC[5]))
        .fma(t, all(FloatMath.ERFC[6])).fma(t, all(FloatMath.ERFC[7])).fma(t, all(FloatMath.ERFC[8]))
        .fma(t, all(FloatMath.ERFC[9])).fma(t, all(FloatMath.ERFC[10])).mul(inverse);
  }

  private static FloatVector gauss(FloatVector square, FloatVector lost) {
    FloatVector e = expOfNegative(square.neg());
    return e.fma(lost.neg(), e);
  }
}
