package dev.rewind.tensor.kernel.recurrent;

import dev.rewind.tensor.kernel.elementwise.FloatMath;

/// The definition, element by element; [VectorLstmKernels] does the same operations in the same order, and comes here
/// on the way back for the elements that do not fill a vector.
public final class ScalarLstmKernels implements LstmKernels {
  public ScalarLstmKernels() {}

  @Override
  public void activate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
      float[] squashed, int squashedo, float[] h, int ho) {
    for (int j = 0; j < n; j++) {
      int at = gateso + j;
      float i = FloatMath.sigmoid(gates[at]);
      float f = FloatMath.sigmoid(gates[at + n]);
      float g = FloatMath.tanh(gates[at + 2 * n]);
      float o = FloatMath.sigmoid(gates[at + 3 * n]);
      float memory = Math.fma(f, before[beforeo + j], i * g);
      float s = FloatMath.tanh(memory);
      gates[at] = i;
      gates[at + n] = f;
      gates[at + 2 * n] = g;
      gates[at + 3 * n] = o;
      c[co + j] = memory;
      squashed[squashedo + j] = s;
      h[ho + j] = o * s;
    }
  }

  @Override
  public void differentiate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] squashed,
      int squashedo,
      float[] dh, int dho, float[] dc, int dco) {
    differentiate(0, n, gates, gateso, before, beforeo, squashed, squashedo, dh, dho, dc, dco);
  }

  /// The elements from `from` on.
  static void differentiate(int from, int n, float[] gates, int gateso, float[] before, int beforeo,
      float[] squashed, int squashedo, float[] dh, int dho, float[] dc, int dco) {
    for (int j = from; j < n; j++) {
      int at = gateso + j;
      float i = gates[at];
      float f = gates[at + n];
      float g = gates[at + 2 * n];
      float o = gates[at + 3 * n];
      float s = squashed[squashedo + j];
      float y = dh[dho + j];
      float d = Math.fma(y * o, 1 - s * s, dc[dco + j]);
      gates[at] = d * g * (i * (1 - i));
      gates[at + n] = d * before[beforeo + j] * (f * (1 - f));
      gates[at + 2 * n] = d * i * (1 - g * g);
      gates[at + 3 * n] = y * s * (o * (1 - o));
      dc[dco + j] = d * f;
    }
  }
}
