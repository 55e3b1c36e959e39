package dev.rewind.nn.fused;

/// The steps of a simple recurrent network; what the backward pass needs is the next state itself.
final class RnnSequence extends FusedSequence {
  private final boolean relu;

  RnnSequence(FusedKind.Sizes sizes) {
    super(sizes);
    this.relu = sizes.kind() == FusedKind.RELU;
  }

  @Override
  void activate(int now, int next) {
    activate(relu, hidden, gates, now * gateStride, rows, next * rowStride + ahead);
  }

  /// `h = tanh(sums)`, or `relu`, of one row.
  static void activate(boolean relu, int n, float[] sums, int so, float[] h, int ho) {
    if (!relu) {
      Floats.tanh(sums, so, h, ho, n);
      return;
    }
    for (int j = 0; j < n; j++) {
      h[ho + j] = Math.max(sums[so + j], 0);
    }
  }

  @Override
  void differentiate(int now, int next, int row, float[] dh, float[] dc, float[] before) {
    int h = next * rowStride + ahead;
    int to = now * gateStride;
    int from = row * hidden;
    if (relu) {
      for (int j = 0; j < hidden; j++) {
        gates[to + j] = rows[h + j] > 0 ? dh[from + j] : 0;
      }
    } else {
      for (int j = 0; j < hidden; j++) {
        gates[to + j] = dh[from + j] * (1 - rows[h + j] * rows[h + j]);
      }
    }
  }
}
