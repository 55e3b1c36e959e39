package dev.rewind.nn.rnn;

import dev.rewind.tensor.kernel.FloatMatrices;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.LstmKernels;
import dev.rewind.tensor.kernel.MatrixKernels;
import dev.rewind.tensor.kernel.PackedMatrix;
import dev.rewind.tensor.kernel.Workers;
import java.util.Arrays;

/// One LSTM layer over a whole sequence, forward and backward, on float arrays: the fast twin of [LstmCell#step] in a loop.
///
/// Each thread takes its rows of the batch through all steps, so that threads never wait for one another. Inside is what
/// needs the state, and the products with the inputs as well where all weights fit into a core's cache; if not, these are one
/// large product before and after. The gradients of the weights are one product over all steps at the end, in an order
/// that does not depend on who computed which row.
///
/// B is the batch, T the steps, F the inputs, H the hidden size. Arrays of steps are `[T, B, ..]` here, so that the rows of a
/// step are neighbours; those of users are `[B, T, ..]`. A row `[x, 1, h]` holds all that a step multiplies, which makes one
/// matrix of the weights `[input; bias; hidden]`. The buffers are kept for the next sequence of the same sizes.
final class LstmSequence {
  /// Floats of weights that a core's second-level cache holds beside the rows in use.
  private static final int CACHED = 1 << 18;

  private final int batch;
  private final int steps;
  private final int inputs;
  private final int hidden;
  private final int ahead; // of h in a row: F + 1
  private final int width; // of a row: F + 1 + H
  private final boolean inLoop;
  private final float[] rows; // [T + 1, B, F + 1 + H]; h is that of the step before
  private final float[] gates; // [T, B, 4H], after their activation functions: i, f, g, o
  private final float[] memory; // [T + 1, B, H], c of the step before
  private final float[] squashed; // [T, B, H], tanh(c)
  private final LstmKernels kernels = Kernels.active().lstm();
  private final MatrixKernels matrices = Kernels.active().matrices();
  private final LstmWeights weights;
  private Lengths lengths;

  LstmSequence(LstmSlopes.Sizes sizes) {
    this.batch = sizes.batch();
    this.steps = sizes.steps();
    this.inputs = sizes.inputs();
    this.hidden = sizes.hidden();
    this.ahead = inputs + 1;
    this.width = ahead + hidden;
    this.inLoop = (long) width * 4 * hidden <= CACHED;
    this.rows = new float[Math.multiplyExact(Math.multiplyExact(steps + 1, batch), width)];
    this.gates = new float[Math.multiplyExact(steps * batch, 4 * hidden)];
    this.memory = new float[(steps + 1) * batch * hidden];
    this.squashed = new float[steps * batch * hidden];
    this.weights = new LstmWeights(inputs, hidden);
    for (int row = 0; row < steps * batch; row++) {
      rows[row * width + inputs] = 1;
    }
  }

  /// The weights in the order of products.
  LstmWeights weights() {
    return weights;
  }

  // ---- forward ------------------------------------------------------------------------------------------------------

  /// Goes through all steps, with what [#weights] holds.
  ///
  /// @param x `[B, T, F]`
  /// @param h0 the first state, `[B, H]`, of which `h` becomes the last one
  /// @param c0 likewise
  /// @param outputs `[B, T, H]`, zeros before
  void forward(Slice x, Slice h0, Slice c0, Lengths lengths, float[] outputs, float[] h, float[] c) {
    this.lengths = lengths;
    int last = lengths.longest();
    for (int row = 0; row < batch; row++) {
      System.arraycopy(h0.array(), h0.offset() + row * hidden, rows, row * width + ahead, hidden);
    }
    System.arraycopy(c0.array(), c0.offset(), memory, 0, batch * hidden);
    PackedMatrix inputWeight = weights.input();
    PackedMatrix hiddenWeight = weights.hidden();
    if (!inLoop) {
      Workers.forEach(last, t -> take(x, t, 0, batch));
      FloatMatrices.multiply(matrices, last * batch, rows, 0, width, 1, inputWeight, gates, 0, 4 * hidden, false);
    }
    forEachBlock((from, to) -> {
      for (int t = 0; t < last; t++) {
        if (inLoop) {
          take(x, t, from, to);
          multiply(t, from, to, 0, inputWeight, false);
        }
        multiply(t, from, to, ahead, hiddenWeight, true);
        for (int row = from; row < to; row++) {
          step(t, row, outputs);
        }
      }
      for (int row = from; row < to; row++) {
        System.arraycopy(rows, at(last, row) * width + ahead, h, row * hidden, hidden);
        System.arraycopy(memory, at(last, row) * hidden, c, row * hidden, hidden);
      }
    });
  }

