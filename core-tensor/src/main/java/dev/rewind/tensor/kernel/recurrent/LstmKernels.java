package dev.rewind.tensor.kernel.recurrent;

/// The point-wise part of a step of long short-term memory, for one row of the batch with `n` hidden elements. The
/// gates lie one after another in PyTorch's order: i, f, g, o. A name with an `o` behind it is where the row begins in
/// the array before it. Bits do not depend on the provider.
///
/// ```
/// c = sigmoid(f) * before + sigmoid(i) * tanh(g)
/// h = sigmoid(o) * tanh(c)
/// ```
public interface LstmKernels {
  /// One step. The `4 n` gates come in as sums and are left as activations; `c`, its hyperbolic tangent and `h` are
  /// written. `c` may be `before`.
  void activate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] c, int co,
      float[] squashed, int squashedo, float[] h, int ho);

  /// The gradients of the `4 n` sums, from those of `h` and `c` and what [#activate] left; they take the place of the
  /// activations. The gradient of `c` becomes that of `before`.
  void differentiate(int n, float[] gates, int gateso, float[] before, int beforeo, float[] squashed, int squashedo,
      float[] dh, int dho, float[] dc, int dco);
}
