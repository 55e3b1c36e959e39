package dev.rewind.nn.rnn;

import dev.rewind.tensor.kernel.FloatMatrices;
import dev.rewind.tensor.kernel.FoldKernels;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.MapKernels;
import dev.rewind.tensor.kernel.MatrixKernels;
import dev.rewind.tensor.kernel.PackedMatrix;
import dev.rewind.tensor.kernel.Workers;
import java.util.Arrays;

/// One LSTM layer over a whole sequence, forward and backward, on float arrays: the fast twin of [LstmCell#step] in a loop.
///
/// What has no recurrence is one large product: `x weight_ih' + bias` for all steps before the loop, the gradients of weights
/// and inputs for all steps after it. Inside remain the products with `weight_hh`; there each thread takes its rows of the
/// batch through all steps, so that threads never wait for one another. B is the batch, T the steps, F the inputs, H the
/// hidden size; arrays of steps are `[B, T, ..]`. The buffers are kept for the next sequence of the same sizes.
final class LstmSequence {
  private final int batch;
  private final int steps;
  private final int inputs;
  private final int hidden;
  private final float[] gates; // [B, T, 4H], after their activation functions: i, f, g, o
  private final float[] memory; // [B, T, H], c
  private final float[] squashed; // [B, T, H], tanh(c)
  private float[] slopes; // [B, T, 4H], gradients of the gates before their activation; null before the first backward pass
  private float[] previous; // [B, T, H], h of the step before; likewise
  private final MapKernels maps = Kernels.active().maps();
  private final MatrixKernels matrices = Kernels.active().matrices();
  private PackedMatrix forwardWeight; // weight_hh' as [H, 4H]
  private PackedMatrix backwardWeight; // weight_hh as [4H, H]

  LstmSequence(int batch, int steps, int inputs, int hidden) {
    this.batch = batch;
    this.steps = steps;
    this.inputs = inputs;
    this.hidden = hidden;
    this.gates = new float[Math.multiplyExact(batch * steps, 4 * hidden)];
    this.memory = new float[batch * steps * hidden];
    this.squashed = new float[batch * steps * hidden];
  }

  /// An array and where the elements in question begin; they have no gaps.
  record Slice(float[] array, int offset) {}

  /// The weights of the layer: `weight_ih [4H, F]`, `weight_hh [4H, H]`, `bias [4H]`.
  record Weights(Slice input, Slice hidden, Slice bias) {}

  // ---- forward ------------------------------------------------------------------------------------------------------

  /// Writes all outputs `[B, T, H]` and the last memory `[B, H]`.
  void forward(Slice x, Weights weights, Slice h0, Slice c0, float[] outputs, float[] lastMemory) {
    project(x, weights);
    forwardWeight = packed(forwardWeight, weights.hidden, 1, hidden, hidden, 4 * hidden);
    forEachBlock((from, rows) -> {
      for (int t = 0; t < steps; t++) {
        Slice h = t == 0 ? new Slice(h0.array, h0.offset + from * hidden) : new Slice(outputs, at(from, t - 1, hidden));
        int stride = t == 0 ? hidden : steps * hidden;
        matrices.multiply(h.array, h.offset, stride, forwardWeight, 0, forwardWeight.panels(), gates,
            at(from, t, 4 * hidden), steps * 4 * hidden, rows, true);
        for (int row = from; row < from + rows; row++) {
          Slice c = t == 0 ? new Slice(c0.array, c0.offset + row * hidden) : new Slice(memory, at(row, t - 1, hidden));
          activate(row, t, c, outputs);
        }
      }
      for (int row = from; row < from + rows; row++) {
        System.arraycopy(memory, at(row, steps - 1, hidden), lastMemory, row * hidden, hidden);
      }
    });
  }

