package dev.rewind.nn.cells;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.LogOdds;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The minimal LSTM (Feng et al. 2024, "Were RNNs All We Needed?"), whose gates and candidate depend on the input
/// alone, so that a scan computes all steps at once and leaves a [dev.rewind.nn.rnn.LinearRecurrence]. Its two gates
/// are divided by their sum, which keeps the scale of the state independent of the length. With blocks in the order i,
/// f, g:
///
/// ```
/// [i f g] = x weight_ih' + bias
/// s = sigmoid(f) / (sigmoid(f) + sigmoid(i))
/// h = s * h + (1 - s) * g
/// ```
public final class MinLstmCell extends MinimalCell {
  /// Weights and biases uniform within `1 / sqrt(inputs)`, as PyTorch draws linear layers.
  public MinLstmCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden, 3, rng);
  }

  @Override
  Variable logit(List<Variable> blocks) {
    return LogOdds.of(blocks.get(1), blocks.get(0)); // of 1 - s
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    List<Variable> blocks = blocks(prepared); // 3 x [batch, hidden]
    Variable s = LogOdds.definition(blocks.get(0), blocks.get(1)).sigmoid().named("s");
    Variable g = blocks.get(2).named("g");
    Variable h = g.plus(s.times(state.h().minus(g))).named("h"); // s * h + (1 - s) * g
    return new Step<>(h, new HiddenState(h));
  }
}
