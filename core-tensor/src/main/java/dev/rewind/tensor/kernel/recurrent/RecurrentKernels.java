package dev.rewind.tensor.kernel.recurrent;

/// The point-wise part of a step of a gated recurrence, for one row of the batch with `n` hidden elements. A name with an
/// `o` behind it is where the row begins in the array before it. Bits do not depend on the provider.
///
/// Long short-term memory: the gates lie one after another in PyTorch's order, i, f, g, o.
///
/// ```
/// c = sigmoid(f) * before + sigmoid(i) * tanh(g)
/// h = sigmoid(o) * tanh(c)
/// ```
///
/// A gated recurrent unit whose reset gate acts after the product. Four blocks lie one after another: `new`, the sums of
/// the candidate that come from the input; r and z; `gated`, the sums of the candidate that come from the state.
///
/// ```
/// candidate = tanh(new + sigmoid(r) * gated)
/// h = candidate + sigmoid(z) * (before - candidate)
/// ```
public interface RecurrentKernels {
  /// One step. The `4 n` gates come in as sums and are left as activations; `c`, its hyperbolic tangent and `h` are
  /// written. `c` may be `before`.
  void lstm(int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
      float[] squashed, int squashedo, float[] h, int ho);

  /// The gradients of the `4 n` sums, from those of `h` and `c` and what [#lstm] left; they take the place of the
  /// activations. The gradient of `c` becomes that of `before`.
  void lstmBackward(int n, float[] gates, int gateso, float[] before, int beforeo, float[] squashed, int squashedo,
      float[] dh, int dho, float[] dc, int dco);

  /// One step. The sums of candidate, r and z are left as activations; `h`, which may be `before`, is written.
  void gru(int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho);

  /// The gradients of the `4 n` sums, from that of `h` and what [#gru] left, whose place they take; and what
  /// `before` gets of it directly.
  void gruBackward(int n, float[] gates, int gateso, float[] before, int beforeo, float[] dh, int dho,
      float[] dbefore, int dbeforeo);
}
