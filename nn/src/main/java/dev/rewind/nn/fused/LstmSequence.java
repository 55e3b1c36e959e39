package dev.rewind.nn.fused;

import java.util.List;

/// The steps of an LSTM.
final class LstmSequence extends FusedSequence {
  private final float[] memory; // [T + 1, B, H], c of the step before
  private final float[] squashed; // [T, B, H], tanh(c)

  LstmSequence(FusedKind.Sizes sizes) {
    super(sizes);
    this.memory = new float[(sizes.steps() + 1) * sizes.batch() * hidden];
    this.squashed = new float[sizes.steps() * sizes.batch() * hidden];
  }

  @Override
  void begin(List<Rows> state) {
    Rows c = state.get(1);
    for (int row = 0; row < batch; row++) {
      System.arraycopy(c.array(), c.at(row), memory, row * hidden, hidden);
    }
  }

  @Override
  void activate(int now, int next) {
    Floats.recurrent().lstm(hidden, gates, now * gateStride, memory, now * hidden, memory,
        next * hidden,
        squashed, now * hidden, rows, next * rowStride + ahead);
  }

  @Override
  void keep(int now, int next) {
    System.arraycopy(memory, now * hidden, memory, next * hidden, hidden);
  }

  @Override
  void end(int at, int row, List<float[]> state) {
    System.arraycopy(memory, at * hidden, state.get(1), row * hidden, hidden);
  }

  @Override
  void differentiate(int now, int next, int row, float[] dh, float[] dc, float[] before) {
    Floats.recurrent().lstmBackward(hidden, gates, now * gateStride, memory, now * hidden, squashed,
        now * hidden,
        dh, row * hidden, dc, row * hidden);
  }
}
