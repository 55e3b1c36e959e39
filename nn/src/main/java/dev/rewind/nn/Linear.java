package dev.rewind.nn;

import dev.rewind.autograd.Parameter;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;

/// `y = x W' + b`, with the weight stored as `[outputs, inputs]`.
public final class Linear extends Module implements Layer {
  private final Parameter weight; // [outputs, inputs]
  private final Parameter bias; // [outputs]

  /// Weights and biases uniform within `1 / sqrt(inputs)`, as PyTorch draws them.
  public Linear(int inputs, int outputs, Rng rng) {
    double limit = 1 / Math.sqrt(inputs);
    this.weight = parameter("weight", Init.uniform(rng.split("weight"), limit, outputs, inputs));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, outputs));
  }

  private Linear(Parameter shared) {
    this.weight = parameter("weight", shared);
    this.bias = parameter("bias", Tensor.zeros(shared.dtype(), shared.value().size(0)));
  }

  /// The way back from vectors to symbols by the table of an embedding, which both then learn (Press and Wolf 2017): `[..,
  /// size]` to `[.., symbols]`. The bias is its own and begins at zero.
  public static Linear tiedTo(Embedding embedding) {
    return new Linear(embedding.weight());
  }

  /// `[.., inputs]` to `[.., outputs]`.
  @Override
  public Variable forward(Variable x) {
    Tape tape = x.tape();
    return x.matmul(tape.watch(weight).transpose()).plus(tape.watch(bias));
  }
}
