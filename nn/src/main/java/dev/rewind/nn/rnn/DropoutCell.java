package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Dropout;
import dev.rewind.nn.Module;
import dev.rewind.tensor.Tensor;

/// A cell with dropout on its output, not on what it carries (Zaremba et al. 2014); it acts where the tape has an
/// `Rng`. The parameters are those of the cell, under `cell`.
///
/// @param <S> the state of the cell
public final class DropoutCell<S extends State<S>> extends Module implements Cell<S> {
  private final Cell<S> cell;
  private final Dropout dropout;

  /// Drops this share of the outputs' elements, in `[0, 1)`.
  public DropoutCell(Cell<S> cell, double share) {
    this.cell = cell;
    this.dropout = new Dropout(share);
    if (cell instanceof Module module) {
      child("cell", module);
    }
  }

  Cell<S> cell() {
    return cell;
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
  public Step<S> step(Variable prepared, S state) {
    Step<S> step = cell.step(prepared, state);
    return new Step<>(dropout.forward(step.output()), step.state());
  }
}
