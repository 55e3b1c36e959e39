package dev.rewind.nn.rnn;

import dev.rewind.nn.Linear;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.product.MatrixKernels;
import dev.rewind.tensor.kernel.product.PackedPanels;
import java.util.Map;

/// A projection as it was when it was made ready, on arrays: bit for bit [Linear#forward]. Immutable.
final class PreparedLinear {
  private final PackedPanels weight; // [inputs, outputs]
  private final float[] bias; // [outputs], or of no elements
  private final MatrixKernels matrices = Kernels.active().matrices();

  PreparedLinear(Linear linear) {
    Map<String, Tensor> weights = linear.state();
    this.weight = PreparedCell.packed(matrices, weights.get("weight"));
    this.bias = weights.containsKey("bias") ? weights.get("bias").toFloats() : new float[0];
  }

  int inputs() {
    return weight.k();
  }

  int outputs() {
    return weight.n();
  }

  /// `y = x W' + b`, or without `b`, of the first rows.
  void apply(float[] x, float[] y, int rows) {
    int n = outputs();
    matrices.multiply(x, 0, weight.k(), weight, 0, weight.panels(), y, 0, n, rows, false);
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < bias.length; j++) {
        y[row * n + j] += bias[j];
      }
    }
  }
}
