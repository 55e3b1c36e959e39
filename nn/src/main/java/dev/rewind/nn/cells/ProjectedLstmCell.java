package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.Gates;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The LSTM whose output is projected to fewer units than its memory has (Sak et al. 2014), so that memory and
/// recurrent product can be sized apart; PyTorch's `proj_size`. With blocks in the order i, f, g, o:
///
/// ```
/// [i f g o] = x weight_ih' + bias + h weight_hh'
/// c = sigmoid(f) * c + sigmoid(i) * tanh(g)
/// h = (sigmoid(o) * tanh(c)) weight_hr'
/// ```
///
/// In its state `h` is `[batch, outputs]` and `c` is `[batch, memory]`.
public final class ProjectedLstmCell extends RecurrentCell<LstmState> {
  private final Gates gates;
  private final Param projection; // [outputs, memory]

  /// `memory` units, projected to `outputSize`. Weights and biases uniform within `1 / sqrt(memory)`; PyTorch draws the
  /// weights alike, but two biases, so that the sum of two such draws is added.
  public ProjectedLstmCell(int inputSize, int memory, int outputSize, Rng rng) {
    super(inputSize, outputSize,
        (tape, batch, size) -> new LstmState(State.zeros(tape, batch, size), State.zeros(tape, batch, memory)));
    requireSome("memory units", memory);
    double limit = 1 / Math.sqrt(memory);
    this.gates = gates(4, memory, rng);
    this.projection = parameter("weight_hr", Init.uniform(rng.split("weight_hr"), limit, outputSize, memory));
  }

  @Override
  public Variable prepare(Variable input) {
    return gates.prepare(input);
  }

  @Override
  public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
    List<Variable> blocks = gates.blocks(prepared, state.h()); // 4 x [batch, memory]
    Variable i = blocks.get(0).sigmoid().named("i");
    Variable f = blocks.get(1).sigmoid().named("f");
    Variable g = blocks.get(2).tanh().named("g");
    Variable o = blocks.get(3).sigmoid().named("o");
    Variable c = f.times(state.c()).plus(i.times(g)).named("c");
    Variable h = linear(o.times(c.tanh()), projection).named("h"); // [batch, outputs]
    return new Step<>(h, new LstmState(h, c));
  }
}
