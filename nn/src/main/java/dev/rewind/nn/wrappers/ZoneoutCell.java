package dev.rewind.nn.wrappers;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A cell some of whose state stays what it was (Krueger et al. 2016): in training each element by its own draw, in an
/// evaluation all of it in part, which is the mean of that. As in the paper, the new `h` of an LSTM is computed from
/// its new `c` before that is mixed with the old one, and an output that is part of the state, as `h` is, is that of
/// the mixed state. The parameters are those of the cell, under `cell`.
///
/// @param <S> the state of the cell
public final class ZoneoutCell<S extends State<S>> extends WrapperCell<S, S> {
  private final double[] rates; // one for each leaf

  /// Keeps elements of the state from step to step at these rates: one rate, or one for each leaf of the state in the
  /// order of their names, as `0.05, 0.5` for `h` and `c` of an LSTM.
  ///
  /// @throws IllegalArgumentException if one is not in `[0, 1)`, or there are neither one nor as many as leaves
  public ZoneoutCell(Cell<S> cell, double... rates) {
    super(cell);
    List<String> leaves;
    try (Tape tape = Tape.inference()) {
      leaves = cell.initialState(tape, 1).names();
    }
    if (rates.length != 1 && rates.length != leaves.size()) {
      throw new IllegalArgumentException(
          "zoneout: wants one rate, or one for each of " + leaves + ", not " + rates.length);
    }
    for (double rate : rates) {
      if (!(rate >= 0 && rate < 1)) {
        throw new IllegalArgumentException("zoneout: the rate must be in [0, 1), not " + rate);
      }
    }
    this.rates = new double[leaves.size()];
    Arrays.setAll(this.rates, leaf -> rates[Math.min(leaf, rates.length - 1)]);
  }

  @Override
  public S initialState(Tape tape, int batch) {
    return cell.initialState(tape, batch);
  }

  @Override
  public Step<S> stepPrepared(Variable prepared, S state) {
    Step<S> step = cell.stepPrepared(prepared, state);
    List<Variable> after = step.state().leaves();
    List<Variable> before = state.leaves();
    List<Variable> mixed = new ArrayList<>(after.size());
    for (int leaf = 0; leaf < after.size(); leaf++) {
      mixed.add(rates[leaf] == 0 ? after.get(leaf) : mixed(after.get(leaf), before.get(leaf), rates[leaf]));
    }
    int output = after.indexOf(step.output());
    return new Step<>(output < 0 ? step.output() : mixed.get(output), step.state().withLeaves(mixed));
  }

  private static Variable mixed(Variable after, Variable before, double rate) {
    return after.tape().rng("zoneout")
        .map(rng -> Variable.where(Tensor.bernoulli(rng, rate, after.shape().sizes()), before, after))
        .orElseGet(() -> after.plus(before.minus(after).times(rate)));
  }
}
