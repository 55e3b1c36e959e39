package dev.rewind.tensor.kernel.recurrent;

import dev.rewind.tensor.kernel.elementwise.VectorFunctions;
import dev.rewind.tensor.kernel.elementwise.VectorMaps;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// [RecurrentKernels] on vectors.
public final class VectorRecurrent extends RecurrentKernels {
  private static final VectorSpecies<Float> SPECIES = VectorFunctions.SPECIES;
  private static final int LANES = SPECIES.length();

  /// With the vector twins of the functions.
  public VectorRecurrent() {
    super(new VectorMaps());
  }

  @Override
  public void lstmBackward(int n, float[] gates, int gateso, float[] before, int beforeo, float[] squashed,
      int squashedo, float[] dh, int dho, float[] dc, int dco) {
    int bound = SPECIES.loopBound(n);
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int j = 0; j < bound; j += LANES) {
      int at = gateso + j;
      FloatVector i = FloatVector.fromArray(SPECIES, gates, at);
      FloatVector f = FloatVector.fromArray(SPECIES, gates, at + n);
      FloatVector g = FloatVector.fromArray(SPECIES, gates, at + 2 * n);
      FloatVector o = FloatVector.fromArray(SPECIES, gates, at + 3 * n);
      FloatVector s = FloatVector.fromArray(SPECIES, squashed, squashedo + j);
      FloatVector y = FloatVector.fromArray(SPECIES, dh, dho + j);
      FloatVector d = y.mul(o).fma(one.sub(s.mul(s)), FloatVector.fromArray(SPECIES, dc, dco + j));
      d.mul(g).mul(i.mul(one.sub(i))).intoArray(gates, at);
      d.mul(FloatVector.fromArray(SPECIES, before, beforeo + j)).mul(f.mul(one.sub(f))).intoArray(gates, at + n);
      d.mul(i).mul(one.sub(g.mul(g))).intoArray(gates, at + 2 * n);
      y.mul(s).mul(o.mul(one.sub(o))).intoArray(gates, at + 3 * n);
      d.mul(f).intoArray(dc, dco + j);
    }
    lstmBackward(
        bound, n, gates, gateso, before, beforeo, squashed, squashedo, dh, dho, dc, dco);
  }

  @Override
  public void gruBackward(int n, float[] gates, int gateso, float[] before, int beforeo, float[] dh, int dho,
      float[] dbefore, int dbeforeo) {
    int bound = SPECIES.loopBound(n);
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int j = 0; j < bound; j += LANES) {
      int at = gateso + j;
      FloatVector candidate = FloatVector.fromArray(SPECIES, gates, at);
      FloatVector r = FloatVector.fromArray(SPECIES, gates, at + n);
      FloatVector z = FloatVector.fromArray(SPECIES, gates, at + 2 * n);
      FloatVector d = FloatVector.fromArray(SPECIES, dh, dho + j);
      FloatVector sum = d.mul(one.sub(z)).mul(one.sub(candidate.mul(candidate)));
      FloatVector gated = FloatVector.fromArray(SPECIES, gates, at + 3 * n);
      FloatVector change = FloatVector.fromArray(SPECIES, before, beforeo + j).sub(candidate);
      sum.intoArray(gates, at);
      sum.mul(gated).mul(r.mul(one.sub(r))).intoArray(gates, at + n);
      d.mul(change).mul(z.mul(one.sub(z))).intoArray(gates, at + 2 * n);
      sum.mul(r).intoArray(gates, at + 3 * n);
      d.mul(z).intoArray(dbefore, dbeforeo + j);
    }
    gruBackward(
        bound, n, gates, gateso, before, beforeo, dh, dho, dbefore, dbeforeo);
  }
}
