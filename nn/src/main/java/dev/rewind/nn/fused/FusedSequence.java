package dev.rewind.nn.fused;

import dev.rewind.tensor.Accumulator;
import dev.rewind.tensor.PackedMatrix;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.Arrays;
import java.util.List;

/// One recurrent layer over a whole sequence, forward and backward, on float arrays: the fast twin of a cell's steps in
/// a loop.
///
/// Each thread takes its rows of the batch through all steps, so that threads never wait for one another. Inside is
/// what needs the state, and the products with the inputs as well where all weights fit into a core's cache; if not,
/// these are one large product before and after. The gradients of the weights are one product over all steps at the
/// end, in an order that does not depend on who computed which row.
///
/// B is the batch, T the steps, F the inputs, H the hidden size. Arrays of steps are `[T, B, ..]` here, so that the
/// rows of a step are neighbours; those of users are `[B, T, ..]`. A row `[x, 1, h]` holds all that a step multiplies,
/// which makes one matrix of the weights `[input; bias; hidden]`. Where the inputs are symbols, a table may hold what
/// the first part of that comes to for each of them; rows are then `[h]`, or `[1, h]`. The buffers are kept for the
/// next sequence of the same sizes.
final class FusedSequence {
  /// Floats of weights that a core's second-level cache holds beside the rows in use.
  private static final int CACHED = 1 << 18;

  /// Floats of a cache line.
  private static final int LINE = 16;

  /// Columns that are worth a task.
  private static final int STRIP = 128;

  private final FusedKind kind;
  private final int steps;
  private final int inputs;
  private final FusedWeights weights;
  private final boolean isLstm;
  private final boolean inLoop;
  private int[] lengths;
  private boolean spent;

  private final int batch;
  private final int hidden;
  private final int ahead; // of h in a row: F + 1; with a table 0, or 1 for the bias of the state
  private final int width; // of a row
  private final int columns; // of the sums of a row
  private final int inputColumns; // to which the input contributes
  private final int rowStride;
  private final int gateStride;
  private final float[] rows; // [T + 1, B, width], rows `rowStride` apart; h is that of the step before
  // [T, B, columns], `gateStride` apart: sums, after a step activations, in the backward pass gradients of sums
  private final float[] gates;

  private final float[] memory; // [T + 1, B, H], c of an LSTM before each step
  private final float[] squashed; // [T, B, H], tanh(c)

  FusedSequence(FusedKind.Sizes sizes) {
    this.kind = sizes.kind();
    this.batch = sizes.batch();
    this.steps = sizes.steps();
    this.inputs = sizes.inputs();
    this.hidden = sizes.hidden();
    this.ahead = sizes.ahead();
    this.width = sizes.width();
    this.columns = sizes.columns();
    this.inputColumns = sizes.inputColumns();
    this.rowStride = stride(width);
    this.gateStride = stride(columns);
    this.rows = new float[Math.multiplyExact(Math.multiplyExact(steps + 1, batch), rowStride)];
    this.gates = new float[Math.multiplyExact(steps * batch, gateStride)];
    this.inLoop = inputs > 0 && (long) width * columns <= CACHED;
    this.isLstm = kind == FusedKind.LSTM;
    this.memory = new float[isLstm ? (steps + 1) * batch * hidden : 0];
    this.squashed = new float[isLstm ? steps * batch * hidden : 0];
    this.weights = new FusedWeights(sizes);
    for (int row = 0; ahead > 0 && row < steps * batch; row++) {
      rows[row * rowStride + inputs] = 1;
    }
  }

  /// Elements from one row to the next: an odd number of cache lines, so that the rows which a product reads side by
  /// side do not compete for the same places of a cache.
  private static int stride(int elements) {
    return ((elements + LINE - 1) / LINE | 1) * LINE;
  }

  /// What a step reads: vectors `[B, T, F]`, or, by their indices `[B, T]`, rows of a table `[V, inputColumns]` of
  /// input products with the bias added.
  ///
  /// @param ids null for vectors
  record Input(Rows x, int[] ids) {}

  /// The weights in the order of products.
  FusedWeights weights() {
    return weights;
  }

  // ---- forward ------------------------------------------------------------------------------------------------------