  /// `gates = x weight_ih' + bias` for all steps.
  private void project(Slice x, Weights weights) {
    for (int position = 0; position < batch * steps; position++) {
      System.arraycopy(weights.bias.array, weights.bias.offset, gates, position * 4 * hidden, 4 * hidden);
    }
    FloatMatrices.multiply(matrices, batch * steps, 4 * hidden, inputs, x.array, x.offset, inputs, 1,
        weights.input.array, weights.input.offset, 1, inputs, gates, 0, 4 * hidden, true);
  }

  /// `c = f * c_before + i * g`, `h = o * tanh(c)` of one row at one step.
  private void activate(int row, int t, Slice before, float[] outputs) {
    int g = at(row, t, 4 * hidden);
    int c = at(row, t, hidden);
    maps.sigmoid(gates, g, gates, g, 2 * hidden);
    maps.tanh(gates, g + 2 * hidden, gates, g + 2 * hidden, hidden);
    maps.sigmoid(gates, g + 3 * hidden, gates, g + 3 * hidden, hidden);
    remember(g, before.array, before.offset, c);
    maps.tanh(memory, c, squashed, c, hidden);
    for (int j = 0; j < hidden; j++) {
      outputs[c + j] = gates[g + 3 * hidden + j] * squashed[c + j];
    }
  }

  private void remember(int g, float[] before, int b, int c) {
    for (int j = 0; j < hidden; j++) {
      memory[c + j] = gates[g + hidden + j] * before[b + j] + gates[g + j] * gates[g + 2 * hidden + j];
    }
  }

  // ---- backward -----------------------------------------------------------------------------------------------------

  /// Fills the gradients of the gates, and those of the first state `[B, H]` each, which come in as those of the last.
  ///
  /// @param outputSlopes gradients of all outputs, or null
  void backward(Slice outputSlopes, Weights weights, Slice c0, float[] stateSlopes, float[] memorySlopes) {
    slopes = slopes == null ? new float[gates.length] : slopes;
    previous = previous == null ? new float[memory.length] : previous;
    backwardWeight = packed(backwardWeight, weights.hidden, hidden, 1, 4 * hidden, hidden);
    forEachBlock((from, rows) -> {
      for (int t = steps - 1; t >= 0; t--) {
        for (int row = from; row < from + rows; row++) {
          if (outputSlopes != null) {
            add(outputSlopes.array, outputSlopes.offset + at(row, t, hidden), stateSlopes, row * hidden);
          }
          Slice c = t == 0 ? new Slice(c0.array, c0.offset + row * hidden) : new Slice(memory, at(row, t - 1, hidden));
          differentiate(row, t, c.array, c.offset, stateSlopes, memorySlopes);
        }
        matrices.multiply(slopes, at(from, t, 4 * hidden), steps * 4 * hidden, backwardWeight, 0, backwardWeight.panels(),
            stateSlopes, from * hidden, hidden, rows, false);
      }
    });
  }

  private void add(float[] x, int xo, float[] y, int yo) {
    for (int j = 0; j < hidden; j++) {
      y[yo + j] += x[xo + j];
    }
  }

  /// From the gradients of h and c at a step to those of the four gates before activation, and of c at the step before.
  private void differentiate(int row, int t, float[] before, int b, float[] dh, float[] dc) {
    int g = at(row, t, 4 * hidden);
    int c = at(row, t, hidden);
    int d = row * hidden;
    outputGate(g, c, d, dh, dc);
    inputGates(g, d, dc);
    forgetGate(g, d, before, b, dc);
  }

  // Each loop stores into one array alone: with two, the compiler fears that they overlap and does not use vectors.

  private void outputGate(int g, int c, int d, float[] dh, float[] dc) {
    int at = g + 3 * hidden;
    for (int j = 0; j < hidden; j++) {
      slopes[at + j] = dh[d + j] * squashed[c + j] * (gates[at + j] * (1 - gates[at + j]));
    }
    for (int j = 0; j < hidden; j++) {
      dc[d + j] += dh[d + j] * gates[at + j] * (1 - squashed[c + j] * squashed[c + j]);
    }
  }

