package dev.rewind.nn.rnn;

import dev.rewind.autograd.Parameter;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Module;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// The simple recurrent network (Elman 1990): `h = tanh(x weight_ih' + bias + h weight_hh')`, or `relu` in place of `tanh`.
public final class RnnCell extends Module implements Cell<HiddenState> {
  /// The function that the sums pass through.
  public enum Nonlinearity {
    /// The hyperbolic tangent.
    TANH,
    /// `max(x, 0)`, which neither bounds the state nor flattens its gradient.
    RELU
  }

  private final int inputSize;
  private final int hidden;
  private final Nonlinearity nonlinearity;
  private final Parameter inputWeight; // [hidden, inputs]
  private final Parameter hiddenWeight; // [hidden, hidden]
  private final Parameter bias; // [hidden]

  /// With tanh. Weights and bias uniform within `1 / sqrt(hidden)`, as PyTorch draws them.
  public RnnCell(int inputSize, int hidden, Rng rng) {
    this(inputSize, hidden, Nonlinearity.TANH, rng);
  }

  /// The same with a nonlinearity of choice.
  public RnnCell(int inputSize, int hidden, Nonlinearity nonlinearity, Rng rng) {
    this.inputSize = inputSize;
    this.hidden = hidden;
    this.nonlinearity = nonlinearity;
    double limit = 1 / Math.sqrt(hidden);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, hidden, inputSize));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, hidden, hidden));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, hidden));
  }

  @Override
  public int inputSize() {
    return inputSize;
  }

  @Override
  public int outputSize() {
    return hidden;
  }

  /// The function that the sums pass through.
  public Nonlinearity nonlinearity() {
    return nonlinearity;
  }

  @Override
  public Variable prepare(Variable input) {
    Tape tape = input.tape();
    return input.matmul(tape.watch(inputWeight).transpose()).plus(tape.watch(bias));
  }

  @Override
  public HiddenState initialState(Tape tape, int batch) {
    return new HiddenState(tape.constant(Tensor.zeros(tape.dtype(bias.dtype()), batch, hidden)));
  }

  /// One fused operation where it serves: in FLOAT32, without an observer.
  @Override
  public Scanned<HiddenState> scan(Variable inputs, HiddenState state, Lengths lengths) {
    if (!FusedLayer.serves(inputs, state, lengths)) {
      return Cell.super.scan(inputs, state, lengths);
    }
    Tape tape = inputs.tape();
    List<Variable> weights = List.of(tape.watch(inputWeight), tape.watch(hiddenWeight), tape.watch(bias));
    FusedKind kind = FusedKind.of(nonlinearity);
    return FusedLayer.run(this, kind, inputs, weights, state, lengths, () -> Cell.super.scan(inputs, state, lengths));
  }

  /// The table is multiplied with the input weight if that is less work than doing so with every vector.
  @Override
  public Scanned<HiddenState> scanSymbols(Variable table, Tensor ids, HiddenState state, Lengths lengths) {
    if (!FusedLayer.serves(table, ids, state, lengths)) {
      return Cell.super.scanSymbols(table, ids, state, lengths);
    }
    Variable prepared = prepare(table); // [symbols, hidden]
    FusedKind kind = FusedKind.of(nonlinearity);
    return FusedLayer.run(this, kind, prepared, ids, List.of(table.tape().watch(hiddenWeight)), state, lengths,
        () -> Recurrence.byStepOfPrepared(this, prepared.gather(ids, 0), state, lengths));
  }

  @Override
  public Step<HiddenState> step(Variable prepared, HiddenState state) {
    Variable sums = prepared.plus(state.h().matmul(recurrentWeight(prepared.tape())));
    Variable h = (nonlinearity == Nonlinearity.TANH ? sums.tanh() : sums.relu()).labelled("h");
    return new Step<>(h, new HiddenState(h));
  }

  /// The recurrent weight as `[hidden, hidden]`, brought into that order once for all steps.
  private Variable recurrentWeight(Tape tape) {
    return tape.once(hiddenWeight, () -> tape.watch(hiddenWeight).transpose().contiguous());
  }
}
