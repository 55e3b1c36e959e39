package dev.rewind.tensor.kernel.recurrent;

import dev.rewind.tensor.kernel.elementwise.FloatMath;

/// The definitions, element by element; [VectorRecurrent] does the same operations in the same order, and comes here for
/// the elements that do not fill a vector.
public final class ScalarRecurrent implements RecurrentKernels {
  @Override
  public void lstm(int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
      float[] squashed, int squashedo, float[] h, int ho) {
    lstm(0, n, gates, gateso, before, beforeo, c, co, squashed, squashedo, h, ho);
  }

  /// The elements from `from` on, here and below.
  static void lstm(int from, int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
      float[] squashed, int squashedo, float[] h, int ho) {
    for (int j = from; j < n; j++) {
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
  public void lstmBackward(int n, float[] gates, int gateso, float[] before, int beforeo, float[] squashed,
      int squashedo, float[] dh, int dho, float[] dc, int dco) {
    lstmBackward(0, n, gates, gateso, before, beforeo, squashed, squashedo, dh, dho, dc, dco);
  }

  static void lstmBackward(int from, int n, float[] gates, int gateso, float[] before, int beforeo,
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

  @Override
  public void gru(int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho) {
    gru(0, n, gates, gateso, before, beforeo, h, ho);
  }

  static void gru(int from, int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho) {
    for (int j = from; j < n; j++) {
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
  public void gruBackward(int n, float[] gates, int gateso, float[] before, int beforeo, float[] dh, int dho,
      float[] dbefore, int dbeforeo) {
    gruBackward(0, n, gates, gateso, before, beforeo, dh, dho, dbefore, dbeforeo);
  }

  static void gruBackward(int from, int n, float[] gates, int gateso, float[] before, int beforeo,
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
