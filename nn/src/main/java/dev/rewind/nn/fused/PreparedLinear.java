package dev.rewind.nn.fused;

import dev.rewind.tensor.PackedMatrix;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import java.util.Map;

/// A projection as it was when it was made ready, on arrays: bit for bit [dev.rewind.nn.Linear#forward]. Immutable.
public final class PreparedLinear {
  private final int inputs;
  private final int outputs;
  private final PackedMatrix weight; // [inputs, outputs]
  private final float[] bias; // [outputs], or of no elements

  /// @param weights of the projection, by name
  public PreparedLinear(Map<String, Tensor> weights) {
    Tensor matrix = weights.get("weight");
    this.inputs = matrix.size(1);
    this.outputs = matrix.size(0);
    this.weight = PackedMatrix.of(matrix.transpose());
    this.bias = weights.containsKey("bias") ? weights.get("bias").toFloats() : new float[0];
  }

  public int inputs() {
    return inputs;
  }

  public int outputs() {
    return outputs;
  }

  /// `y = x W' + b`, or without `b`, of the first rows.
  public void apply(float[] x, float[] y, int rows) {
    RawAccess.multiply(rows, x, 0, inputs, weight, y, 0, outputs, false);
    for (int row = 0; row < rows; row++) {
      for (int j = 0; j < bias.length; j++) {
        y[row * outputs + j] += bias[j];
      }
    }
  }
}
