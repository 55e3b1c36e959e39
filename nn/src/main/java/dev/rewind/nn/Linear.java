package dev.rewind.nn;

import dev.rewind.autograd.Parameter;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;

/// `y = x W' + b`, or without `b`, with the weight stored as `[outputs, inputs]`.
public final class Linear extends Module implements Layer {
  private final Parameter weight; // [outputs, inputs]
  private final Parameter bias; // [outputs], or null

  /// Weights and biases uniform within `1 / sqrt(inputs)`, as PyTorch draws them.
  public Linear(int inputs, int outputs, Rng rng) {
    this(drawn(rng.split("weight"), inputs, outputs, inputs), drawn(rng.split("bias"), inputs, outputs));
  }

  private Linear(Tensor weight, Tensor bias) {
    this.weight = parameter("weight", weight);
    this.bias = bias == null ? null : parameter("bias", bias);
  }

  private Linear(Parameter shared) {
    this.weight = parameter("weight", shared);
    this.bias = parameter("bias", Tensor.zeros(shared.dtype(), shared.value().size(0)));
  }

  /// The product alone, `y = x W'`, with the weights that [#Linear(int, int, Rng)] draws.
  public static Linear withoutBias(int inputs, int outputs, Rng rng) {
    return new Linear(drawn(rng.split("weight"), inputs, outputs, inputs), null);
  }

  private static Tensor drawn(Rng rng, int inputs, int... sizes) {
    return Init.uniform(rng, 1 / Math.sqrt(inputs), sizes);
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
    Variable y = x.matmul(tape.watch(weight).transpose());
    return bias == null ? y : y.plus(tape.watch(bias));
  }
}
