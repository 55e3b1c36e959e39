package dev.rewind.nn.fused;

import dev.rewind.autograd.Variable;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// The cells that run over a sequence as one operation, and the order in which the sums of one step lie: blocks of H
/// columns, of which the first come from the input and the last from the state before; most from both.
///
/// | | blocks | from the input | from the state |
/// |---|---|---|---|
/// | LSTM | i, f, g, o | all | all |
/// | GRU | n, r, z, and the part of n that r gates | n, r, z | r, z, the gated part |
/// | Elman | one | all | all |
public enum FusedKind {
  LSTM("lstm", 4, 0, 0, 1, 2, 3), GRU("gru", 4, 1, 2, 0, 1), TANH("rnn", 1, 0, 0), RELU("rnn", 1, 0, 0);

  final String operation; // its name
  final int blocks; // of a step
  final int hiddenFrom; // the first block to which the state before contributes
  private final int[] order;
  private final int[] inverse;

  /// @param hiddenFrom the first block to which the state before contributes; if there are others, it has a bias of its
  ///     own
  /// @param order which block of `weight_ih` contributes to the first block, to the second ..
  FusedKind(String operation, int blocks, int hiddenFrom, int... order) {
    this.operation = operation;
    this.blocks = blocks;
    this.hiddenFrom = hiddenFrom;
    this.order = order;
    this.inverse = new int[order.length];
    for (int block = 0; block < order.length; block++) {
      inverse[order[block]] = block;
    }
  }

  /// Blocks to which the input contributes: the first ones.
  int inputBlocks() {
    return order.length;
  }

  /// Blocks of sums `[.., blocks of weight_ih]` in the order of a step.
  public Variable ordered(Variable x) {
    return this == GRU ? blocks(x, order) : x;
  }

  /// The inverse of [#ordered].
  public Variable restored(Variable x) {
    return this == GRU ? blocks(x, inverse) : x;
  }

  private static Variable blocks(Variable x, int[] order) {
    List<Variable> blocks = x.split(-1, order.length);
    return Variable.concat(-1, Arrays.stream(order).mapToObj(blocks::get).toList());
  }

  /// The blocks of rows of `weight_ih` or its bias in the order of a step.
  Tensor ordered(Tensor x) {
    return this == GRU ? blocks(x, order) : x;
  }

  /// The inverse of [#ordered(Tensor)].
  Tensor restored(Tensor x) {
    return this == GRU ? blocks(x, inverse) : x;
  }

  private static Tensor blocks(Tensor x, int[] order) {
    int size = x.size(0) / order.length;
    return Tensor.concat(0, Arrays.stream(order).mapToObj(k -> x.slice(0, k * size, (k + 1) * size)).toList());
  }

  /// Whether the state before comes with a bias vector of its own, `bias_hh`.
  boolean hasHiddenBias() {
    return hiddenFrom > 0;
  }

  /// Whether a part of the state before is added to the next one directly, besides what comes through the sums.
  boolean passesStateOn() {
    return this == GRU;
  }

  /// From the sums of a row to its next state: `h` from that at `before`, and for an LSTM `c` at `co` from that at
  /// `cBefore`, with `squashed` for `tanh(c)`. The sums become what the backward pass needs of them.
  void activate(int n, float[] gates, int go, float[] before, int bo, float[] c, int cBefore, int co,
      float[] squashed, int so, float[] h, int ho) {
    switch (this) {
      case LSTM -> Floats.recurrent().lstm(n, gates, go, c, cBefore, c, co, squashed, so, h, ho);
      case GRU -> Floats.recurrent().gru(n, gates, go, before, bo, h, ho);
      case TANH -> Floats.tanh(gates, go, h, ho, n);
      case RELU -> {
        for (int j = 0; j < n; j++) {
          h[ho + j] = Math.max(gates[go + j], 0);
        }
      }
    }
  }

  /// What decides about the buffers of a layer over a sequence: B, T, F and H.
  ///
  /// @param ahead the elements of a row before `h`: F + 1 for vectors of F elements and a 1, which meets the bias;
  ///     where what the input contributes is looked up in a table, only the 1, and that if the state has a bias of its
  ///     own to meet
  record Sizes(FusedKind kind, int batch, int steps, int ahead, int hidden) {
    /// F; 0 with a table.
    int inputs() {
      return Math.max(0, ahead - 1);
    }

    /// The elements of a row.
    int width() {
      return ahead + hidden;
    }

    /// Columns of the sums of a step.
    int columns() {
      return kind.blocks * hidden;
    }

    /// Those of them to which the input contributes, the first ones.
    int inputColumns() {
      return kind.inputBlocks() * hidden;
    }
  }
}
