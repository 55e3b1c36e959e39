package dev.rewind.tensor.kernel.recurrent;

import dev.rewind.tensor.kernel.elementwise.VectorArithmetic;
import dev.rewind.tensor.kernel.elementwise.VectorExponentials;
import dev.rewind.tensor.kernel.elementwise.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// [ScalarLstmKernels] on vectors, function by function: each is a loop of its own over a row, which is in the nearest
/// cache.
public final class VectorLstmKernels implements LstmKernels {
  private static final VectorSpecies<Float> SPECIES = VectorMath.SPECIES;
  private static final int LANES = SPECIES.length();

  public VectorLstmKernels() {}

  @Override
  public void activate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
      float[] squashed, int squashedo, float[] h, int ho) {
    int g = gateso + 2 * n;
    int o = gateso + 3 * n;
    VectorExponentials.sigmoid(gates, gateso, gates, gateso, 2 * n);
    VectorExponentials.tanh(gates, g, gates, g, n);
    VectorExponentials.sigmoid(gates, o, gates, o, n);
    remember(n, gates, gateso, before, beforeo, c, co);
    VectorExponentials.tanh(c, co, squashed, squashedo, n);
    VectorArithmetic.times(gates, o, squashed, squashedo, h, ho, n);
  }

  private static void remember(int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co) {
    int j = 0;
    for (; j <= n - LANES; j += LANES) {
      int at = gateso + j;
      FloatVector news = FloatVector.fromArray(SPECIES, gates, at)
          .mul(FloatVector.fromArray(SPECIES, gates, at + 2 * n));
      FloatVector.fromArray(SPECIES, gates, at + n).fma(FloatVector.fromArray(SPECIES, before, beforeo + j), news)
          .intoArray(c, co + j);
    }
    for (; j < n; j++) {
      int at = gateso + j;
      c[co + j] = Math.fma(gates[at + n], before[beforeo + j], gates[at] * gates[at + 2 * n]);
    }
  }

  @Override
  public void differentiate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] squashed,
      int squashedo,
      float[] dh, int dho, float[] dc, int dco) {
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
    ScalarLstmKernels.differentiate(
        bound, n, gates, gateso, before, beforeo, squashed, squashedo, dh, dho, dc, dco);
  }
}
