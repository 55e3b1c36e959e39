package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;

/// Brings every vector along the last axis to a root mean square of 1, then to a learned gain (Zhang and Sennrich
/// 2019): `x / sqrt(mean(x^2) + epsilon) * weight`, as PyTorch's and Keras' layer of that name.
public final class RmsNorm extends Block implements Layer {
  private final double epsilon;
  private final Param weight; // [size]

  /// Gain 1, epsilon 1e-6.
  ///
  /// @throws IllegalArgumentException if the size is less than 1
  public RmsNorm(int size) {
    this(size, 1e-6);
  }

  /// Gain 1.
  ///
  /// @throws IllegalArgumentException if the size is less than 1, or epsilon is not positive
  public RmsNorm(int size, double epsilon) {
    if (size < 1 || !(epsilon > 0)) {
      throw new IllegalArgumentException(
          "rms norm: a vector must have at least 1 element, and epsilon be positive, not " + size + " and " + epsilon);
    }
    this.epsilon = epsilon;
    this.weight = parameter("weight", Tensor.ones(DType.FLOAT32, size));
  }

  /// `[.., size]` to `[.., size]`.
  ///
  /// @throws dev.rewind.tensor.ShapeException if the last axis has another size
  /// @throws dev.rewind.tensor.DTypeException if the dtype is not that of the gain on the tape
  @Override
  public Variable forward(Variable x) {
    Variable gain = x.tape().watch(weight);
    Inputs.require("rms norm", x, gain.size(0), gain.dtype());
    return Shapes.note(this, x.divide(x.square().meanKeepDims(-1).plus(epsilon).sqrt()).times(gain));
  }
}
