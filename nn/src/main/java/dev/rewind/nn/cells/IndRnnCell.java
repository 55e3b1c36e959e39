package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;

/// The independently recurrent network (Li et al. 2018), each of whose units sees of the state itself alone; what units
/// have to do with each other is left to the layer above. With relu and a weight near 1 it keeps what it read over
/// thousands of steps.
///
/// ```
/// h = relu(x weight_ih' + bias + weight_hh * h)
/// ```
public final class IndRnnCell extends RecurrentCell<HiddenState> {
  private final RnnCell.Nonlinearity nonlinearity;
  private final Param inputWeight; // [H, F]
  private final Param hiddenWeight; // [H]
  private final Param bias; // [H]

  /// With relu. `weight_ih` and the bias are uniform within `1 / sqrt(inputs)`, `weight_hh` in `[0, 1)`.
  public IndRnnCell(int inputSize, int hidden, Rng rng) {
    this(inputSize, hidden, RnnCell.Nonlinearity.RELU, rng);
  }

  /// The same with a nonlinearity of choice.
  public IndRnnCell(int inputSize, int hidden, RnnCell.Nonlinearity nonlinearity, Rng rng) {
    super(inputSize, hidden, HiddenState::zeros);
    double limit = 1 / Math.sqrt(inputSize);
    this.nonlinearity = nonlinearity;
    inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, hidden, inputSize));
    hiddenWeight = parameter("weight_hh", Tensor.uniform(rng.split("weight_hh"), DType.FLOAT32, 0, 1, hidden));
    bias = parameter("bias", Init.uniform(rng.split("bias"), limit, hidden));
  }

  @Override
  public Variable prepare(Variable input) {
    return linear(input, inputWeight, bias);
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    Variable kept = state.h().times(prepared.tape().watch(hiddenWeight));
    Variable sums = requirePrepared(prepared, outputSize()).plus(kept); // [B, H]
    Variable h = (nonlinearity == RnnCell.Nonlinearity.TANH ? sums.tanh() : sums.relu()).named("h");
    return new Step<>(h, new HiddenState(h));
  }
}
