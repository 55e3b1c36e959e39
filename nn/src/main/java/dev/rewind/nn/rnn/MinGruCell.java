package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The minimal gated recurrent unit (Feng et al. 2024, "Were RNNs All We Needed?"), whose gate and candidate depend on
/// the input alone, so that a scan computes them for all steps at once; what is left is a [LinearRecurrence]. With
/// blocks in the order z, n:
///
/// ```
/// [z n] = x weight_ih' + bias
/// h = (1 - sigmoid(z)) * h + sigmoid(z) * n
/// ```
///
/// Mind that `z` is the share of the new, as in the paper, and not of the old as in [GruCell].
public final class MinGruCell extends HiddenCell {
  private final Param inputWeight; // [2 * hidden, inputs]
  private final Param bias; // [2 * hidden]

  /// Weights and biases uniform within `1 / sqrt(inputs)`, as PyTorch draws linear layers.
  public MinGruCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden);
    double limit = 1 / Math.sqrt(inputSize);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, 2 * hidden, inputSize));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, 2 * hidden));
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
    List<Variable> blocks = prepare(inputs).split(2, 2); // 2 x [batch, time, hidden]
    return GatedRecurrence.scan(blocks.get(0), blocks.get(1), state, lengths);
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    List<Variable> blocks = requirePrepared(prepared, 2 * outputSize()).split(1, 2); // 2 x [batch, hidden]
    Variable z = blocks.get(0).sigmoid().named("z");
    Variable n = blocks.get(1).named("n");
    Variable h = state.h().plus(z.times(n.minus(state.h()))).named("h"); // (1 - z) * h + z * n
    return new Step<>(h, new HiddenState(h));
  }
}
