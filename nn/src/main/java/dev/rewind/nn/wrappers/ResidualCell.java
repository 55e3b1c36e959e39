package dev.rewind.nn.wrappers;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import java.util.List;

/// A cell whose input is added to its output (He et al. 2016; Wu et al. 2016), so that deep stacks pass gradients on.
/// The parameters are those of the cell, under `cell`.
///
/// @param <S> the state of the cell
public final class ResidualCell<S extends State<S>> extends WrapperCell<S, S> {

  /// Adds input and output.
  ///
  /// @throws IllegalArgumentException if they differ in size
  public ResidualCell(Cell<S> cell) {
    super(cell);
    if (cell.inputSize() != cell.outputSize()) {
      throw new IllegalArgumentException(
          "residual: the input has size " + cell.inputSize() + ", the output " + cell.outputSize()
              + "; they are added");
    }
  }

  /// What the cell prepares, and the input behind it.
  @Override
  public Variable prepare(Variable input) {
    return Variable.concat(-1, List.of(cell.prepare(input), input));
  }

  @Override
  public S initialState(Tape tape, int batch) {
    return cell.initialState(tape, batch);
  }

  @Override
  public Scanned<S> scan(Variable inputs, S state, Lengths lengths) {
    Scanned<S> run = cell.scan(inputs, state, lengths);
    return new Scanned<>(run.outputs().plus(inputs), run.state());
  }

  @Override
  public Step<S> stepPrepared(Variable prepared, S state) {
    List<Variable> parts = prepared.split(-1, new int[] {prepared.size(-1) - inputSize(), inputSize()});
    Step<S> step = cell.stepPrepared(parts.getFirst(), state);
    return new Step<>(step.output().plus(parts.getLast()), step.state());
  }
}
