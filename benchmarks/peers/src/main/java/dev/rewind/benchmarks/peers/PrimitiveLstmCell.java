package dev.rewind.benchmarks.peers;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.List;

/// An LSTM as somebody writes it who has a cell of their own in mind: primitive operations, nothing fused.
final class PrimitiveLstmCell extends RecurrentCell<LstmState> {
  private final Param inputWeight; // [4 * hidden, inputs]
  private final Param hiddenWeight; // [4 * hidden, hidden]
  private final Param bias; // [4 * hidden]

  PrimitiveLstmCell(int inputs, int hidden, Rng rng) {
    super(inputs, hidden, LstmState::zeros);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), 0.1, 4 * hidden, inputs));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), 0.1, 4 * hidden, hidden));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), 0.1, 4 * hidden));
  }

  @Override
  public Variable prepare(Variable input) {
    Tape tape = input.tape();
    return input.linear(tape.watch(inputWeight), tape.watch(bias));
  }

  @Override
  public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
    Variable recurrent = prepared.tape().watch(hiddenWeight); // [4 * hidden, hidden]
    List<Variable> gates = prepared.plus(state.h().linear(recurrent)).split(1, 4); // 4 x [batch, hidden]
    Variable i = gates.get(0).sigmoid();
    Variable f = gates.get(1).sigmoid();
    Variable g = gates.get(2).tanh();
    Variable o = gates.get(3).sigmoid();
    Variable c = f.times(state.c()).plus(i.times(g));
    Variable h = o.times(c.tanh());
    return new Step<>(h, new LstmState(h, c));
  }
}
