package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.FusedLayerNorm;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;

/// Brings every vector along the last axis to mean 0 and variance 1, then to a learned gain and bias (Ba, Kiros and
/// Hinton 2016): `(x - mean) / sqrt(variance + 1e-5) * weight + bias`, as PyTorch's `LayerNorm`; also with
/// another epsilon, or without gain and bias.
public final class LayerNorm extends Block implements Layer {
  private final int size;
  private final double epsilon;
  private final Param weight; // [size], or null
  private final Param bias; // [size], or null

  /// Gain 1 and bias 0.
  ///
  /// @throws IllegalArgumentException if the size is less than 1
  public LayerNorm(int size) {
    this(size, 1e-5);
  }

  /// The same with another epsilon.
  ///
  /// @throws IllegalArgumentException if the size is less than 1, or epsilon is not positive
  public LayerNorm(int size, double epsilon) {
    this(size, epsilon, true);
  }

  private LayerNorm(int size, double epsilon, boolean weights) {
    if (size < 1) {
      throw new IllegalArgumentException("layer norm: a vector must have at least 1 element, not " + size);
    }
    if (!(epsilon > 0)) {
      throw new IllegalArgumentException("layer norm: epsilon must be positive, not " + epsilon);
    }
    this.size = size;
    this.epsilon = epsilon;
    this.weight = weights ? parameter("weight", Tensor.ones(DType.FLOAT32, size)) : null;
    this.bias = weights ? parameter("bias", Tensor.zeros(DType.FLOAT32, size)) : null;
  }

  /// Mean 0 and variance 1 alone, as with `elementwise_affine=False`.
  public static LayerNorm withoutWeights(int size, double epsilon) {
    return new LayerNorm(size, epsilon, false);
  }

  /// What is added to the variance.
  public double epsilon() {
    return epsilon;
  }

  /// `[.., size]` to `[.., size]`.
  ///
  /// @throws dev.rewind.tensor.ShapeException if the last axis has another size
  /// @throws dev.rewind.tensor.DTypeException if the dtype is not that of the gain on the tape
  @Override
  public Variable forward(Variable x) {
    if (weight == null) {
      Inputs.require("layer norm", x, size, x.dtype());
      return Shapes.note(this, normalised(x));
    }
    Tape tape = x.tape();
    Variable gain = tape.watch(weight);
    Inputs.require("layer norm", x, size, gain.dtype());
    Variable shift = tape.watch(bias);
    return Shapes.note(this, FusedLayerNorm.serves(x, gain)
        ? FusedLayerNorm.run(x, gain, shift, epsilon, () -> composite(x, gain, shift))
        : composite(x, gain, shift));
  }

  /// The definition.
  private Variable composite(Variable x, Variable gain, Variable shift) {
    return normalised(x).times(gain).plus(shift);
  }

  private Variable normalised(Variable x) {
    Variable deviation = x.minus(x.meanKeepDims(-1));
    return deviation.divide(deviation.square().meanKeepDims(-1).plus(epsilon).sqrt());
  }
}
