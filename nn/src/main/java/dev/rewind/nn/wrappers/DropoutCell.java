package dev.rewind.nn.wrappers;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Dropout;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Tensor;

/// A cell with dropout on its output, not on what it carries (Zaremba et al. 2014); it acts where the tape has an
/// `Rng`. The parameters are those of the cell, under `cell`.
///
/// @param <S> the state of the cell
public final class DropoutCell<S extends State<S>> extends WrapperCell<S, S> {
  private final Dropout dropout;

  /// Drops elements of outputs at this rate, in `[0, 1)`.
  public DropoutCell(Cell<S> cell, double rate) {
    super(cell);
    this.dropout = new Dropout(rate);
  }

  @Override
  public S initialState(Tape tape, int batch) {
    return cell.initialState(tape, batch);
  }

  @Override
  public Scanned<S> scan(Variable inputs, S state, Lengths lengths) {
    return dropped(cell.scan(inputs, state, lengths));
  }

  @Override
  public Scanned<S> scanSymbols(Variable table, Tensor ids, S state, Lengths lengths) {
    return dropped(cell.scanSymbols(table, ids, state, lengths));
  }

  private Scanned<S> dropped(Scanned<S> run) {
    return new Scanned<>(dropout.forward(run.outputs()), run.state());
  }

  @Override
  public Step<S> stepPrepared(Variable prepared, S state) {
    Step<S> step = cell.stepPrepared(prepared, state);
    return new Step<>(dropout.forward(step.output()), step.state());
  }
}