  /// Goes through all steps, with what [#weights] holds.
  ///
  /// @param first the leaves of the first state, `[B, H]` each, `h` first
  /// @param outputs `[B, T, H]`, zeros before
  /// @param state for the leaves of the last state
  void forward(Input input, List<Rows> first, int[] lengths, float[] outputs, List<float[]> state) {
    this.lengths = lengths;
    this.spent = false;
    int last = longest(lengths);
    for (int row = 0; row < batch; row++) {
      take(first.getFirst(), row, rows, row * rowStride + ahead);
      if (isLstm) {
        take(first.get(1), row, memory, row * hidden);
      }
    }
    boolean hoisted = inputs > 0 && !inLoop;
    if (hoisted) {
      Threads.forEach(last, t -> take(input, t, 0, batch));
      Accumulator.into(part(gates, gateStride, last, 0, inputColumns))
          .addMatmul(part(rows, rowStride, last, 0, ahead), weights.input());
    }
    PackedMatrix inputWeight = inLoop ? weights.input() : null;
    PackedMatrix hiddenWeight = weights.hidden();
    forEachBlock((from, to) -> {
      for (int t = 0; t < last; t++) {
        if (!hoisted) {
          take(input, t, from, to);
        }
        if (inLoop) {
          RawAccess.multiply(to - from, rows, at(t, from) * rowStride, rowStride, inputWeight, gates,
              at(t, from) * gateStride, gateStride, false);
        }
        addState(t, from, to, hiddenWeight);
        for (int row = from; row < to; row++) {
          step(t, row, outputs);
        }
      }
      for (int row = from; row < to; row++) {
        System.arraycopy(rows, at(last, row) * rowStride + ahead, state.getFirst(), row * hidden, hidden);
        if (isLstm) {
          System.arraycopy(memory, at(last, row) * hidden, state.get(1), row * hidden, hidden);
        }
      }
    });
  }

  private void take(Rows state, int row, float[] target, int at) {
    System.arraycopy(state.array(), state.at(row), target, at, hidden);
  }

  /// Some columns of an array of steps, for the first ones.
  private Tensor part(float[] array, int stride, int last, int from, int to) {
    return Tensor.wrap(array, array.length / stride, stride).slice(0, 0, last * batch).slice(1, from, to);
  }

  private void take(Input input, int t, int from, int to) {
    for (int row = from; row < to; row++) {
      if (input.ids == null) {
        System.arraycopy(input.x.array(), input.x.at(row, t), rows, at(t, row) * rowStride, inputs);
      } else {
        System.arraycopy(input.x.array(), input.x.at(input.ids[row * steps + t]), gates, at(t, row) * gateStride,
            inputColumns);
      }
    }
  }

  /// Adds the products with the state to the sums; those to which the input contributes nothing begin with them.
  private void addState(int t, int from, int to, PackedMatrix weight) {
    for (int row = from; row < to && inputColumns < columns; row++) {
      int now = at(t, row) * gateStride;
      Arrays.fill(gates, now + inputColumns, now + columns, 0);
    }
    int one = kind.hasHiddenBias() ? 1 : 0; // before h, for the bias
    RawAccess.multiply(to - from, rows, at(t, from) * rowStride + ahead - one, rowStride, weight, gates,
        at(t, from) * gateStride + kind.hiddenFrom * hidden, gateStride, true);
  }

  private void step(int t, int row, float[] outputs) {
    int now = at(t, row);
    int next = at(t + 1, row);
    if (t >= lengths[row]) {
      System.arraycopy(rows, now * rowStride + ahead, rows, next * rowStride + ahead, hidden);
      if (isLstm) {
        System.arraycopy(memory, now * hidden, memory, next * hidden, hidden);
      }
      return;
    }
    kind.activate(hidden, gates, now * gateStride, rows, now * rowStride + ahead, memory, now * hidden, next * hidden,
        squashed, now * hidden, rows, next * rowStride + ahead);
    System.arraycopy(rows, next * rowStride + ahead, outputs, (row * steps + t) * hidden, hidden);
  }

  // ---- backward -----------------------------------------------------------------------------------------------------

  /// Whether the backward pass has run: it writes over what it needs, so that it cannot run again before [#forward]
  /// did.
  boolean isSpent() {
    return spent;
  }

  /// Fills the gradients of the sums and of the first state; `gradients.dh` and `gradients.dc` come in as those of the
  /// last.
  ///
  /// @param dy gradients of all outputs `[B, T, H]`, or null
  /// @param dx `[B, T, F]`, zeros before, for the gradients of the inputs, or null
  void backward(Rows dy, FusedGradients gradients, float[] dx) {
    spent = true;
    int last = longest(lengths);
    PackedMatrix hiddenWeight = weights.hiddenBack();
    PackedMatrix inputWeight = dx == null ? null : weights.inputBack();
    int fromState = kind.hiddenFrom * hidden;
    forEachBlock((from, to) -> {
      float[] dh = gradients.dh;
      float[] before = gradients.before;
      for (int t = last - 1; t >= 0; t--) {
        for (int row = from; row < to; row++) {
          differentiate(t, row, dy, dh, gradients.dc, before);
        }
        multiplyBack(t, from, to, fromState, hiddenWeight, before, from * hidden, hidden, kind.passesStateOn());
        for (int row = from; row < to; row++) {
          if (t >= lengths[row]) {
            System.arraycopy(dh, row * hidden, before, row * hidden, hidden);
          }
        }
        if (dx != null && inLoop) {
          toInputs(t, from, to, inputWeight, dx);
        }
        float[] swap = dh;
        dh = before;
        before = swap;
      }
      if (dh != gradients.dh) {
        System.arraycopy(dh, from * hidden, gradients.dh, from * hidden, (to - from) * hidden);
      }
    });
    if (dx != null && !inLoop) {
      Threads.forEach(last, t -> toInputs(t, 0, batch, inputWeight, dx));
    }
  }

