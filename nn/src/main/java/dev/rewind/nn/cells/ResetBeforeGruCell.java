package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The gated recurrent unit as first published (Cho et al. 2014) and as in TensorFlow 1: its reset gate acts before the
/// recurrent product of the new gate. [GruCell] is the variant whose reset gate acts after it, as in PyTorch and cuDNN;
/// weights trained for one do not serve the other. With blocks in the order r, z, n:
///
/// ```
/// [xr xz xn] = x weight_ih' + bias      [hr hz] = h weight_hh'
/// r = sigmoid(xr + hr)    z = sigmoid(xz + hz)    n = tanh(xn + (r * h) weight_hn')
/// h = (1 - z) * n + z * h
/// ```
public final class ResetBeforeGruCell extends RecurrentCell<HiddenState> {
  private final Param inputWeight; // [3 * hidden, inputs]
  private final Param bias; // [3 * hidden]
  private final Param gateWeight; // [2 * hidden, hidden]: r and z
  private final Param newWeight; // [hidden, hidden]: n

  /// Weights and biases uniform within `1 / sqrt(hidden)`.
  public ResetBeforeGruCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden, HiddenState::zeros);
    double limit = 1 / Math.sqrt(hidden);
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, 3 * hidden, inputSize));
    this.gateWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, 2 * hidden, hidden));
    this.newWeight = parameter("weight_hn", Init.uniform(rng.split("weight_hn"), limit, hidden, hidden));
    this.bias = parameter("bias", Init.uniform(rng.split("bias"), limit, 3 * hidden));
  }

  @Override
  public Variable prepare(Variable input) {
    return linear(input, inputWeight, bias);
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    Variable h = state.h();
    List<Variable> x = requirePrepared(prepared, 3 * outputSize()).split(1, 3); // 3 x [batch, hidden]
    List<Variable> gates = linear(h, gateWeight).split(1, 2); // 2 x [batch, hidden]
    Variable r = x.get(0).plus(gates.get(0)).sigmoid().named("r");
    Variable z = x.get(1).plus(gates.get(1)).sigmoid().named("z");
    Variable n = x.get(2).plus(linear(r.times(h), newWeight)).tanh().named("n");
    Variable next = n.plus(z.times(h.minus(n))).named("h"); // (1 - z) * n + z * h
    return new Step<>(next, new HiddenState(next));
  }
}
