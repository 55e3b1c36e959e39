package dev.rewind.nn.fused;

import dev.rewind.tensor.Accumulator;
import dev.rewind.tensor.PackedMatrix;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.Arrays;
import java.util.List;

/// One recurrent layer over a whole sequence, forward and backward, on float arrays: the fast twin of a cell's steps in
/// a loop. Here is what all such cells have in common, the products; subclasses do what each element of a step needs.
///
/// Each thread takes its rows of the batch through all steps, so that threads never wait for one another. Inside is
/// what needs the state; the products with the inputs come before and after. The gradients of the weights are one
/// product over all steps at the end, in an order that does not depend on who computed which row.
///
/// B is the batch, T the steps, F the inputs, H the hidden size. Arrays of steps are `[T, B, ..]` here, so that the
/// rows of a step are neighbours; those of users are `[B, T, ..]`. A row `[x, 1, h]` holds all that a step multiplies,
/// which makes one matrix of the weights `[input; bias; hidden]`. Where the inputs are symbols, a table may hold what
/// the first part of that comes to for each of them; rows are then `[h]`, or `[1, h]`. The buffers are kept for the
/// next sequence of the same sizes.
abstract class FusedSequence {
  /// Floats of a cache line.
  private static final int LINE = 16;

  /// Columns that are worth a task.
  private static final int STRIP = 128;

  private final FusedKind kind;
  private final int steps;
  private final int inputs;
  private final FusedWeights weights;
  private int[] lengths;
  private boolean spent;

  final int batch;
  final int hidden;
  final int ahead; // of h in a row: F + 1; with a table 0, or 1 for the bias of the state
  final int width; // of a row
  final int columns; // of the sums of a row
  private final int inputColumns; // to which the input contributes
  final int rowStride;
  final int gateStride;
  final float[] rows; // [T + 1, B, width], rows `rowStride` apart; h is that of the step before
  // [T, B, columns], `gateStride` apart: sums, after a step activations, in the backward pass gradients of sums
  final float[] gates;

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
  final FusedWeights weights() {
    return weights;
  }

  // ---- what cells differ in; `now` and `next` are rows of arrays of steps
  // -----------------------------------------------

  /// Takes the first state except for `h`, which is already in place.
  void begin(List<Rows> state) {}

  /// From the sums of a row to its next state, and what the backward pass needs of them.
  abstract void activate(int now, int next);

  /// Where a sequence has ended: the next state but for `h` is the one before.
  void keep(int now, int next) {}

  /// Copies the state at a row, but for `h`, to a row of the batch.
  void end(int at, int row, List<float[]> state) {}

  /// From the gradients of the next state, `dh` and for an LSTM `dc`, `[B, H]`, to those of the sums of a row, which
  /// take the place of what the sums became. The part of the gradient of the `h` before that does not come
  /// through the sums, if there is any, is written to `before`.
  abstract void differentiate(int now, int next, int row, float[] dh, float[] dc, float[] before);

  // ---- forward ------------------------------------------------------------------------------------------------------

  /// Goes through all steps, with what [#weights] holds.
  ///
  /// @param first the leaves of the first state, `[B, H]` each, `h` first
  /// @param outputs `[B, T, H]`, zeros before
  /// @param state for the leaves of the last state
  final void forward(Input input, List<Rows> first, int[] lengths, float[] outputs, List<float[]> state) {
    this.lengths = lengths;
    this.spent = false;
    int last = longest(lengths);
    Rows h = first.getFirst();
    for (int row = 0; row < batch; row++) {
      System.arraycopy(h.array(), h.at(row), rows, row * rowStride + ahead, hidden);
    }
    begin(first);
    if (inputs > 0) {
      Threads.forEach(last, t -> take(input, t, 0, batch));
      Accumulator.into(part(gates, gateStride, last, 0, inputColumns))
          .addMatmul(part(rows, rowStride, last, 0, ahead), weights.input());
    }
    PackedMatrix hiddenWeight = weights.hidden();
    forEachBlock((from, to) -> {
      for (int t = 0; t < last; t++) {
        if (inputs == 0) {
          take(input, t, from, to);
        }
        addState(t, from, to, hiddenWeight);
        for (int row = from; row < to; row++) {
          step(t, row, outputs);
        }
      }
      for (int row = from; row < to; row++) {
        System.arraycopy(rows, at(last, row) * rowStride + ahead, state.getFirst(), row * hidden, hidden);
        end(at(last, row), row, state);
      }
    });
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
      keep(now, next);
      return;
    }
    activate(now, next);
    System.arraycopy(rows, next * rowStride + ahead, outputs, (row * steps + t) * hidden, hidden);
  }

  // ---- backward -----------------------------------------------------------------------------------------------------

  /// Whether the backward pass has run: it writes over what it needs, so that it cannot run again before [#forward]
  /// did.
  final boolean isSpent() {
    return spent;
  }

  /// Fills the gradients of the sums and of the first state; `gradients.dh` and `gradients.dc` come in as those of the
  /// last.
  ///
  /// @param dy gradients of all outputs `[B, T, H]`, or null
  /// @param dx `[B, T, F]`, zeros before, for the gradients of the inputs, or null
  final void backward(Rows dy, FusedGradients gradients, float[] dx) {
    spent = true;
    int last = longest(lengths);
    PackedMatrix hiddenWeight = weights.hiddenBack();
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
        float[] swap = dh;
        dh = before;
        before = swap;
      }
      if (dh != gradients.dh) {
        System.arraycopy(dh, from * hidden, gradients.dh, from * hidden, (to - from) * hidden);
      }
    });
    if (dx != null) {
      PackedMatrix inputWeight = weights.inputBack();
      Threads.forEach(last, t -> toInputs(t, inputWeight, dx));
    }
  }

  private void differentiate(int t, int row, Rows dy, float[] dh, float[] dc, float[] before) {
    int now = at(t, row);
    if (t >= lengths[row]) {
      Arrays.fill(gates, now * gateStride, now * gateStride + columns, 0);
      return;
    }
    if (dy != null) {
      Floats.plus(dh, row * hidden, dy.array(), dy.at(row, t), dh, row * hidden, hidden);
    }
    differentiate(now, at(t + 1, row), row, dh, dc, before);
  }

  /// The gradients of the inputs of a step, from those of the sums.
  private void toInputs(int t, PackedMatrix weight, float[] dx) {
    multiplyBack(t, 0, batch, 0, weight, dx, t * inputs, steps * inputs, false);
  }

  private void multiplyBack(int t, int from, int to, int column, PackedMatrix weight,
      float[] c, int co, int crs, boolean accumulate) {
    RawAccess.multiply(to - from, gates, at(t, from) * gateStride + column, gateStride, weight, c, co, crs, accumulate);
  }

  /// The gradient of a table `[V, inputColumns]`, zeros before, whose rows were read, after [#backward]. Threads share
  /// the columns, so that every sum has one order.
  final void tableGradient(int[] ids, float[] result) {
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
  final void weightGradients(FusedGradients gradients) {
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
