package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.LayerNorm;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// The LSTM with layer normalisation (Ba, Kiros and Hinton 2016, equations 20 to 22), LN for [LayerNorm]:
///
/// ```
/// [i f g o] = LN(x weight_ih') + LN(h weight_hh') + bias
/// c = sigmoid(f) * c + sigmoid(i) * tanh(g)
/// h = sigmoid(o) * tanh(LN(c))
/// ```
public final class LayerNormLstmCell extends RecurrentCell<LstmState> {
  private final Param inputWeight; // [4 * hidden, inputs]
  private final Param hiddenWeight; // [4 * hidden, hidden]
  private final Param bias; // [4 * hidden]
  private final LayerNorm inputNorm;
  private final LayerNorm hiddenNorm;
  private final LayerNorm memoryNorm;

  /// Weights uniform within `1 / sqrt(hidden)`, biases 0.
  public LayerNormLstmCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden, LstmState::zeros);
    double limit = 1 / Math.sqrt(hidden);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, 4 * hidden, inputSize));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, 4 * hidden, hidden));
    this.bias = parameter("bias", Tensor.zeros(DType.FLOAT32, 4 * hidden));
    this.inputNorm = child("norm_ih", new LayerNorm(4 * hidden));
    this.hiddenNorm = child("norm_hh", new LayerNorm(4 * hidden));
    this.memoryNorm = child("norm_c", new LayerNorm(hidden));
  }

  @Override
  public Variable prepare(Variable input) {
    return inputNorm.forward(linear(input, inputWeight)).plus(input.tape().watch(bias));
  }

  @Override
  public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
    Variable recurrent = hiddenNorm.forward(linear(state.h(), hiddenWeight));
    List<Variable> blocks = requirePrepared(prepared, 4 * outputSize()).plus(recurrent).split(1, 4);
    Variable i = blocks.get(0).sigmoid().named("i");
    Variable f = blocks.get(1).sigmoid().named("f");
    Variable g = blocks.get(2).tanh().named("g");
    Variable o = blocks.get(3).sigmoid().named("o");
    Variable c = f.times(state.c()).plus(i.times(g)).named("c");
    Variable h = o.times(memoryNorm.forward(c).tanh()).named("h");
    return new Step<>(h, new LstmState(h, c));
  }
}
