package dev.rewind.tensor.kernel.recurrent;

/// The point-wise part of a step of a gated recurrent unit whose reset gate acts after the product, for one row of the
/// batch with `n` hidden elements. Four blocks lie one after another: `new`, the sums of the candidate that come from
/// the input; r and z; `gated`, the sums of the candidate that come from the state. A name with an `o` behind it is
/// where the row begins in the array before it. Bits do not depend on the provider.
///
/// ```
/// candidate = tanh(new + sigmoid(r) * gated)
/// h = candidate + sigmoid(z) * (before - candidate)
/// ```
public interface GruKernels {
  /// One step. The sums of candidate, r and z are left as activations; `h`, which may be `before`, is written.
  void activate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] h, int ho);

  /// The gradients of the `4 n` sums, from that of `h` and what [#activate] left, whose place they take; and what
  /// `before` gets of it directly.
  void differentiate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] dh, int dho,
      float[] dbefore, int dbeforeo);
}
