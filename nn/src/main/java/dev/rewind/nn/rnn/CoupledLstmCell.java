package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The LSTM that forgets as much as it takes in, with input and forget gate coupled (Greff et al. 2017, variant CIFG),
/// a quarter smaller. With blocks in the order i, g, o:
///
/// ```
/// [i g o] = x weight_ih' + bias + h weight_hh'
/// c = (1 - sigmoid(i)) * c + sigmoid(i) * tanh(g)
/// h = sigmoid(o) * tanh(c)
/// ```
public final class CoupledLstmCell extends MemoryCell {
  private final Param inputWeight; // [3 * hidden, inputs]
  private final Param hiddenWeight; // [3 * hidden, hidden]
  private final Param bias; // [3 * hidden]

  /// Weights and biases uniform within `1 / sqrt(hidden)`.
  public CoupledLstmCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden);
    double limit = 1 / Math.sqrt(hidden);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, 3 * hidden, inputSize));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, 3 * hidden, hidden));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, 3 * hidden));
  }

  @Override
  public Variable prepare(Variable input) {
    return linear(input, inputWeight, bias);
  }

  @Override
  public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
    Variable gates = requirePrepared(prepared, 3 * outputSize()).plus(linear(state.h(), hiddenWeight));
    List<Variable> blocks = gates.split(1, 3); // 3 x [batch, hidden]
    Variable i = blocks.get(0).sigmoid().named("i");
    Variable g = blocks.get(1).tanh().named("g");
    Variable o = blocks.get(2).sigmoid().named("o");
    Variable c = state.c().plus(i.times(g.minus(state.c()))).named("c"); // (1 - i) * c + i * g
    Variable h = o.times(c.tanh()).named("h");
    return new Step<>(h, new LstmState(h, c));
  }
}
