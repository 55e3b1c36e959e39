package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Map;

/// [Linear] whose weight is learned as the length and the direction of each row (Salimans and Kingma 2016): `y = x W' +
/// b` with `W = weight_g * weight_v / ||weight_v||`. Names and shapes are those of PyTorch's `weight_norm`.
public final class WeightNormLinear extends Block implements Layer {
  private final Param bias; // [outputs]
  private final Param length; // [outputs, 1]
  private final Param direction; // [outputs, inputs]

  /// Weights that are at first those of [Linear#Linear(int, int, Rng)].
  ///
  /// @throws IllegalArgumentException if one of the sizes is less than 1
  public WeightNormLinear(int inputs, int outputs, Rng rng) {
    Map<String, Tensor> plain = new Linear(inputs, outputs, rng).state();
    this.bias = parameter("bias", plain.get("bias"));
    this.length = parameter("weight_g", plain.get("weight").normKeepDims(1));
    this.direction = parameter("weight_v", plain.get("weight"));
  }

  /// `[.., inputs]` to `[.., outputs]`.
  ///
  /// @throws dev.rewind.tensor.ShapeException if the last axis has another size
  /// @throws dev.rewind.tensor.DTypeException if the dtype is not that of the weights on the tape
  @Override
  public Variable forward(Variable x) {
    Tape tape = x.tape();
    Variable rows = tape.watch(direction);
    Inputs.require("weight norm", x, rows.size(1), rows.dtype());
    Variable weight = rows.divide(rows.normKeepDims(1)).times(tape.watch(length));
    return Shapes.note(this, x.linear(weight, tape.watch(bias)));
  }
}
