package dev.rewind.nn.rnn;

import dev.rewind.nn.Linear;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.MatrixKernels;
import dev.rewind.tensor.kernel.PackedMatrix;
import java.util.Map;

/// A projection as it was when it was made ready, on arrays: bit for bit [Linear#forward]. Immutable.
final class PreparedLinear {
  private final PackedMatrix weight; // [inputs, outputs]
  private final float[] bias; // [outputs]
  private final MatrixKernels matrices = Kernels.active().matrices();

  PreparedLinear(Linear linear) {
    Map<String, Tensor> weights = linear.state();
    this.weight = PreparedCell.packed(matrices, weights.get("weight"));
    this.bias = weights.get("bias").toFloats();
  }

  int inputs() {
    return weight.k();
  }

  int outputs() {
    return bias.length;
  }

  /// `y = x W' + b` of the first rows.
  void apply(float[] x, float[] y, int rows) {
    int n = bias.length;
    matrices.multiply(x, 0, weight.k(), weight, 0, weight.panels(), y, 0, n, rows, false);
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < n; j++) {
        y[row * n + j] += bias[j];
      }
    }
  }
}
