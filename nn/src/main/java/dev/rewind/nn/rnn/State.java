package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What a cell carries from one step to the next: named variables, the leaves, with the batch as first axis.
///
/// @param <S> the kind of state itself
public interface State<S extends State<S>> {
  /// The names of the leaves.
  List<String> names();

  /// The leaves, in the order of their names.
  List<Variable> leaves();

  /// A state of the same kind with other leaves.
  S withLeaves(List<Variable> leaves);

  /// A function applied to every leaf.
  default S map(UnaryOperator<Variable> f) {
    return withLeaves(leaves().stream().map(f).toList());
  }

  /// A function applied to the leaves of two states, pair by pair.
  default S zip(S other, BinaryOperator<Variable> f) {
    List<Variable> mine = leaves();
    List<Variable> others = other.leaves();
    List<Variable> zipped = new ArrayList<>(mine.size());
    for (int i = 0; i < mine.size(); i++) {
      zipped.add(f.apply(mine.get(i), others.get(i)));
    }
    return withLeaves(zipped);
  }

  /// The same values as constants of another tape: the gradient is cut.
  default S on(Tape tape) {
    return map(leaf -> tape.constant(leaf.value()));
  }

  /// The kind of a state, and the names and shapes of its leaves, in one line: what `toString` of a record is to give,
  /// which would otherwise print all elements.
  static String describe(State<?> state) {
    List<String> names = state.names();
    List<Variable> leaves = state.leaves();
    return IntStream.range(0, leaves.size()).mapToObj(k -> names.get(k) + " " + leaves.get(k).shape())
        .collect(Collectors.joining(", ", state.getClass().getSimpleName() + "(", ")"));
  }
}
