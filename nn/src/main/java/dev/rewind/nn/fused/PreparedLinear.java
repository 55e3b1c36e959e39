package dev.rewind.nn.fused;

import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.product.MatrixKernels;
import dev.rewind.tensor.kernel.product.PackedPanels;
import java.util.Map;

/// A projection as it was when it was made ready, on arrays: bit for bit [dev.rewind.nn.Linear#forward]. Immutable.
public final class PreparedLinear {
  private final PackedPanels weight; // [inputs, outputs]
  private final float[] bias; // [outputs], or of no elements
  private final MatrixKernels matrices = Kernels.active().matrices();

  /// @param weights of the projection, by name
  public PreparedLinear(Map<String, Tensor> weights) {
    this.weight = PreparedCell.packed(matrices, weights.get("weight"));
    this.bias = weights.containsKey("bias") ? weights.get("bias").toFloats() : new float[0];
  }

  public int inputs() {
    return weight.k();
  }

  public int outputs() {
    return weight.n();
  }

  /// `y = x W' + b`, or without `b`, of the first rows.
  public void apply(float[] x, float[] y, int rows) {
    int n = outputs();
    matrices.multiply(x, 0, weight.k(), weight, 0, weight.panels(), y, 0, n, rows, false);
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < bias.length; j++) {
        y[row * n + j] += bias[j];
      }
    }
  }
}