  private void take(Slice x, int t, int from, int to) {
    for (int row = from; row < to; row++) {
      System.arraycopy(x.array(), x.offset() + (row * steps + t) * inputs, rows, at(t, row) * width, inputs);
    }
  }

  private void multiply(int t, int from, int to, int column, PackedMatrix weight, boolean accumulate) {
    matrices.multiply(rows, at(t, from) * width + column, width, weight, 0, weight.panels(),
        gates, at(t, from) * 4 * hidden, 4 * hidden, to - from, accumulate);
  }

  private void step(int t, int row, float[] outputs) {
    int now = at(t, row);
    int next = at(t + 1, row);
    if (t >= lengths.of(row)) {
      System.arraycopy(rows, now * width + ahead, rows, next * width + ahead, hidden);
      System.arraycopy(memory, now * hidden, memory, next * hidden, hidden);
      return;
    }
    kernels.activate(hidden, gates, now * 4 * hidden, memory, now * hidden, memory, next * hidden,
        squashed, now * hidden, rows, next * width + ahead);
    System.arraycopy(rows, next * width + ahead, outputs, (row * steps + t) * hidden, hidden);
  }

  // ---- backward -----------------------------------------------------------------------------------------------------

  /// Fills the gradients of the gates and of the first state; `slopes.dh` and `slopes.dc` come in as those of the last.
  ///
  /// @param dy gradients of all outputs `[B, T, H]`, or null
  /// @param dx `[B, T, F]`, zeros before, for the gradients of the inputs, or null
  void backward(Slice dy, LstmSlopes slopes, float[] dx) {
    int last = lengths.longest();
    PackedMatrix hiddenWeight = weights.hiddenBack();
    PackedMatrix inputWeight = dx == null ? null : weights.inputBack();
    forEachBlock((from, to) -> {
      float[] dh = slopes.dh;
      float[] before = slopes.before;
      for (int t = last - 1; t >= 0; t--) {
        for (int row = from; row < to; row++) {
          differentiate(t, row, dy, slopes, dh);
        }
        multiply(t, from, to, slopes, hiddenWeight, before, from * hidden, hidden);
        for (int row = from; row < to; row++) {
          if (t >= lengths.of(row)) {
            System.arraycopy(dh, row * hidden, before, row * hidden, hidden);
          }
        }
        if (dx != null && inLoop) {
          multiply(t, from, to, slopes, inputWeight, dx, (from * steps + t) * inputs, steps * inputs);
        }
        float[] swap = dh;
        dh = before;
        before = swap;
      }
      if (dh != slopes.dh) {
        System.arraycopy(dh, from * hidden, slopes.dh, from * hidden, (to - from) * hidden);
      }
    });
    if (dx != null && !inLoop) {
      Workers.forEach(last, t -> multiply(t, 0, batch, slopes, inputWeight, dx, t * inputs, steps * inputs));
    }
  }

  private void differentiate(int t, int row, Slice dy, LstmSlopes slopes, float[] dh) {
    int now = at(t, row);
    if (t >= lengths.of(row)) {
      Arrays.fill(slopes.gates, now * 4 * hidden, (now + 1) * 4 * hidden, 0);
      return;
    }
    if (dy != null) {
      int from = dy.offset() + (row * steps + t) * hidden;
      for (int j = 0; j < hidden; j++) {
        dh[row * hidden + j] += dy.array()[from + j];
      }
    }
    kernels.differentiate(hidden, gates, now * 4 * hidden, memory, now * hidden, squashed, now * hidden,
        dh, row * hidden, slopes.dc, row * hidden, slopes.gates, now * 4 * hidden);
  }

  private void multiply(int t, int from, int to, LstmSlopes slopes, PackedMatrix weight, float[] c, int co, int crs) {
    matrices.multiply(
        slopes.gates, at(t, from) * 4 * hidden, 4 * hidden, weight, 0, weight.panels(), c, co, crs, to - from, false);
  }

  /// The gradients of all weights, `[F + 1 + H, 4H]`, after [#backward].
  void weightSlopes(LstmSlopes slopes) {
    FloatMatrices.multiply(matrices, width, 4 * hidden, lengths.longest() * batch, rows, 0, 1, width,
        slopes.gates, 0, 4 * hidden, 1, slopes.weights, 0, 4 * hidden, false);
  }

  // ---- helpers ------------------------------------------------------------------------------------------------------

  private interface Block {
    void run(int from, int to);
  }

  /// Shares the rows of the batch out over the threads; what comes out for a row does not depend on how.
  private void forEachBlock(Block block) {
    int blocks = Math.min(Workers.threads(), batch);
    Workers.forEach(blocks, k -> block.run((int) ((long) batch * k / blocks), (int) ((long) batch * (k + 1) / blocks)));
  }

  private int at(int t, int row) {
    return t * batch + row;
  }
}
