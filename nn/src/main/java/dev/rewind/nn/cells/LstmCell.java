package dev.rewind.nn.cells;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.FusedKind;
import dev.rewind.nn.rnn.Gates;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// Long short-term memory (Hochreiter and Schmidhuber 1997) with a forget gate (Gers et al. 2000). With blocks in
/// PyTorch's order, i, f, g, o:
///
/// ```
/// [i f g o] = x weight_ih' + bias + h weight_hh'
/// c = sigmoid(f) * c + sigmoid(i) * tanh(g)
/// h = sigmoid(o) * tanh(c)
/// ```
public final class LstmCell extends FusedCell<LstmState> {
  private final Gates gates; // of 4 blocks

  /// Weights and biases uniform within `1 / sqrt(hidden)`; PyTorch draws the
  /// weights alike, but two biases, so that the sum of two such draws is added.
  public LstmCell(int inputSize, int hidden, Rng rng) {
    this(inputSize, hidden, 0, rng);
  }

  /// The same with `forgetBias` added to the biases of the forget gate; 1 makes the cell remember from the start (Gers
  /// et al. 2000; Jozefowicz et al. 2015), which helps where what matters is long ago.
  public LstmCell(int inputSize, int hidden, double forgetBias, Rng rng) {
    super(FusedKind.LSTM, inputSize, hidden, LstmState::zeros);
    this.gates = gates(4, hidden, rng);
    Tensor biases = gates.parameters().getLast().value();
    biases.slice(0, hidden, 2 * hidden).plusInPlace(Tensor.scalar((float) forgetBias));
  }

  @Override
  public Variable prepare(Variable input) {
    return gates.prepare(input);
  }

  @Override
  public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
    List<Variable> blocks = gates.blocks(prepared, state.h()); // 4 x [batch, hidden]
    Variable i = blocks.get(0).sigmoid().named("i");
    Variable f = blocks.get(1).sigmoid().named("f");
    Variable g = blocks.get(2).tanh().named("g");
    Variable o = blocks.get(3).sigmoid().named("o");
    Variable c = f.times(state.c()).plus(i.times(g)).named("c");
    Variable h = o.times(c.tanh()).named("h");
    return new Step<>(h, new LstmState(h, c));
  }
}
