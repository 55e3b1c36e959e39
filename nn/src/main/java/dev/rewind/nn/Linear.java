package dev.rewind.nn;

import dev.rewind.autograd.Parameter;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;

/// `y = x W' + b`, with the weight stored as `[outputs, inputs]`.
public final class Linear extends Module {
  private final Parameter weight; // [outputs, inputs]
  private final Parameter bias; // [outputs]

  /// Weights and biases uniform within `1 / sqrt(inputs)`, as PyTorch draws them.
  public Linear(int inputs, int outputs, Rng rng) {
    double limit = 1 / Math.sqrt(inputs);
    this.weight = parameter("weight", Init.uniform(rng.split("weight"), limit, outputs, inputs));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, outputs));
  }

  /// `[.., inputs]` to `[.., outputs]`.
  public Variable forward(Variable x) {
    Tape tape = x.tape();
    return x.matmul(tape.watch(weight).transpose()).plus(tape.watch(bias));
  }
}
