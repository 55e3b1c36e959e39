package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Module;
import dev.rewind.tensor.Tensor;

/// A cell some of whose state stays what it was (Krueger et al. 2016): in training each element by its own draw, in an
/// evaluation all of it in part, which is the mean of that. An output that is part of the state, as an LSTM's `h`, is that of
/// the new state. The parameters are those of the cell, under `cell`.
///
/// @param <S> the state of the cell
public final class ZoneoutCell<S extends State<S>> extends Module implements Cell<S> {
  private final Cell<S> cell;
  private final double share;

  /// Keeps this share of the state from step to step.
  ///
  /// @throws IllegalArgumentException if it is not in `[0, 1)`
  public ZoneoutCell(Cell<S> cell, double share) {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException("zoneout: the share kept must be in [0, 1), not " + share);
    }
    this.cell = cell;
    this.share = share;
    if (cell instanceof Module module) {
      child("cell", module);
    }
  }

  @Override
  public int inputSize() {
    return cell.inputSize();
  }

  @Override
  public int outputSize() {
    return cell.outputSize();
  }

  @Override
  public Variable prepare(Variable input) {
    return cell.prepare(input);
  }

  @Override
  public S initialState(Tape tape, int batch) {
    return cell.initialState(tape, batch);
  }

  @Override
  public Step<S> step(Variable prepared, S state) {
    Step<S> step = cell.step(prepared, state);
    S mixed = step.state().zip(state, this::mixed);
    int leaf = step.state().leaves().indexOf(step.output());
    return new Step<>(leaf < 0 ? step.output() : mixed.leaves().get(leaf), mixed);
  }

  private Variable mixed(Variable after, Variable before) {
    Variable change = before.minus(after);
    Variable kept = after.tape().rng()
        .map(rng -> Tensor.bernoulli(rng, share, after.shape().sizes()).to(after.dtype()))
        .map(mask -> change.times(after.tape().constant(mask)))
        .orElseGet(() -> change.times(share));
    return after.plus(kept);
  }
}
