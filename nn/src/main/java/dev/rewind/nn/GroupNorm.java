package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;

/// Brings groups of neighbouring elements of a sequence's vectors to mean 0 and variance 1, over all of its steps, then
/// to a learned gain and bias (Wu and He 2018): `(x - mean) / sqrt(variance + 1e-5) * weight + bias`, as PyTorch's
/// `GroupNorm`, which has time last. Padding counts as steps.
public final class GroupNorm extends Block implements Layer {
  private static final double EPSILON = 1e-5;

  private final int groups;
  private final int size;
  private final Param weight; // [size]
  private final Param bias; // [size]

  /// Gain 1 and bias 0.
  ///
  /// @param groups a divisor of the size
  /// @throws IllegalArgumentException if it is not
  public GroupNorm(int groups, int size) {
    if (groups < 1 || size < 1 || size % groups != 0) {
      throw new IllegalArgumentException(
          "group norm: vectors of " + size + " do not fall into " + groups + " groups of equal size");
    }
    this.groups = groups;
    this.size = size;
    this.weight = parameter("weight", Tensor.ones(DType.FLOAT32, size));
    this.bias = parameter("bias", Tensor.zeros(DType.FLOAT32, size));
  }

  /// `[B, size]` or `[B, T, size]` to the same shape.
  ///
  /// @throws ShapeException if the input has another shape
  /// @throws dev.rewind.tensor.DTypeException if the dtype is not that of the gain on the tape
  @Override
  public Variable forward(Variable x) {
    Variable gain = x.tape().watch(weight);
    if (x.rank() != 2 && x.rank() != 3) {
      throw new ShapeException(
          "group norm: wants [batch, " + size + "] or [batch, time, " + size + "], not " + x.shape());
    }
    Inputs.require("group norm", x, size, gain.dtype());
    Variable cut = x.reshape(x.size(0), x.rank() == 2 ? 1 : x.size(1), groups, size / groups);
    Variable deviation = cut.minus(cut.meanKeepDims(1, 3));
    Variable scale = deviation.square().meanKeepDims(1, 3).plus(EPSILON).sqrt();
    return Shapes.note(this, deviation.divide(scale).reshape(x.shape()).times(gain).plus(x.tape().watch(bias)));
  }
}
