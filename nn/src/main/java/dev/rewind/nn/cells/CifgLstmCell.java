package dev.rewind.nn.cells;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.Gates;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
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
public final class CifgLstmCell extends RecurrentCell<LstmState> {
  private final Gates gates;

  /// Weights and biases uniform within `1 / sqrt(hidden)`.
  public CifgLstmCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden, LstmState::zeros);
    this.gates = gates(3, hidden, rng);
  }

  @Override
  public Variable prepare(Variable input) {
    return gates.prepare(input);
  }

  @Override
  public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
    List<Variable> blocks = gates.blocks(prepared, state.h()); // 3 x [batch, hidden]
    Variable i = blocks.get(0).sigmoid().named("i");
    Variable g = blocks.get(1).tanh().named("g");
    Variable o = blocks.get(2).sigmoid().named("o");
    Variable c = state.c().plus(i.times(g.minus(state.c()))).named("c"); // (1 - i) * c + i * g
    Variable h = o.times(c.tanh()).named("h");
    return new Step<>(h, new LstmState(h, c));
  }
}
