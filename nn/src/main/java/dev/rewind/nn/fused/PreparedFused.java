package dev.rewind.nn.fused;

import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.product.MatrixKernels;
import dev.rewind.tensor.kernel.product.PackedPanels;
import java.util.Arrays;
import java.util.Map;

/// A cell that has a fused form, for steps on arrays: bit for bit what [FusedSequence] makes of it, and nothing is
/// allocated. At batch 1 a step reads all weights once, from front to back, which is what bounds its time. P and Q are
/// the columns of sums to which input and state contribute.
public final class PreparedFused implements PreparedCell {
  private final FusedKind kind;
  private final int hidden;
  private final int columns; // of the sums
  private final float[] inputBias; // [P]
  private final float[] hiddenBias; // [Q]; null without
  private final PackedPanels inputWeight; // [F, P]
  private final PackedPanels hiddenWeight; // [H, Q]

  /// @param weights of the cell, by name
  public PreparedFused(FusedKind kind, Map<String, Tensor> weights) {
    this.kind = kind;
    this.hidden = weights.get("weight_hh").size(1);
    this.columns = kind.blocks() * hidden;
    this.inputBias = inOrder(weights.getOrDefault("bias_ih", weights.get("bias"))).toFloats();
    this.hiddenBias = kind.hasHiddenBias() ? weights.get("bias_hh").toFloats() : null;
    this.inputWeight = PreparedCell.packed(Kernels.active().matrices(), inOrder(weights.get("weight_ih")));
    this.hiddenWeight = PreparedCell.packed(Kernels.active().matrices(), weights.get("weight_hh"));
  }

  /// The blocks of a weight or bias of the input in the order of the sums.
  private Tensor inOrder(Tensor weight) {
    Tensor[] blocks = new Tensor[kind.inputBlocks()];
    for (int block = 0; block < blocks.length; block++) {
      int from = kind.source(block) * hidden;
      blocks[block] = weight.slice(0, from, from + hidden);
    }
    return Tensor.concat(0, Arrays.asList(blocks));
  }

  @Override
  public CellRun run(int rows) {
    return new Run(rows);
  }

  private final class Run extends CellRun {
    Run(int rows) {
      super(new float[rows * columns], new float[kind == FusedKind.LSTM ? 2 : 1][rows * hidden],
          new int[][] {{rows, hidden}, {rows, hidden}}, new float[rows * hidden]);
    }

    @Override
    public void prepare(float[] inputs, int rows) {
      multiply(inputs, inputWeight, 0, rows, false);
      for (int row = 0; row < rows; row++) {
        add(inputBias, row * columns);
      }
    }

    private void multiply(float[] x, PackedPanels weight, int column, int rows, boolean accumulate) {
      MatrixKernels matrices = Kernels.active().matrices();
      matrices.multiply(x, 0, weight.k(), weight, 0, weight.panels(), prepared, column, columns, rows, accumulate);
    }

    private void add(float[] bias, int at) {
      for (int j = 0; j < bias.length; j++) {
        prepared[at + j] += bias[j];
      }
    }

    @Override
    public void step(int rows) {
      int fromState = kind.hiddenFrom() * hidden;
      for (int row = 0; row < rows && hiddenBias != null; row++) {
        Arrays.fill(prepared, row * columns + inputBias.length, (row + 1) * columns, 0);
        add(hiddenBias, row * columns + fromState);
      }
      multiply(leaves[0], hiddenWeight, fromState, rows, true);
      for (int row = 0; row < rows; row++) {
        activate(row * columns, row * hidden);
      }
      System.arraycopy(leaves[0], 0, output, 0, rows * hidden);
    }

    private void activate(int at, int to) {
      float[] h = leaves[0];
      switch (kind) {
        case LSTM -> // the output is room for tanh(c)
          Kernels.active().recurrent().lstm(hidden, prepared, at, leaves[1], to, leaves[1], to, output, to, h,
              to);
        case GRU -> Kernels.active().recurrent().gru(hidden, prepared, at, h, to, h, to);
        case TANH, RELU ->
          RnnSequence.activate(Kernels.active().maps(), kind == FusedKind.RELU, hidden, prepared, at, h, to);
      }
    }
  }
}
