package dev.rewind.tensor.kernel.recurrent;

import dev.rewind.tensor.kernel.elementwise.VectorExponentials;
import dev.rewind.tensor.kernel.elementwise.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// [ScalarGruKernels] on vectors, function by function: each is a loop of its own over a row, which is in the nearest
/// cache.
public final class VectorGruKernels implements GruKernels {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  public VectorGruKernels() {}

  @Override
  public void activate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho) {
    VectorExponentials.sigmoid(gates, gateso + n, gates, gateso + n, 2 * n);
    reset(n, gates, gateso);
    VectorExponentials.tanh(gates, gateso, gates, gateso, n);
    update(n, gates, gateso, before, beforeo, h, ho);
  }

  private static void reset(int n, float[] gates, int gateso) {
    int j = 0;
    for (; j <= n - LANES; j += LANES) {
      int at = gateso + j;
      FloatVector gated = FloatVector.fromArray(SPECIES, gates, at + 3 * n);
      FloatVector.fromArray(SPECIES, gates, at + n).fma(gated, FloatVector.fromArray(SPECIES, gates, at))
          .intoArray(gates, at);
    }
    for (; j < n; j++) {
      int at = gateso + j;
      gates[at] = Math.fma(gates[at + n], gates[at + 3 * n], gates[at]);
    }
  }

  private static void update(int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho) {
    int j = 0;
    for (; j <= n - LANES; j += LANES) {
      FloatVector candidate = FloatVector.fromArray(SPECIES, gates, gateso + j);
      FloatVector z = FloatVector.fromArray(SPECIES, gates, gateso + 2 * n + j);
      z.fma(FloatVector.fromArray(SPECIES, before, beforeo + j).sub(candidate), candidate).intoArray(h, ho + j);
    }
    for (; j < n; j++) {
      float candidate = gates[gateso + j];
      h[ho + j] = Math.fma(gates[gateso + 2 * n + j], before[beforeo + j] - candidate, candidate);
    }
  }

  @Override
  public void differentiate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] dh, int dho,
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
    ScalarGruKernels.differentiate(
        bound, n, gates, gateso, before, beforeo, dh, dho, dbefore, dbeforeo);
  }
}
