package dev.rewind.nn.rnn;

import dev.rewind.autograd.Parameter;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Module;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;

/// A cell of one's own, as an example of how little it takes: an Elman network whose new state is a learned mixture of three
/// candidates, the same sums passed through different functions, and of the state before. With shares `p = softmax(mixture)`:
///
/// ```
/// z = x weight_ih' + bias + h weight_hh'
/// h = p[0] * tanh(z) + p[1] * sigmoid(z) + p[2] * relu(z) / (1 + relu(z)) + p[3] * h
/// ```
public final class MixtureCell extends Module implements Cell<HiddenState> {
  private final int inputSize;
  private final int hidden;
  private final Parameter inputWeight; // [hidden, inputs]
  private final Parameter hiddenWeight; // [hidden, hidden]
  private final Parameter bias; // [hidden]
  private final Parameter mixture; // [4], logits of the shares

  /// Weights and biases uniform within `1 / sqrt(hidden)`, equal shares.
  public MixtureCell(int inputSize, int hidden, Rng rng) {
    this.inputSize = inputSize;
    this.hidden = hidden;
    double limit = 1 / Math.sqrt(hidden);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, hidden, inputSize));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, hidden, hidden));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, hidden));
    this.mixture = parameter("mixture", Tensor.zeros(DType.FLOAT32, 4));
  }

  @Override
  public int inputSize() {
    return inputSize;
  }

  @Override
  public int outputSize() {
    return hidden;
  }

  @Override
  public Variable prepare(Variable input) {
    return input.matmul(input.tape().watch(inputWeight).transpose()).plus(input.tape().watch(bias));
  }

  @Override
  public HiddenState initialState(Tape tape, int batch) {
    return new HiddenState(tape.constant(Tensor.zeros(tape.dtype(bias.dtype()), batch, hidden)));
  }

  @Override
  public Step<HiddenState> step(Variable prepared, HiddenState state) {
    Tape tape = prepared.tape();
    Variable shares = tape.once(mixture, () -> tape.watch(mixture).softmax(0));
    Variable z = prepared.plus(state.h().matmul(tape.watch(hiddenWeight).transpose()));
    Variable bounded = z.relu().divide(z.relu().plus(1));
    Variable h = z.tanh().times(shares.select(0, 0)).plus(z.sigmoid().times(shares.select(0, 1)))
        .plus(bounded.times(shares.select(0, 2))).plus(state.h().times(shares.select(0, 3))).labelled("h");
    return new Step<>(h, new HiddenState(h));
  }
}
