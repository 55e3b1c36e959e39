package dev.rewind.nn.rnn;

import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.LstmKernels;
import dev.rewind.tensor.kernel.MatrixKernels;
import dev.rewind.tensor.kernel.PackedMatrix;
import java.util.Map;

/// An LSTM for steps on arrays: bit for bit what [LstmSequence] makes of it, and nothing is allocated. At batch 1 a step reads
/// all weights once, from front to back, which is what bounds its time.
final class PreparedLstm implements PreparedCell {
  private final int hidden;
  private final float[] bias; // [4H]
  private final PackedMatrix inputWeight; // weight_ih' as [F, 4H]
  private final PackedMatrix hiddenWeight; // weight_hh' as [H, 4H]
  private final LstmKernels kernels = Kernels.active().lstm();
  private final MatrixKernels matrices = Kernels.active().matrices();

  PreparedLstm(LstmCell cell) {
    Map<String, Tensor> weights = cell.state();
    this.hidden = cell.outputSize();
    this.bias = weights.get("bias").toFloats();
    this.inputWeight = PreparedCell.packed(matrices, weights.get("weight_ih"));
    this.hiddenWeight = PreparedCell.packed(matrices, weights.get("weight_hh"));
  }

  @Override
  public CellRun run(int rows) {
    return new Run(rows);
  }

  private final class Run extends CellRun {
    Run(int rows) {
      super(new float[rows * 4 * hidden], new float[2][rows * hidden], new float[rows * hidden]);
    }

    @Override
    void prepare(float[] inputs, int rows) {
      matrices.multiply(
          inputs, 0, inputWeight.k(), inputWeight, 0, inputWeight.panels(), prepared, 0, 4 * hidden, rows, false);
      for (int row = 0; row < rows; row++) {
        for (int j = 0; j < 4 * hidden; j++) {
          prepared[row * 4 * hidden + j] += bias[j];
        }
      }
    }

    @Override
    void step(int rows) {
      float[] h = leaves[0];
      float[] c = leaves[1];
      matrices.multiply(h, 0, hidden, hiddenWeight, 0, hiddenWeight.panels(), prepared, 0, 4 * hidden, rows, true);
      for (int row = 0; row < rows; row++) {
        int at = row * hidden;
        kernels.activate(hidden, prepared, 4 * at, c, at, c, at, output, at, h, at); // output: room for tanh(c)
      }
      System.arraycopy(h, 0, output, 0, rows * hidden);
    }
  }
}
