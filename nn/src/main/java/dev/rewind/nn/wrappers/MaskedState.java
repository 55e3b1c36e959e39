package dev.rewind.nn.wrappers;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.Parts;
import dev.rewind.nn.rnn.State;

/// The state of a cell with variational dropout: that of the cell inside, and the mask of the sequence.
///
/// @param state the state of the cell inside
/// @param mask by which vectors are multiplied at every step: 0, or 1 over the part that is kept
/// @param <S> the kind of state inside
public record MaskedState<S extends State<S>>(S state, Variable mask) implements State<MaskedState<S>> {
  @Override
  public Parts<MaskedState<S>> parts() {
    return state.parts().in("cell").and(Parts.of("mask", mask, x -> x), MaskedState::new);
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
