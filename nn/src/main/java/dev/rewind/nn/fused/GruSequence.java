package dev.rewind.nn.fused;

import dev.rewind.tensor.kernel.Kernels;

/// The steps of a gated recurrent unit.
final class GruSequence extends FusedSequence {

  GruSequence(FusedKind.Sizes sizes) {
    super(sizes);
  }

  @Override
  void activate(int now, int next) {
    Kernels.active().recurrent().gru(
        hidden, gates, now * gateStride, rows, now * rowStride + ahead, rows, next * rowStride + ahead);
  }

  @Override
  void differentiate(int now, int next, int row, float[] dh, float[] dc, float[] before) {
    Kernels.active().recurrent().gruBackward(hidden, gates, now * gateStride, rows, now * rowStride + ahead, dh,
        row * hidden,
        before, row * hidden);
  }
}
