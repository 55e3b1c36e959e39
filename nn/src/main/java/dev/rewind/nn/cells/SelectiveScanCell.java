package dev.rewind.nn.cells;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.RecurrentCell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// The selective state space of Mamba (Gu and Dao 2023), whose N states for each element of the input decay, take in
/// and are read as the input of the step says. What a block of Mamba has around it, a causal [dev.rewind.nn.Conv1d] and
/// gated [Linear] layers, is not part of it.
///
/// ```
/// [d B C] = x x_proj.weight'
/// e = softplus(d dt_proj.weight' + dt_proj.bias)
/// h[j, n] = exp(-e[j] * exp(A_log[j, n])) * h[j, n] + e[j] * x[j] * B[n]
/// y[j] = sum over n of h[j, n] * C[n] + D[j] * x[j]
/// ```
///
/// Parameters have the names and shapes of the paper's code.
public final class SelectiveScanCell extends RecurrentCell<HiddenState> {
  private final int states;
  private final Linear project; // [rank + 2N, F]
  private final Linear step; // [F, rank]
  private final Param decay; // [F, N]
  private final Param passed; // [F]

  /// As many outputs as inputs, `d` of a sixteenth of their size. The decays are 1 to N; the steps `e` begin between
  /// 0.001 and 0.1, their logarithms uniform, as in the paper.
  ///
  /// @param states N for each element, 16 in the paper
  public SelectiveScanCell(int size, int states, Rng rng) {
    super(size, size, (tape, batch, _) -> new HiddenState(State.zeros(tape, batch, size, states)));
    this.states = requireSome("states", states);
    int rank = (size + 15) / 16;
    project = child("x_proj", Linear.withoutBias(size, rank + 2 * states, rng.split("x_proj")));
    step = child("dt_proj", new Linear(rank, size, rng.split("dt_proj")));
    decay = parameter("A_log", Tensor.arange(states).plus(1).to(project.dtype()).log().expand(size, states).copy());
    passed = parameter("D", Init.constant(1, size));
    step.initialize("bias", rng, (draws, shape) -> Tensor.uniform(draws, DType.FLOAT32, Math.log(0.001), Math.log(0.1),
        shape.sizes()).exp().expm1().log());
  }

  /// The input, `e`, `B` and `C`.
  @Override
  public Variable prepare(Variable x) {
    int rank = (inputSize() + 15) / 16;
    List<Variable> read = project.forward(x).split(-1, new int[] {rank, 2 * states});
    return Variable.concat(-1, List.of(x, step.forward(read.getFirst()).softplus(), read.getLast()));
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
    int size = inputSize();
    int[] blocks = {size, size, states, states};
    List<Variable> read = requirePrepared(prepared, 2 * (size + states)).split(1, blocks);
    Variable x = read.get(0); // [B, F], as e
    Variable e = read.get(1).named("e");
    Variable kept = e.unsqueeze(2).times(e.tape().watch(decay).exp()).negate().exp(); // [B, F, N]
    Variable added = e.times(x).unsqueeze(2).times(read.get(2).unsqueeze(1));
    Variable h = kept.times(state.h()).plus(added).named("h");
    Variable y = h.matmul(read.get(3).unsqueeze(2)).squeeze(2).plus(x.times(x.tape().watch(passed))).named("y");
    return new Step<>(y, new HiddenState(h));
  }
}
