package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.Arrays;
import java.util.List;

/// An example of a cell of your own, and of how little it takes: a gated recurrent unit whose candidate is a learned
/// mixture of K candidates, with weights that depend on the input and the state. `docs/cells.md` goes through it.
///
/// ```
/// [xr xz xp x1 .. xK] = x input.weight' + input.bias      [hr hz hp] = h weight_hh'
/// r = sigmoid(xr + hr)    z = sigmoid(xz + hz)    p = softmax(xp + hp)
/// n = tanh(p1 * x1 + .. + pK * xK + (r * h) weight_hn')
/// h = (1 - z) * n + z * h
/// ```
public final class MixtureCell extends RecurrentCell<HiddenState> {
  private final int[] parts; // of what the input gives: r, z, the K weights, K candidates
  private final Linear input; // [2H + K + K H, F]
  private final Param hiddenWeight; // [2H + K, H]
  private final Param resetWeight; // [H, H]

  /// A mixture of that many candidates.
  public MixtureCell(int inputSize, int hidden, int candidates, Rng rng) {
    super(inputSize, hidden, HiddenState::zeros);
    parts = new int[] {hidden, hidden, requireSome("candidates", candidates), candidates * hidden};
    input = child("input", new Linear(inputSize, Arrays.stream(parts).sum(), rng.split("input")));
    hiddenWeight = parameter("weight_hh", Init.glorot(rng.split("weight_hh"), 2 * hidden + candidates, hidden));
    resetWeight = parameter("weight_hn", Init.glorot(rng.split("weight_hn"), hidden, hidden));
  }

  @Override
  public Variable prepare(Variable x) {
    return input.forward(x);
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    // [B, H] twice, [B, K], [B, K * H]
    List<Variable> x = requirePrepared(prepared, Arrays.stream(parts).sum()).split(1, parts);
    List<Variable> h = linear(state.h(), hiddenWeight).split(1, Arrays.copyOf(parts, 3)); // [B, H], [B, H], [B, K]
    Variable r = x.get(0).plus(h.get(0)).sigmoid().named("r");
    Variable z = x.get(1).plus(h.get(1)).sigmoid().named("z");
    Variable p = x.get(2).plus(h.get(2)).softmax(1).named("p");
    Variable mixed = x.get(3).reshape(-1, parts[2], parts[0]).times(p.unsqueeze(2)).sum(1); // [B, K, H] to [B, H]
    Variable n = mixed.plus(linear(r.times(state.h()), resetWeight)).tanh().named("n");
    Variable next = n.plus(z.times(state.h().minus(n))).named("h"); // (1 - z) * n + z * h
    return new Step<>(next, new HiddenState(next));
  }
}
