package dev.rewind.tensor.kernel.recurrent;

import dev.rewind.tensor.kernel.elementwise.VectorFunctions;
import dev.rewind.tensor.kernel.elementwise.VectorLoops;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// [ScalarRecurrent] on vectors, function by function: each is a loop of its own over a row, which is in the nearest
/// cache.
public final class VectorRecurrent implements RecurrentKernels {
  private static final VectorSpecies<Float> SPECIES = VectorFunctions.SPECIES;
  private static final int LANES = SPECIES.length();

  @Override
  public void lstm(int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
      float[] squashed, int squashedo, float[] h, int ho) {
    int bound = SPECIES.loopBound(n);
    int f = gateso + n;
    int g = gateso + 2 * n;
    int o = gateso + 3 * n;
    VectorFunctions.sigmoid(gates, gateso, gates, gateso, bound);
    VectorFunctions.sigmoid(gates, f, gates, f, bound);
    VectorFunctions.tanh(gates, g, gates, g, bound);
    VectorFunctions.sigmoid(gates, o, gates, o, bound);
    for (int j = 0; j < bound; j += LANES) {
      FloatVector added = FloatVector.fromArray(SPECIES, gates, gateso + j)
          .mul(FloatVector.fromArray(SPECIES, gates, g + j));
      FloatVector.fromArray(SPECIES, gates, f + j).fma(FloatVector.fromArray(SPECIES, before, beforeo + j), added)
          .intoArray(c, co + j);
    }
    VectorFunctions.tanh(c, co, squashed, squashedo, bound);
    VectorLoops.times(gates, o, squashed, squashedo, h, ho, bound);
    ScalarRecurrent.lstm(bound, n, gates, gateso, before, beforeo, c, co, squashed, squashedo, h, ho);
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
    ScalarRecurrent.lstmBackward(
        bound, n, gates, gateso, before, beforeo, squashed, squashedo, dh, dho, dc, dco);
  }

  @Override
  public void gru(int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho) {
    int bound = SPECIES.loopBound(n);
    int r = gateso + n;
    int z = gateso + 2 * n;
    int gated = gateso + 3 * n;
    VectorFunctions.sigmoid(gates, r, gates, r, bound);
    VectorFunctions.sigmoid(gates, z, gates, z, bound);
    for (int j = 0; j < bound; j += LANES) {
      FloatVector.fromArray(SPECIES, gates, r + j).fma(FloatVector.fromArray(SPECIES, gates, gated + j),
          FloatVector.fromArray(SPECIES, gates, gateso + j)).intoArray(gates, gateso + j);
    }
    VectorFunctions.tanh(gates, gateso, gates, gateso, bound);
    for (int j = 0; j < bound; j += LANES) {
      FloatVector candidate = FloatVector.fromArray(SPECIES, gates, gateso + j);
      FloatVector change = FloatVector.fromArray(SPECIES, before, beforeo + j).sub(candidate);
      FloatVector.fromArray(SPECIES, gates, z + j).fma(change, candidate).intoArray(h, ho + j);
    }
    ScalarRecurrent.gru(bound, n, gates, gateso, before, beforeo, h, ho);
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
    ScalarRecurrent.gruBackward(
        bound, n, gates, gateso, before, beforeo, dh, dho, dbefore, dbeforeo);
  }
}
