package dev.rewind.nn.fused;

/// The steps of a gated recurrent unit.
final class GruSequence extends FusedSequence {
  GruSequence(FusedKind.Sizes sizes) {
    super(sizes);
  }

  @Override
  void activate(int now, int next) {
    Floats.recurrent().gru(
        hidden, gates, now * gateStride, rows, now * rowStride + ahead, rows, next * rowStride + ahead);
  }

  @Override
  void differentiate(int now, int next, int row, float[] dh, float[] dc, float[] before) {
    Floats.recurrent().gruBackward(hidden, gates, now * gateStride, rows, now * rowStride + ahead, dh,
        row * hidden,
        before, row * hidden);
  }
}
