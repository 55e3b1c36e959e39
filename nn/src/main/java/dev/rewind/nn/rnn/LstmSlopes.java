package dev.rewind.nn.rnn;

/// What the way back through an LSTM layer works in. Layers of the same sizes take turns with one of these.
final class LstmSlopes {
  final float[] gates; // [T, B, 4H], gradients of the gates before their activation
  final float[] weights; // [F + 1 + H, 4H]
  final float[] dh; // [B, H]
  final float[] before; // [B, H], the next dh while it is computed
  final float[] dc; // [B, H]

  LstmSlopes(Sizes sizes) {
    int hidden = sizes.hidden;
    gates = new float[sizes.batch * sizes.steps * 4 * hidden];
    weights = new float[Math.multiplyExact(sizes.inputs + 1 + hidden, 4 * hidden)];
    dh = new float[sizes.batch * hidden];
    before = new float[sizes.batch * hidden];
    dc = new float[sizes.batch * hidden];
  }

  /// The sizes of a layer and its sequence.
  record Sizes(int batch, int steps, int inputs, int hidden) {}
}
