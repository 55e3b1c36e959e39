package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.FusedLayerNorm;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;

/// Brings every vector along the last axis to mean 0 and variance 1, then to a learned gain and bias (Ba, Kiros and
/// Hinton 2016): `(x - mean) / sqrt(variance + 1e-5) * weight + bias`, as PyTorch's `LayerNorm`.
public final class LayerNorm extends Block implements Layer {
  /// What is added to the variance.
  public static final double EPSILON = 1e-5;

  private final int size;
  private final Param weight; // [size]
  private final Param bias; // [size]

  /// Gain 1 and bias 0.
  ///
  /// @throws IllegalArgumentException if the size is less than 1
  public LayerNorm(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("layer norm: a vector must have at least 1 element, not " + size);
    }
    this.size = size;
    this.weight = parameter("weight", Tensor.ones(DType.FLOAT32, size));
    this.bias = parameter("bias", Tensor.zeros(DType.FLOAT32, size));
  }

  /// `[.., size]` to `[.., size]`.
  ///
  /// @throws dev.rewind.tensor.ShapeException if the last axis has another size
  /// @throws dev.rewind.tensor.DTypeException if the dtype is not that of the gain on the tape
  @Override
  public Variable forward(Variable x) {
    Tape tape = x.tape();
    Variable gain = tape.watch(weight);
    Inputs.require("layer norm", x, size, gain.dtype());
    Variable shift = tape.watch(bias);
    return Shapes.note(this, FusedLayerNorm.serves(x, gain)
        ? FusedLayerNorm.run(x, gain, shift, EPSILON, () -> composite(x, gain, shift))
        : composite(x, gain, shift));
  }

  /// The definition.
  private static Variable composite(Variable x, Variable gain, Variable shift) {
    Variable deviation = x.minus(x.meanKeepDims(-1));
    Variable scale = deviation.square().meanKeepDims(-1).plus(EPSILON).sqrt();
    return deviation.divide(scale).times(gain).plus(shift);
  }
}