  private void inputGates(int g, int d, float[] dc) {
    int at = g + 2 * hidden;
    for (int j = 0; j < hidden; j++) {
      slopes[g + j] = dc[d + j] * gates[at + j] * (gates[g + j] * (1 - gates[g + j]));
    }
    for (int j = 0; j < hidden; j++) {
      slopes[at + j] = dc[d + j] * gates[g + j] * (1 - gates[at + j] * gates[at + j]);
    }
  }

  private void forgetGate(int g, int d, float[] before, int b, float[] dc) {
    int at = g + hidden;
    for (int j = 0; j < hidden; j++) {
      slopes[at + j] = dc[d + j] * before[b + j] * (gates[at + j] * (1 - gates[at + j]));
    }
    for (int j = 0; j < hidden; j++) {
      dc[d + j] *= gates[at + j];
    }
  }

  /// The gradient of the inputs, `[B, T, F]`, after [#backward].
  float[] inputSlopes(Weights weights) {
    float[] result = new float[batch * steps * inputs];
    FloatMatrices.multiply(matrices, batch * steps, inputs, 4 * hidden, slopes, 0, 4 * hidden, 1,
        weights.input.array, weights.input.offset, inputs, 1, result, 0, inputs, false);
    return result;
  }

  /// The gradient of `weight_ih`, `[4H, F]`.
  float[] inputWeightSlopes(Slice x) {
    return weightSlopes(x, inputs);
  }

  /// The gradient of `weight_hh`, `[4H, H]`.
  float[] hiddenWeightSlopes(Slice h0, float[] outputs) {
    for (int row = 0; row < batch; row++) {
      System.arraycopy(h0.array, h0.offset + row * hidden, previous, at(row, 0, hidden), hidden);
      System.arraycopy(outputs, at(row, 0, hidden), previous, at(row, 0, hidden) + hidden, (steps - 1) * hidden);
    }
    return weightSlopes(new Slice(previous, 0), hidden);
  }

  private float[] weightSlopes(Slice x, int columns) {
    float[] result = new float[4 * hidden * columns];
    FloatMatrices.multiply(matrices, 4 * hidden, columns, batch * steps, slopes, 0, 1, 4 * hidden,
        x.array, x.offset, columns, 1, result, 0, columns, false);
    return result;
  }

  /// The gradient of the bias, `[4H]`.
  float[] biasSlopes() {
    float[] result = new float[4 * hidden];
    FoldKernels folds = Kernels.active().folds();
    folds.sumColumns(slopes, 0, 4 * hidden, batch * steps, 4 * hidden, result, 0);
    return result;
  }

  // ---- helpers ------------------------------------------------------------------------------------------------------

  private interface Block {
    void run(int from, int rows);
  }

  /// Shares the rows of the batch out over the threads; what comes out for a row does not depend on how.
  private void forEachBlock(Block block) {
    int blocks = Math.min(Workers.threads(), batch);
    Workers.forEach(blocks, k -> {
      int from = (int) ((long) batch * k / blocks);
      block.run(from, (int) ((long) batch * (k + 1) / blocks) - from);
    });
  }

  /// Where the vector of `size` of a row at a step begins.
  private int at(int row, int t, int size) {
    return (row * steps + t) * size;
  }

  private PackedMatrix packed(PackedMatrix target, Slice weight, int rowStride, int columnStride, int k, int n) {
    if (target == null) {
      return matrices.pack(weight.array, weight.offset, rowStride, columnStride, k, n);
    }
    matrices.repack(target, weight.array, weight.offset, rowStride, columnStride);
    return target;
  }

  /// A copy of a state, or zeros: where gradients of the state begin.
  static float[] copyOrZeros(Slice state, int n) {
    return state == null ? new float[n] : Arrays.copyOfRange(state.array, state.offset, state.offset + n);
  }
}
