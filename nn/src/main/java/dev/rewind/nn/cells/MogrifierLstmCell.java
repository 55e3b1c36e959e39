package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.Gates;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.ArrayList;
import java.util.List;

/// An LSTM whose input and state scale each other before it reads them, in turns (Melis, Kocisky and Blunsom 2020),
/// with `M1, M2, ..` the matrices `mogrify_1`, `mogrify_2`, ..:
///
/// ```
/// x = 2 sigmoid(h M1') * x     h = 2 sigmoid(x M2') * h     x = 2 sigmoid(h M3') * x     ..
/// [i f g o] = x weight_ih' + bias + h weight_hh'
/// c = sigmoid(f) * c + sigmoid(i) * tanh(g)     h = sigmoid(o) * tanh(c)
/// ```
public final class MogrifierLstmCell extends RecurrentCell<LstmState> {
  private final Gates gates;
  private final List<Param> rounds = new ArrayList<>(); // [F, H], [H, F], [F, H], ..

  /// With 5 rounds, as the paper has it for words.
  public MogrifierLstmCell(int inputSize, int hidden, Rng rng) {
    this(inputSize, hidden, 5, rng);
  }

  /// With that many rounds, all weights uniform within `1 / sqrt(hidden)`.
  ///
  /// @throws IllegalArgumentException if there is none
  public MogrifierLstmCell(int inputSize, int hidden, int rounds, Rng rng) {
    super(inputSize, hidden, LstmState::zeros);
    gates = gates(4, hidden, rng);
    for (int k = 1; k <= requireSome("rounds", rounds); k++) {
      String name = "mogrify_" + k;
      int rows = k % 2 == 1 ? inputSize : hidden;
      this.rounds.add(parameter(name,
          Init.uniform(rng.split(name), 1 / Math.sqrt(hidden), rows, inputSize + hidden - rows)));
    }
  }

  @Override
  public Step<LstmState> stepPrepared(Variable input, LstmState state) {
    Variable x = requirePrepared(input, inputSize()); // [B, F]
    Variable h = state.h(); // [B, H]
    for (int k = 0; k < rounds.size(); k++) {
      if (k % 2 == 0) {
        x = linear(h, rounds.get(k)).sigmoid().times(x).times(2);
      } else {
        h = linear(x, rounds.get(k)).sigmoid().times(h).times(2);
      }
    }
    List<Variable> sums = gates.blocks(gates.prepare(x), h); // 4 x [B, H]
    Variable i = sums.get(0).sigmoid().named("i");
    Variable f = sums.get(1).sigmoid().named("f");
    Variable g = sums.get(2).tanh().named("g");
    Variable o = sums.get(3).sigmoid().named("o");
    Variable c = f.times(state.c()).plus(i.times(g)).named("c");
    Variable next = o.times(c.tanh()).named("h");
    return new Step<>(next, new LstmState(next, c));
  }
}
