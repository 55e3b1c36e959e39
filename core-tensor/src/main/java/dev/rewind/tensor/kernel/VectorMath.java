package dev.rewind.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Squashing functions on one vector, for kernels that compute more than the function, each of them a method that is compiled
/// for itself (see [VectorLstmKernels]): anywhere else the compiler may pass vectors to these as objects, and functions over
/// arrays are therefore written out in [VectorExponentials]. The bits are those of [FloatMath].
final class VectorMath {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private VectorMath() {}

  /// The hyperbolic tangent.
  static FloatVector tanh(FloatVector x) {
    float[] c = FloatMath.EXP;
    FloatVector a = x.abs();
    FloatVector u = a.add(a);
    FloatVector shifted = u.fma(FloatMath.LOG2_E, FloatMath.ROUNDER_127);
    FloatVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    FloatVector n = shifted.sub(FloatMath.ROUNDER_127);
    FloatVector r = n.lanewise(VectorOperators.FMA, -FloatMath.LN2_LOW,
        n.lanewise(VectorOperators.FMA, -FloatMath.LN2_HIGH, u));
    FloatVector p = r.fma(c[0], c[1]).lanewise(VectorOperators.FMA, r, c[2]).lanewise(VectorOperators.FMA, r, c[3])
        .lanewise(VectorOperators.FMA, r, c[4]);
    FloatVector m = p.fma(r.mul(r), r).fma(power, power.sub(1));
    FloatVector t = m.div(m.add(2)).blend(1, a.compare(VectorOperators.GT, FloatMath.TANH_MOST));
    return t.reinterpretAsInts().or(x.reinterpretAsInts().and(Integer.MIN_VALUE)).reinterpretAsFloats();
  }

  /// The logistic function.
  static FloatVector sigmoid(FloatVector x) {
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
}
