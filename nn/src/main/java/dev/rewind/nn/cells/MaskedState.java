package dev.rewind.nn.cells;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.State;
import java.util.ArrayList;
import java.util.List;

/// The state of a cell with variational dropout: that of the cell inside, and the mask of the sequence.
///
/// @param state the state of the cell inside
/// @param mask by which vectors are multiplied at every step: zeros, and what makes up for them
/// @param <S> the kind of state inside
public record MaskedState<S extends State<S>>(S state, Variable mask) implements State<MaskedState<S>> {
  @Override
  public List<String> names() {
    List<String> names = new ArrayList<>(state.names().stream().map(name -> "cell." + name).toList());
    names.add("mask");
    return names;
  }

  @Override
  public List<Variable> leaves() {
    List<Variable> leaves = new ArrayList<>(state.leaves());
    leaves.add(mask);
    return leaves;
  }

  @Override
  public MaskedState<S> withLeaves(List<Variable> leaves) {
    int last = leaves.size() - 1;
    return new MaskedState<>(state.withLeaves(leaves.subList(0, last)), leaves.get(last));
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
