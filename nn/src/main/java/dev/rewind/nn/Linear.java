package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;

/// `y = x W' + b`, or without `b`, with the weight stored as `[outputs, inputs]`.
public final class Linear extends Block implements Layer {
  private final Param weight; // [outputs, inputs]
  private final Param bias; // [outputs], or null

  /// Weights and biases uniform within `1 / sqrt(inputs)`, as PyTorch draws them.
  ///
  /// @throws IllegalArgumentException if one of them is less than 1
  public Linear(int inputs, int outputs, Rng rng) {
    this(drawn(rng.split("weight"), inputs, outputs, inputs), drawn(rng.split("bias"), inputs, outputs));
  }

  private Linear(Tensor weight, Tensor bias) {
    this.weight = parameter("weight", weight);
    this.bias = bias == null ? null : parameter("bias", bias);
  }

  private Linear(Param shared) {
    this.weight = parameter("weight", shared);
    this.bias = parameter("bias", Tensor.zeros(shared.dtype(), shared.value().size(0)));
  }

  /// The product alone, `y = x W'`, with the weights that [#Linear(int, int, Rng)] draws.
  public static Linear withoutBias(int inputs, int outputs, Rng rng) {
    return new Linear(drawn(rng.split("weight"), inputs, outputs, inputs), null);
  }

  private static Tensor drawn(Rng rng, int inputs, int... sizes) {
    if (inputs < 1 || sizes[0] < 1) {
      throw new IllegalArgumentException(
          "linear: inputs and outputs must have at least 1 element, not " + inputs + " and " + sizes[0]);
    }
    return Init.uniform(rng, 1 / Math.sqrt(inputs), sizes);
  }

  /// From vectors to symbols by the table of an embedding, which both then learn (Press and Wolf 2017):
  /// `[.., size]` to `[.., symbols]`. The bias is its own and begins at zero.
  public static Linear tiedTo(Embedding embedding) {
    return new Linear(embedding.weight());
  }

  /// `[.., inputs]` to `[.., outputs]`.
  ///
  /// @throws dev.rewind.tensor.ShapeException if the last axis has another size
  /// @throws dev.rewind.tensor.DTypeException if the dtype is not that of the weights on the tape
  @Override
  public Variable forward(Variable x) {
    Tape tape = x.tape();
    Variable matrix = tape.watch(weight);
    Inputs.require("linear", x, matrix.size(1), matrix.dtype());
    return Shapes.note(this, bias == null ? x.linear(matrix) : x.linear(matrix, tape.watch(bias)));
  }
}
