package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.FusedKind;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The gated recurrent unit (Cho et al. 2014) in PyTorch's and cuDNN's variant, whose reset gate acts after the
/// recurrent product, so that the new gate keeps two biases apart. With blocks in the order r, z, n:
///
/// ```
/// [xr xz xn] = x weight_ih' + bias_ih      [hr hz hn] = h weight_hh' + bias_hh
/// r = sigmoid(xr + hr)    z = sigmoid(xz + hz)    n = tanh(xn + r * hn)
/// h = (1 - z) * n + z * h
/// ```
public final class GruCell extends FusedCell<HiddenState> {
  private final Param inputWeight; // [3 * hidden, inputs]
  private final Param hiddenWeight; // [3 * hidden, hidden]
  private final Param inputBias; // [3 * hidden]
  private final Param hiddenBias; // [3 * hidden]

  /// Weights and biases uniform within `1 / sqrt(hidden)`, as PyTorch draws them.
  public GruCell(int inputSize, int hidden, Rng rng) {
    super(FusedKind.GRU, inputSize, hidden, HiddenState::zeros);
    double limit = 1 / Math.sqrt(hidden);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, 3 * hidden, inputSize));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, 3 * hidden, hidden));
    this.inputBias = parameter("bias_ih", Init.uniform(rng.split("bias_ih"), limit, 3 * hidden));
    this.hiddenBias = parameter("bias_hh", Init.uniform(rng.split("bias_hh"), limit, 3 * hidden));
  }

  @Override
  public Variable prepare(Variable input) {
    return linear(input, inputWeight, inputBias);
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    Variable recurrent = linear(state.h(), hiddenWeight, hiddenBias);
    List<Variable> x = requirePrepared(prepared, 3 * outputSize()).split(1, 3); // 3 x [batch, hidden]
    List<Variable> h = recurrent.split(1, 3); // 3 x [batch, hidden]
    Variable r = x.get(0).plus(h.get(0)).sigmoid().named("r");
    Variable z = x.get(1).plus(h.get(1)).sigmoid().named("z");
    Variable n = x.get(2).plus(r.times(h.get(2))).tanh().named("n");
    Variable next = n.plus(z.times(state.h().minus(n))).named("h"); // (1 - z) * n + z * h
    return new Step<>(next, new HiddenState(next));
  }
}
