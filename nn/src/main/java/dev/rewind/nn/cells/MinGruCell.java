package dev.rewind.nn.cells;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The minimal gated recurrent unit (Feng et al. 2024, "Were RNNs All We Needed?"), whose gate and candidate depend on
/// the input alone, so that a scan computes them for all steps at once; what is left is a
/// [dev.rewind.nn.rnn.LinearRecurrence]. With blocks in the order z, n:
///
/// ```
/// [z n] = x weight_ih' + bias
/// h = (1 - sigmoid(z)) * h + sigmoid(z) * n
/// ```
///
/// Note that `z` is the weight of the new value, as in the paper, and not that of the old one as in [GruCell].
public final class MinGruCell extends MinimalCell {
  /// Weights and biases uniform within `1 / sqrt(inputs)`, as PyTorch draws linear layers.
  public MinGruCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden, 2, rng);
  }

  @Override
  Variable logit(List<Variable> blocks) {
    return blocks.getFirst();
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    List<Variable> blocks = blocks(prepared); // 2 x [batch, hidden]
    Variable z = blocks.get(0).sigmoid().named("z");
    Variable n = blocks.get(1).named("n");
    Variable h = state.h().plus(z.times(n.minus(state.h()))).named("h"); // (1 - z) * h + z * n
    return new Step<>(h, new HiddenState(h));
  }
}
