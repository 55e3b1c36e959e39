package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The minimal LSTM (Feng et al. 2024, "Were RNNs All We Needed?"), whose gates and candidate depend on the input
/// alone, so that a scan computes all steps at once and leaves a [LinearRecurrence]. Its gates are shares of one
/// another, which keeps the scale of the state independent of the length. With blocks in the order i, f, g:
///
/// ```
/// [i f g] = x weight_ih' + bias
/// s = sigmoid(f) / (sigmoid(f) + sigmoid(i))
/// h = s * h + (1 - s) * g
/// ```
public final class MinLstmCell extends HiddenCell {
  private final Param inputWeight; // [3 * hidden, inputs]
  private final Param bias; // [3 * hidden]

  /// Weights and biases uniform within `1 / sqrt(inputs)`, as PyTorch draws linear layers.
  public MinLstmCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden);
    double limit = 1 / Math.sqrt(inputSize);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, 3 * hidden, inputSize));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, 3 * hidden));
  }

  @Override
  public Variable prepare(Variable input) {
    return linear(input, inputWeight, bias);
  }

  /// All steps at once, where no observer wants to see them one by one.
  @Override
  public Scanned<HiddenState> scan(Variable inputs, HiddenState state, Lengths lengths) {
    if (inputs.tape().options().observer().isPresent()) {
      return super.scan(inputs, state, lengths);
    }
    List<Variable> blocks = prepare(inputs).split(2, 3); // 3 x [batch, time, hidden]
    return GatedRecurrence.scan(LogOdds.of(blocks.get(1), blocks.get(0)), blocks.get(2), state, lengths); // takes 1 - s
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    List<Variable> blocks = requirePrepared(prepared, 3 * outputSize()).split(1, 3); // 3 x [batch, hidden]
    Variable s = LogOdds.definition(blocks.get(0), blocks.get(1)).sigmoid().named("s");
    Variable g = blocks.get(2).named("g");
    Variable h = g.plus(s.times(state.h().minus(g))).named("h"); // s * h + (1 - s) * g
    return new Step<>(h, new HiddenState(h));
  }
}
