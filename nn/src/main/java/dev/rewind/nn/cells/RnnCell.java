package dev.rewind.nn.cells;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.FusedKind;
import dev.rewind.nn.rnn.Gates;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;

/// The simple recurrent network (Elman 1990): `h = tanh(x weight_ih' + bias + h weight_hh')`, or `relu` in place of
/// `tanh`.
public final class RnnCell extends FusedCell<HiddenState> {
  /// The function that the sums pass through.
  public enum Nonlinearity {
    /// The hyperbolic tangent.
    TANH,
    /// `max(x, 0)`, which neither bounds the state nor flattens its gradient.
    RELU
  }

  private final Nonlinearity nonlinearity;
  private final Gates gates; // of 1 block

  /// With tanh. Weights and bias uniform within `1 / sqrt(hidden)`; PyTorch draws the
  /// weights alike, but two biases, so that the sum of two such draws is added.
  public RnnCell(int inputSize, int hidden, Rng rng) {
    this(inputSize, hidden, Nonlinearity.TANH, rng);
  }

  /// The same with a nonlinearity of choice.
  public RnnCell(int inputSize, int hidden, Nonlinearity nonlinearity, Rng rng) {
    super(nonlinearity == Nonlinearity.TANH ? FusedKind.TANH : FusedKind.RELU, inputSize, hidden, HiddenState::zeros);
    this.nonlinearity = nonlinearity;
    this.gates = gates(1, hidden, rng);
  }

  /// The function that the sums pass through.
  public Nonlinearity nonlinearity() {
    return nonlinearity;
  }

  @Override
  public Variable prepare(Variable input) {
    return gates.prepare(input);
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    Variable sums = gates.sums(prepared, state.h());
    Variable h = (nonlinearity == Nonlinearity.TANH ? sums.tanh() : sums.relu()).named("h");
    return new Step<>(h, new HiddenState(h));
  }
}
