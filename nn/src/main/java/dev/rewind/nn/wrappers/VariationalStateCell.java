package dev.rewind.nn.wrappers;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Dropout;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;

/// A cell with variational dropout of the state that enters its recurrent product: each sequence has one mask for all
/// its steps (Gal and Ghahramani 2016). The output and the memory `c` are left alone. The parameters are those of the
/// cell, under `cell`.
///
/// It is for LSTMs of every kind and for [RnnCell], whose `h` does nothing but enter that product. A gated recurrent
/// unit keeps its memory in `h`: a mask at every step would scale the memory again and again.
///
/// The mask is part of the state, as in [VariationalInputCell], which says how it is drawn and carried.
///
/// @param <S> the state of the cell
public final class VariationalStateCell<S extends State<S>> extends WrapperCell<S, MaskedState<S>> {
  private final Dropout dropout;
  private final String leaf; // of the state, which enters the recurrent product

  private VariationalStateCell(Cell<S> cell, String leaf, double rate) {
    super(cell);
    this.dropout = new Dropout(rate);
    this.leaf = leaf;
  }

  /// An LSTM of any kind whose `h` has dropout of this rate, in `[0, 1)`.
  public static VariationalStateCell<LstmState> of(Cell<LstmState> cell, double rate) {
    return of(cell, "h", rate);
  }

  /// Elman's network whose `h` has dropout of this rate, in `[0, 1)`.
  public static VariationalStateCell<HiddenState> of(RnnCell cell, double rate) {
    return of(cell, "h", rate);
  }

  /// A cell of your own, with dropout of this rate, in `[0, 1)`, on one leaf of its state.
  ///
  /// @param leaf its name; it should do nothing but enter the recurrent product
  /// @throws IllegalArgumentException if the state has no leaf of that name
  public static <S extends State<S>> VariationalStateCell<S> of(Cell<S> cell, String leaf, double rate) {
    try (Tape tape = Tape.inference()) {
      cell.initialState(tape, 1).leaf(leaf);
    }
    return new VariationalStateCell<>(cell, leaf, rate);
  }

  /// The state of the cell and a new mask.
  @Override
  public MaskedState<S> initialState(Tape tape, int batch) {
    return redrawn(cell.initialState(tape, batch));
  }

  /// The same state with a new mask.
  public MaskedState<S> redrawn(MaskedState<S> state) {
    return redrawn(state.state());
  }

  private MaskedState<S> redrawn(S state) {
    Variable like = state.leaf(leaf);
    return new MaskedState<>(state,
        VariationalInputCell.mask(like.tape(), dropout, like.dtype(), like.size(0), like.size(1)));
  }

  /// As fast as the cell itself in an evaluation, where the mask does nothing.
  @Override
  public Scanned<MaskedState<S>> scan(Variable inputs, MaskedState<S> state, Lengths lengths) {
    if (dropout.acts(inputs.tape())) {
      return super.scan(inputs, state, lengths);
    }
    Scanned<S> run = cell.scan(inputs, state.state(), lengths);
    return new Scanned<>(run.outputs(), new MaskedState<>(run.state(), state.mask()));
  }

  @Override
  public Step<MaskedState<S>> stepPrepared(Variable prepared, MaskedState<S> state) {
    Step<S> step = cell.stepPrepared(prepared, state.state().map(
        leaf, x -> VariationalInputCell.masked(dropout, x, state.mask())));
    return new Step<>(step.output(), new MaskedState<>(step.state(), state.mask()));
  }
}
