package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.LayerNorm;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.List;

/// The gated recurrent unit with layer normalisation (Ba, Kiros and Hinton 2016, the appendix on gated recurrent
/// units), LN for [LayerNorm], one for the two gates together and one for the candidate, of the input and of the state
/// each. The biases are those of the norms. With blocks in the order r, z, n:
///
/// ```
/// [xr xz xn] = x weight_ih'      [hr hz hn] = h weight_hh'
/// [r z] = sigmoid(LN([xr xz]) + LN([hr hz]))    n = tanh(LN(xn) + r * LN(hn))
/// h = (1 - z) * n + z * h
/// ```
///
/// The paper's `z` is `1 - z` here, as everywhere in PyTorch's order.
public final class LayerNormGruCell extends RecurrentCell<HiddenState> {
  private final int[] parts; // 2 * hidden and hidden: the gates and the candidate
  private final Param inputWeight; // [3 * hidden, inputs]
  private final Param hiddenWeight; // [3 * hidden, hidden]
  private final LayerNorm inputGates;
  private final LayerNorm inputNew;
  private final LayerNorm hiddenGates;
  private final LayerNorm hiddenNew;

  /// Weights uniform within `1 / sqrt(hidden)`, gains 1, biases 0.
  public LayerNormGruCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden, HiddenState::zeros);
    double limit = 1 / Math.sqrt(hidden);
    this.parts = new int[] {2 * hidden, hidden};
    this.inputWeight = parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, 3 * hidden, inputSize));
    this.hiddenWeight = parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, 3 * hidden, hidden));
    this.inputGates = child("norm_ih", new LayerNorm(2 * hidden));
    this.inputNew = child("norm_in", new LayerNorm(hidden));
    this.hiddenGates = child("norm_hh", new LayerNorm(2 * hidden));
    this.hiddenNew = child("norm_hn", new LayerNorm(hidden));
  }

  @Override
  public Variable prepare(Variable input) {
    List<Variable> x = linear(input, inputWeight).split(-1, parts);
    return Variable.concat(-1, List.of(inputGates.forward(x.get(0)), inputNew.forward(x.get(1))));
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    // [batch, 2 * hidden] and [batch, hidden]
    List<Variable> x = requirePrepared(prepared, 3 * outputSize()).split(1, parts);
    List<Variable> h = linear(state.h(), hiddenWeight).split(1, parts); // likewise
    List<Variable> gates = x.get(0).plus(hiddenGates.forward(h.get(0))).sigmoid().split(1, 2);
    Variable r = gates.get(0).named("r");
    Variable z = gates.get(1).named("z");
    Variable n = x.get(1).plus(r.times(hiddenNew.forward(h.get(1)))).tanh().named("n");
    Variable next = n.plus(z.times(state.h().minus(n))).named("h"); // (1 - z) * n + z * h
    return new Step<>(next, new HiddenState(next));
  }
}
