package dev.rewind.tensor.kernel.recurrent;

import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.MapKernels;
import dev.rewind.tensor.kernel.elementwise.Unary;

/// The point-wise part of a step of a gated recurrence, for one row of the batch with `n` hidden elements. A name with
/// an `o` behind it is where the row begins in the array before it. These are the definitions: steps function by
/// function over a row, which is in the nearest cache, gradients element by element; [VectorRecurrent] has their bits.
///
/// Long short-term memory: the gates lie one after another in PyTorch's order, i, f, g, o.
///
/// ```
/// c = sigmoid(f) * before + sigmoid(i) * tanh(g)
/// h = sigmoid(o) * tanh(c)
/// ```
///
/// A gated recurrent unit whose reset gate acts after the product. Four blocks lie one after another: `new`, the sums
/// of the candidate that come from the input; r and z; `gated`, the sums of the candidate that come from the state.
///
/// ```
/// candidate = tanh(new + sigmoid(r) * gated)
/// h = candidate + sigmoid(z) * (before - candidate)
/// ```
public sealed class RecurrentKernels permits VectorRecurrent {
  private final MapKernels maps;

  /// With the definitions of the functions.
  public RecurrentKernels() {
    this(new MapKernels());
  }

  RecurrentKernels(MapKernels maps) {
    this.maps = maps;
  }

  /// One step. The `4 n` gates come in as sums and are left as activations; `c`, its hyperbolic tangent and `h` are
  /// written. `c` may be `before`.
  public void lstm(int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
      float[] squashed, int squashedo, float[] h, int ho) {
    int f = gateso + n;
    int g = gateso + 2 * n;
    int o = gateso + 3 * n;
    maps.unary(Unary.SIGMOID, gates, gateso, gates, gateso, 2 * n);
    maps.unary(Unary.TANH, gates, g, gates, g, n);
    maps.unary(Unary.SIGMOID, gates, o, gates, o, n);
    maps.binary(Binary.TIMES, gates, gateso, gates, g, h, ho, n);
    maps.fma(gates, f, before, beforeo, h, ho, c, co, n);
    maps.unary(Unary.TANH, c, co, squashed, squashedo, n);
    maps.binary(Binary.TIMES, gates, o, squashed, squashedo, h, ho, n);
  }

  /// The gradients of the `4 n` sums, from those of `h` and `c` and what [#lstm] left; they take the place of the
  /// activations. The gradient of `c` becomes that of `before`.
  public void lstmBackward(int n, float[] gates, int gateso, float[] before, int beforeo, float[] squashed,
      int squashedo, float[] dh, int dho, float[] dc, int dco) {
    lstmBackward(0, n, gates, gateso, before, beforeo, squashed, squashedo, dh, dho, dc, dco);
  }

  /// The elements from `from` on, here and below.
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

  /// One step. The sums of candidate, r and z are left as activations; `h`, which may be `before`, is written.
  public void gru(int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho) {
    int r = gateso + n;
    int z = gateso + 2 * n;
    maps.unary(Unary.SIGMOID, gates, r, gates, r, 2 * n);
    maps.fma(gates, r, gates, gateso + 3 * n, gates, gateso, gates, gateso, n);
    maps.unary(Unary.TANH, gates, gateso, gates, gateso, n);
    maps.binary(Binary.MINUS, before, beforeo, gates, gateso, h, ho, n);
    maps.fma(gates, z, h, ho, gates, gateso, h, ho, n);
  }

  /// The gradients of the `4 n` sums, from that of `h` and what [#gru] left, whose place they take; and what
  /// `before` gets of it directly.
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
