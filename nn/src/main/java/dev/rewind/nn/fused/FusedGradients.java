package dev.rewind.nn.fused;

/// What the backward pass of a fused layer works in. Layers of the same sizes take turns with one of these.
final class FusedGradients {
  final float[] weights; // [columns, F + 1 + H], of sums on the inputs, bias and state that contribute to them
  final float[] dh; // [B, H]
  final float[] before; // [B, H], the next dh while it is computed
  final float[] dc; // [B, H], of the memory of an LSTM

  FusedGradients(FusedKind.Sizes sizes) {
    int hidden = sizes.hidden();
    weights = new float[Math.multiplyExact(sizes.width(), sizes.columns())];
    dh = new float[sizes.batch() * hidden];
    before = new float[sizes.batch() * hidden];
    dc = new float[sizes.kind() == FusedKind.LSTM ? sizes.batch() * hidden : 0];
  }
}
