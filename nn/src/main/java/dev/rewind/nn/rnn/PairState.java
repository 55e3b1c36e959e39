package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;
import java.util.List;
import java.util.stream.Stream;

/// The states of two cells: one above the other, or of the two directions of [Bidirectional].
///
/// @param first the state of the cell below, or of that from the first step to the last
/// @param second the state of the cell above, or of that from the last step to the first
/// @param <A> the kind of the first
/// @param <B> the kind of the second
public record PairState<A extends State<A>, B extends State<B>>(A first, B second) implements State<PairState<A, B>> {
  @Override
  public List<String> names() {
    return Stream.concat(
        first.names().stream().map(name -> "first." + name),
        second.names().stream().map(name -> "second." + name)).toList();
  }

  @Override
  public List<Variable> leaves() {
    return Stream.concat(first.leaves().stream(), second.leaves().stream()).toList();
  }

  @Override
  public PairState<A, B> withLeaves(List<Variable> leaves) {
    int middle = first.names().size();
    return new PairState<>(
        first.withLeaves(leaves.subList(0, middle)), second.withLeaves(leaves.subList(middle, leaves.size())));
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
