package dev.rewind.tensor.kernel.recurrent;

import dev.rewind.tensor.kernel.elementwise.FloatMath;

/// The definition, element by element; [VectorGruKernels] does the same operations in the same order, and comes here on
/// the way back for the elements that do not fill a vector.
public final class ScalarGruKernels implements GruKernels {
  public ScalarGruKernels() {}

  @Override
  public void activate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho) {
    for (int j = 0; j < n; j++) {
      int at = gateso + j;
      float r = FloatMath.sigmoid(gates[at + n]);
      float z = FloatMath.sigmoid(gates[at + 2 * n]);
      float candidate = FloatMath.tanh(Math.fma(r, gates[at + 3 * n], gates[at]));
      gates[at] = candidate;
      gates[at + n] = r;
      gates[at + 2 * n] = z;
      h[ho + j] = Math.fma(z, before[beforeo + j] - candidate, candidate);
    }
  }

  @Override
  public void differentiate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] dh, int dho,
      float[] dbefore, int dbeforeo) {
    differentiate(0, n, gates, gateso, before, beforeo, dh, dho, dbefore, dbeforeo);
  }

  /// The elements from `from` on.
  static void differentiate(int from, int n, float[] gates, int gateso, float[] before, int beforeo,
      float[] dh, int dho, float[] dbefore, int dbeforeo) {
    for (int j = from; j < n; j++) {
      int at = gateso + j;
      float candidate = gates[at];
      float r = gates[at + n];
      float z = gates[at + 2 * n];
      float d = dh[dho + j];
      float sum = d * (1 - z) * (1 - candidate * candidate);
      gates[at] = sum;
      gates[at + n] = sum * gates[at + 3 * n] * (r * (1 - r));
      gates[at + 2 * n] = d * (before[beforeo + j] - candidate) * (z * (1 - z));
      gates[at + 3 * n] = sum * r;
      dbefore[dbeforeo + j] = d * z;
    }
  }
}
