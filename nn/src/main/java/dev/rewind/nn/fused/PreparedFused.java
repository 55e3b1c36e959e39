package dev.rewind.nn.fused;

import dev.rewind.tensor.PackedMatrix;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/// A cell that has a fused form, for steps on arrays: bit for bit what [FusedSequence] makes of it, and nothing is
/// allocated. At batch 1 a step reads all weights once, from front to back, which is what bounds its time. P and Q are
/// the columns of sums to which input and state contribute.
public final class PreparedFused implements PreparedCell {
  private final FusedKind kind;
  private final int hidden;
  private final int columns; // of the sums
  private final PreparedLinear input; // [F, P] with a bias [P]
  private final PackedMatrix hiddenWeight; // [H, Q]
  private final float[] hiddenBias; // [Q]; null without

  /// @param weights of the cell, by name
  public PreparedFused(FusedKind kind, Map<String, Tensor> weights) {
    this.kind = kind;
    this.hidden = weights.get("weight_hh").size(1);
    this.columns = kind.blocks * hidden;
    this.input = new PreparedLinear(kind.ordered(weights.get("weight_ih")),
        kind.ordered(weights.getOrDefault("bias_ih", weights.get("bias"))));
    this.hiddenWeight = PackedMatrix.of(weights.get("weight_hh").transpose());
    this.hiddenBias = kind.hasHiddenBias() ? weights.get("bias_hh").toFloats() : null;
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
      input.apply(inputs, prepared, columns, rows);
    }

    @Override
    public void step(int rows) {
      int fromState = kind.hiddenFrom * hidden;
      for (int row = 0; row < rows && hiddenBias != null; row++) {
        Arrays.fill(prepared, row * columns + input.outputs(), (row + 1) * columns, 0);
        int at = row * columns + fromState;
        Floats.plus(prepared, at, hiddenBias, 0, prepared, at, hiddenBias.length);
      }
      RawAccess.multiply(rows, leaves[0], 0, hidden, hiddenWeight, prepared, fromState, columns, true);
      float[] c = leaves[leaves.length - 1];
      for (int row = 0; row < rows; row++) {
        int to = row * hidden; // the output is room for tanh(c)
        kind.activate(hidden, prepared, row * columns, leaves[0], to, c, to, to, output, to, leaves[0], to);
      }
      System.arraycopy(leaves[0], 0, output, 0, rows * hidden);
    }
  }
}