  /// From the gradients of the next state, `dh` and for an LSTM `dc`, `[B, H]`, to those of the sums of a row, which
  /// take the place of what the sums became. The part of the gradient of the `h` before that does not come through the
  /// sums, if there is any, is written to `before`.
  private void differentiate(int t, int row, Rows dy, float[] dh, float[] dc, float[] before) {
    int now = at(t, row);
    if (t >= lengths[row]) {
      Arrays.fill(gates, now * gateStride, now * gateStride + columns, 0);
      return;
    }
    if (dy != null) {
      Floats.plus(dh, row * hidden, dy.array(), dy.at(row, t), dh, row * hidden, hidden);
    }
    int to = now * gateStride;
    int from = row * hidden;
    switch (kind) {
      case LSTM -> Floats.recurrent().lstmBackward(
          hidden, gates, to, memory, now * hidden, squashed, now * hidden, dh, from, dc, from);
      case GRU -> Floats.recurrent().gruBackward(
          hidden, gates, to, rows, now * rowStride + ahead, dh, from, before, from);
      case TANH, RELU -> {
        int h = at(t + 1, row) * rowStride + ahead;
        for (int j = 0; j < hidden; j++) {
          gates[to + j] = kind == FusedKind.TANH
              ? dh[from + j] * (1 - rows[h + j] * rows[h + j]) : rows[h + j] > 0 ? dh[from + j] : 0;
        }
      }
    }
  }

  /// The gradients of the inputs of a step, from those of the sums.
  private void toInputs(int t, int from, int to, PackedMatrix weight, float[] dx) {
    multiplyBack(t, from, to, 0, weight, dx, (from * steps + t) * inputs, steps * inputs, false);
  }

  private void multiplyBack(int t, int from, int to, int column, PackedMatrix weight,
      float[] c, int co, int crs, boolean accumulate) {
    RawAccess.multiply(to - from, gates, at(t, from) * gateStride + column, gateStride, weight, c, co, crs, accumulate);
  }

  /// The gradient of a table `[V, inputColumns]`, zeros before, whose rows were read, after [#backward]. Threads share
  /// the columns, so that every sum has one order.
  void tableGradient(int[] ids, float[] result) {
    int strips = Math.clamp(inputColumns / STRIP, 1, Threads.count());
    int last = longest(lengths);
    Threads.forEach(strips, strip -> {
      int from = (int) ((long) inputColumns * strip / strips);
      int to = (int) ((long) inputColumns * (strip + 1) / strips);
      for (int t = 0; t < last; t++) {
        for (int row = 0; row < batch; row++) {
          int sum = ids[row * steps + t] * inputColumns + from;
          Floats.plus(result, sum, gates, at(t, row) * gateStride + from, result, sum, to - from);
        }
      }
    });
  }

  /// The gradients of all weights after [#backward], where a row of `[x, 1, h]` contributes to a sum.
  void weightGradients(FusedGradients gradients) {
    if (inputColumns == columns && kind.hiddenFrom == 0) {
      weightGradients(gradients, 0, width, 0, columns);
    } else {
      if (inputs > 0) {
        weightGradients(gradients, 0, ahead, 0, inputColumns);
      }
      weightGradients(gradients, inputs, width, kind.hiddenFrom * hidden, columns); // the bias again
    }
  }

  private void weightGradients(FusedGradients gradients, int from, int to, int fromColumn, int toColumn) {
    int last = longest(lengths);
    Accumulator.into(Tensor.wrap(gradients.weights, columns, width).slice(0, fromColumn, toColumn).slice(1, from, to))
        .addMatmul(part(gates, gateStride, last, fromColumn, toColumn).transpose(),
            part(rows, rowStride, last, from, to));
  }

  /// The length of the longest sequence, 0 if there is none.
  static int longest(int[] lengths) {
    return Arrays.stream(lengths).max().orElse(0);
  }

  // ---- helpers ------------------------------------------------------------------------------------------------------

  /// Shares the rows of the batch out over the threads; what comes out for a row does not depend on how.
  private void forEachBlock(Rows.Part block) {
    Rows.forEach(batch, (batch - 1) / Threads.count() + 1, block);
  }

  private int at(int t, int row) {
    return t * batch + row;
  }
}
