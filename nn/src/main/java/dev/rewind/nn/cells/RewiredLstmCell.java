package dev.rewind.nn.cells;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.nn.rnn.Gates;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The rewired LSTM (Melis 2022): its forget gate sees what is about to be added instead of the input, its output gate
/// sees the memory alone, and what is added is capped so that no memory leaves `[-1, 1]`.
///
/// ```
/// [i j] = x weight_ih' + bias + h weight_hh'
/// u = sigmoid(i) * tanh(j)
/// f = sigmoid([u h] forget.weight' + forget.bias)
/// c = f * c + min(sigmoid(i), 1 - f) * tanh(j)
/// h = sigmoid(c output.weight' + output.bias) * tanh(c)
/// ```
public final class RewiredLstmCell extends RecurrentCell<LstmState> {
  private final Gates gates; // i and j
  private final Linear forget; // [H, 2H]
  private final Linear output; // [H, H]

  /// `weight_ih`, `weight_hh` and `bias` uniform within `1 / sqrt(hidden)`, the others as [Linear] draws them.
  public RewiredLstmCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden, LstmState::zeros);
    gates = gates(2, hidden, rng);
    forget = child("forget", new Linear(2 * hidden, hidden, rng.split("forget")));
    output = child("output", new Linear(hidden, hidden, rng.split("output")));
  }

  @Override
  public Variable prepare(Variable input) {
    return gates.prepare(input);
  }

  @Override
  public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
    List<Variable> sums = gates.blocks(prepared, state.h()); // 2 x [B, H]
    Variable i = sums.get(0).sigmoid().named("i");
    Variable j = sums.get(1).tanh().named("j");
    Variable f = forget.forward(Variable.concat(1, List.of(i.times(j), state.h()))).sigmoid().named("f");
    Variable c = f.times(state.c()).plus(i.minimum(f.negate().plus(1)).times(j)).named("c");
    Variable o = output.forward(c).sigmoid().named("o");
    Variable h = o.times(c.tanh()).named("h");
    return new Step<>(h, new LstmState(h, c));
  }
}
