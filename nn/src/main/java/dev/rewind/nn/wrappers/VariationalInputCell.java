package dev.rewind.nn.wrappers;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Dropout;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;

/// A cell with variational dropout of its input: each sequence has one mask for all its steps (Gal and Ghahramani
/// 2016). The parameters are those of the cell, under `cell`. [VariationalStateCell] does the same to what the cell
/// carries.
///
/// The mask is part of the state. It is drawn by `initialState` on a tape with an `Rng` and goes wherever the state
/// goes: from step to step, through any driver, to the next tape, into files. Where a long sequence is trained on in
/// windows, [#redrawn] gives each window a mask of its own, as the paper's language models do. A tape without an `Rng`
/// is an evaluation, where the mask does nothing.
///
/// @param <S> the state of the cell
public final class VariationalInputCell<S extends State<S>> extends WrapperCell<S, MaskedState<S>> {
  private final Dropout dropout;

  /// Drops elements of inputs at this rate, in `[0, 1)`.
  public VariationalInputCell(Cell<S> cell, double rate) {
    super(cell);
    this.dropout = new Dropout(rate);
  }

  /// The input itself: the mask comes before what the cell prepares.
  @Override
  public Variable prepare(Variable input) {
    return input;
  }

  /// The state of the cell and a new mask.
  @Override
  public MaskedState<S> initialState(Tape tape, int batch) {
    return new MaskedState<>(cell.initialState(tape, batch), mask(tape, dropout, dtype(), batch, inputSize()));
  }

  /// The same state with a new mask.
  public MaskedState<S> redrawn(MaskedState<S> state) {
    return new MaskedState<>(
        state.state(), mask(state.mask().tape(), dropout, dtype(), state.mask().size(0), state.mask().size(1)));
  }

  @Override
  public Scanned<MaskedState<S>> scan(Variable inputs, MaskedState<S> state, Lengths lengths) {
    Scanned<S> run = cell.scan(masked(dropout, inputs, state.mask().unsqueeze(1)), state.state(), lengths);
    return new Scanned<>(run.outputs(), new MaskedState<>(run.state(), state.mask()));
  }

  @Override
  public Step<MaskedState<S>> stepPrepared(Variable input, MaskedState<S> state) {
    Step<S> step = cell.stepPrepared(cell.prepare(masked(dropout, input, state.mask())), state.state());
    return new Step<>(step.output(), new MaskedState<>(step.state(), state.mask()));
  }

  /// A mask `[batch, size]`: ones in an evaluation.
  static Variable mask(Tape tape, Dropout dropout, DType dtype, int batch, int size) {
    return dropout.forward(tape.constant(Tensor.ones(tape.dtype(dtype), batch, size)));
  }

  /// `x` by the mask where dropout acts, else `x` itself.
  static Variable masked(Dropout dropout, Variable x, Variable mask) {
    return dropout.acts(x.tape()) ? x.times(mask) : x;
  }
}
