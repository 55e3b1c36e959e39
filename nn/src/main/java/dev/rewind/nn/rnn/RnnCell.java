package dev.rewind.nn.rnn;

import dev.rewind.autograd.Parameter;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Module;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;

/// The simple recurrent network (Elman 1990): `h = tanh(x weight_ih' + bias + h weight_hh')`.
public final class RnnCell extends Module implements Cell<HiddenState> {
  private final int inputSize;
  private final int hidden;
  private final Parameter inputWeight; // [hidden, inputs]
  private final Parameter hiddenWeight; // [hidden, hidden]
  private final Parameter bias; // [hidden]

  /// Weights and bias uniform within `1 / sqrt(hidden)`, as PyTorch draws them.
  public RnnCell(int inputSize, int hidden, Rng rng) {
    this.inputSize = inputSize;
    this.hidden = hidden;
    double limit = 1 / Math.sqrt(hidden);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, hidden, inputSize));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, hidden, hidden));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, hidden));
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
    Tape tape = input.tape();
    return input.matmul(tape.watch(inputWeight).transpose()).plus(tape.watch(bias));
  }

  @Override
  public HiddenState initialState(Tape tape, int batch) {
    return new HiddenState(tape.constant(Tensor.zeros(tape.dtype(bias.dtype()), batch, hidden)));
  }

  @Override
  public Step<HiddenState> step(Variable prepared, HiddenState state) {
    Variable recurrent = state.h().matmul(recurrentWeight(prepared.tape()));
    Variable h = prepared.plus(recurrent).tanh().labelled("h");
    return new Step<>(h, new HiddenState(h));
  }

  /// The recurrent weight as `[hidden, hidden]`, brought into that order once for all steps.
  private Variable recurrentWeight(Tape tape) {
    return tape.once(hiddenWeight, () -> tape.watch(hiddenWeight).transpose().contiguous());
  }
}
