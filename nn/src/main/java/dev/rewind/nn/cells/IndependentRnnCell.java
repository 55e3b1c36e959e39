package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;

/// The independently recurrent network (Li et al. 2018), each of whose units sees of the state before only its own:
/// `h = relu(x input.weight' + input.bias + weight_hh * h)`.
public final class IndependentRnnCell extends RecurrentCell<HiddenState> {
  private final Linear input; // [hidden, inputs]
  private final Param hiddenWeight; // [hidden]

  /// Weights and biases of the input uniform within `1 / sqrt(inputs)`, those of the state within 1.
  public IndependentRnnCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden, HiddenState::zeros);
    this.input = child("input", new Linear(inputSize, hidden, rng.split("input")));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), 1, hidden));
  }

  @Override
  public Variable prepare(Variable x) {
    return input.forward(x);
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    Variable recurrent = state.h().times(prepared.tape().watch(hiddenWeight));
    Variable h = requirePrepared(prepared, outputSize()).plus(recurrent).relu().named("h");
    return new Step<>(h, new HiddenState(h));
  }
}
