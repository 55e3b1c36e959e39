package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
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
public final class LstmCell extends MemoryCell {
  private final Param inputWeight; // [4 * hidden, inputs]
  private final Param hiddenWeight; // [4 * hidden, hidden]
  private final Param bias; // [4 * hidden]

  /// Weights and biases uniform within `1 / sqrt(hidden)`; PyTorch draws the
  /// weights alike, but two biases, so that what is added is the sum of two such draws.
  public LstmCell(int inputSize, int hidden, Rng rng) {
    this(inputSize, hidden, 0, rng);
  }

  /// The same with `forgetBias` added to the biases of the forget gate; 1 makes the cell remember from the start (Gers
  /// et al. 2000; Jozefowicz et al. 2015), which helps where what matters is long ago.
  public LstmCell(int inputSize, int hidden, double forgetBias, Rng rng) {
    super(inputSize, hidden);
    double limit = 1 / Math.sqrt(hidden);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, 4 * hidden, inputSize));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, 4 * hidden, hidden));
    Tensor biases = Init.uniform(rng.split("bias"), limit, 4 * hidden);
    biases.slice(0, hidden, 2 * hidden).plusInPlace(Tensor.scalar((float) forgetBias));
    this.bias = parameter("bias", biases);
  }

  @Override
  public Variable prepare(Variable input) {
    return linear(input, inputWeight, bias);
  }

  /// One fused operation where it serves: in FLOAT32, without an observer of the gates.
  @Override
  public Scanned<LstmState> scan(Variable inputs, LstmState state, Lengths lengths) {
    if (!FusedLayer.serves(inputs, state, lengths)) {
      return super.scan(inputs, state, lengths);
    }
    Tape tape = inputs.tape();
    List<Variable> weights = List.of(tape.watch(inputWeight), tape.watch(hiddenWeight), tape.watch(bias));
    return FusedLayer.run(
        this, FusedKind.LSTM, inputs, weights, state, lengths, () -> super.scan(inputs, state, lengths));
  }

  /// The table is multiplied with the input weight if that is less work than doing so with every vector.
  @Override
  public Scanned<LstmState> scanSymbols(Variable table, Tensor ids, LstmState state, Lengths lengths) {
    if (!FusedLayer.serves(table, ids, state, lengths)) {
      return super.scanSymbols(table, ids, state, lengths);
    }
    Variable prepared = prepare(table); // [symbols, 4 * hidden]
    return FusedLayer.run(this, FusedKind.LSTM, prepared, ids, List.of(table.tape().watch(hiddenWeight)), state,
        lengths, symbols -> Recurrence.byStepOfPrepared(this, prepared.gather(symbols, 0), state, lengths));
  }

  @Override
  public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
    Variable gates = requirePrepared(prepared, 4 * outputSize()).plus(linear(state.h(), hiddenWeight));
    List<Variable> blocks = gates.split(1, 4); // 4 x [batch, hidden]
    Variable i = blocks.get(0).sigmoid().named("i");
    Variable f = blocks.get(1).sigmoid().named("f");
    Variable g = blocks.get(2).tanh().named("g");
    Variable o = blocks.get(3).sigmoid().named("o");
    Variable c = f.times(state.c()).plus(i.times(g)).named("c");
    Variable h = o.times(c.tanh()).named("h");
    return new Step<>(h, new LstmState(h, c));
  }
}
