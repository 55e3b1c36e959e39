package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
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
public final class PeepholeLstmCell extends MemoryCell {
  private final Param inputWeight; // [4 * hidden, inputs]
  private final Param hiddenWeight; // [4 * hidden, hidden]
  private final Param bias; // [4 * hidden]
  private final Param peephole; // [3, hidden]: of i, f and o

  /// Weights and biases uniform within `1 / sqrt(hidden)`.
  public PeepholeLstmCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden);
    double limit = 1 / Math.sqrt(hidden);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, 4 * hidden, inputSize));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, 4 * hidden, hidden));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, 4 * hidden));
    this.peephole = parameter("peephole", Init.uniform(rng.split("peephole"), limit, 3, hidden));
  }

  @Override
  public Variable prepare(Variable input) {
    return linear(input, inputWeight, bias);
  }

  @Override
  public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
    Tape tape = prepared.tape();
    List<Variable> blocks = requirePrepared(prepared, 4 * outputSize()).plus(linear(state.h(), hiddenWeight)).split(1,
        4);
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
