package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.Gates;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The LSTM whose gates also see the memory (Gers and Schmidhuber 2000), with one peephole weight for each unit and
/// gate:
///
/// ```
/// [i f g o] = x weight_ih' + bias + h weight_hh'
/// c' = sigmoid(f + p_f * c) * c + sigmoid(i + p_i * c) * tanh(g)
/// h' = sigmoid(o + p_o * c') * tanh(c')
/// ```
public final class PeepholeLstmCell extends RecurrentCell<LstmState> {
  private final Gates gates;
  private final Param peephole; // [3, hidden]: of i, f and o

  /// Weights and biases uniform within `1 / sqrt(hidden)`.
  public PeepholeLstmCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden, LstmState::zeros);
    double limit = 1 / Math.sqrt(hidden);
    this.gates = gates(4, hidden, rng);
    this.peephole = parameter("peephole", Init.uniform(rng.split("peephole"), limit, 3, hidden));
  }

  @Override
  public Variable prepare(Variable input) {
    return gates.prepare(input);
  }

  @Override
  public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
    Tape tape = prepared.tape();
    List<Variable> blocks = gates.blocks(prepared, state.h()); // 4 x [batch, hidden]
    Variable peepholes = tape.watch(peephole);
    Variable i = blocks.get(0).plus(state.c().times(peepholes.select(0, 0))).sigmoid().named("i");
    Variable f = blocks.get(1).plus(state.c().times(peepholes.select(0, 1))).sigmoid().named("f");
    Variable g = blocks.get(2).tanh().named("g");
    Variable c = f.times(state.c()).plus(i.times(g)).named("c");
    Variable o = blocks.get(3).plus(c.times(peepholes.select(0, 2))).sigmoid().named("o");
    Variable h = o.times(c.tanh()).named("h");
    return new Step<>(h, new LstmState(h, c));
  }
}
