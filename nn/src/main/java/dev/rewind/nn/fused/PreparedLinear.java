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
    this(weights.get("weight"), weights.get("bias"));
  }

  /// @param bias null if there is none
  PreparedLinear(Tensor matrix, Tensor bias) {
    this.inputs = matrix.size(1);
    this.outputs = matrix.size(0);
    this.weight = PackedMatrix.of(matrix.transpose());
    this.bias = bias == null ? new float[0] : bias.toFloats();
  }

  public int inputs() {
    return inputs;
  }

  public int outputs() {
    return outputs;
  }

  /// `y = x W' + b`, or without `b`, of the first rows.
  public void apply(float[] x, float[] y, int rows) {
    apply(x, y, outputs, rows);
  }

  /// The same with rows of `y` that are `stride` apart.
  void apply(float[] x, float[] y, int stride, int rows) {
    RawAccess.multiply(rows, x, 0, inputs, weight, y, 0, stride, false);
    for (int row = 0; row < rows; row++) {
      Floats.plus(y, row * stride, bias, 0, y, row * stride, bias.length);
    }
  }
}
