package dev.rewind.nn.wrappers;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.State;

/// The base class of cells that change something about another one, which is registered under `cell` and has the same
/// sizes.
///
/// @param <S> the state of the cell within
/// @param <T> the state of this one
abstract class WrapperCell<S extends State<S>, T extends State<T>> extends Block implements Cell<T> {
  final Cell<S> cell;

  WrapperCell(Cell<S> cell) {
    this.cell = childIfBlock("cell", cell);
  }

  /// The cell within.
  public final Cell<S> cell() {
    return cell;
  }

  @Override
  public final int inputSize() {
    return cell.inputSize();
  }

  @Override
  public final int outputSize() {
    return cell.outputSize();
  }

  @Override
  public Variable prepare(Variable input) {
    return cell.prepare(input);
  }
}
