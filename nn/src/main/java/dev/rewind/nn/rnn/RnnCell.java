package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// The simple recurrent network (Elman 1990): `h = tanh(x weight_ih' + bias + h weight_hh')`, or `relu` in place of
/// `tanh`.
public final class RnnCell extends HiddenCell {
  /// The function that the sums pass through.
  public enum Nonlinearity {
    /// The hyperbolic tangent.
    TANH,
    /// `max(x, 0)`, which neither bounds the state nor flattens its gradient.
    RELU
  }

  private final Nonlinearity nonlinearity;
  private final Param inputWeight; // [hidden, inputs]
  private final Param hiddenWeight; // [hidden, hidden]
  private final Param bias; // [hidden]

  /// With tanh. Weights and bias uniform within `1 / sqrt(hidden)`; PyTorch draws the
  /// weights alike, but two biases, so that what is added is the sum of two such draws.
  public RnnCell(int inputSize, int hidden, Rng rng) {
    this(inputSize, hidden, Nonlinearity.TANH, rng);
  }

  /// The same with a nonlinearity of choice.
  public RnnCell(int inputSize, int hidden, Nonlinearity nonlinearity, Rng rng) {
    super(inputSize, hidden);
    this.nonlinearity = nonlinearity;
    double limit = 1 / Math.sqrt(hidden);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, hidden, inputSize));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, hidden, hidden));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, hidden));
  }

  /// The function that the sums pass through.
  public Nonlinearity nonlinearity() {
    return nonlinearity;
  }

  @Override
  public Variable prepare(Variable input) {
    return linear(input, inputWeight, bias);
  }

  /// One fused operation where it serves: in FLOAT32, without an observer.
  @Override
  public Scanned<HiddenState> scan(Variable inputs, HiddenState state, Lengths lengths) {
    if (!FusedLayer.serves(inputs, state, lengths)) {
      return super.scan(inputs, state, lengths);
    }
    Tape tape = inputs.tape();
    List<Variable> weights = List.of(tape.watch(inputWeight), tape.watch(hiddenWeight), tape.watch(bias));
    FusedKind kind = FusedKind.of(nonlinearity);
    return FusedLayer.run(this, kind, inputs, weights, state, lengths, () -> super.scan(inputs, state, lengths));
  }

  /// The table is multiplied with the input weight if that is less work than doing so with every vector.
  @Override
  public Scanned<HiddenState> scanSymbols(Variable table, Tensor ids, HiddenState state, Lengths lengths) {
    if (!FusedLayer.serves(table, ids, state, lengths)) {
      return super.scanSymbols(table, ids, state, lengths);
    }
    Variable prepared = prepare(table); // [symbols, hidden]
    FusedKind kind = FusedKind.of(nonlinearity);
    return FusedLayer.run(this, kind, prepared, ids, List.of(table.tape().watch(hiddenWeight)), state, lengths,
        symbols -> Recurrence.byStepOfPrepared(this, prepared.gather(symbols, 0), state, lengths));
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    Variable sums = requirePrepared(prepared, outputSize()).plus(linear(state.h(), hiddenWeight));
    Variable h = (nonlinearity == Nonlinearity.TANH ? sums.tanh() : sums.relu()).named("h");
    return new Step<>(h, new HiddenState(h));
  }
}
