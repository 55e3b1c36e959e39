package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
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
  /// The leaves by name, and how to make such a state from others: all that a state of your own writes.
  ///
  /// ```java
  /// record Memory(Variable fast, Variable slow) implements State<Memory> {
  ///   @Override
  ///   public Parts<Memory> parts() {
  ///     return Parts.of("fast", fast, "slow", slow, Memory::new);
  ///   }
  /// }
  /// ```
  Parts<S> parts();

  /// The names of the leaves.
  default List<String> names() {
    return parts().names();
  }

  /// The leaves, in the order of their names.
  default List<Variable> leaves() {
    return parts().leaves();
  }

  /// A state of the same kind with other leaves.
  ///
  /// @throws IllegalArgumentException if there are more or fewer than this one has
  default S withLeaves(List<Variable> leaves) {
    Parts<S> parts = parts();
    if (leaves.size() != parts.names().size()) {
      throw new IllegalArgumentException("state: " + leaves.size() + " leaves for " + parts.names());
    }
    return parts.maker().apply(leaves);
  }

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

  /// The leaf of that name.
  ///
  /// @throws IllegalArgumentException if there is none
  default Variable leaf(String name) {
    return leaves().get(parts().place(name));
  }

  /// A function applied to the leaf of that name alone.
  ///
  /// @throws IllegalArgumentException if there is none
  default S map(String name, UnaryOperator<Variable> f) {
    List<Variable> leaves = new ArrayList<>(leaves());
    leaves.set(parts().place(name), f.apply(leaf(name)));
    return withLeaves(leaves);
  }

  /// The same values as constants of another tape: the gradient is cut.
  default S on(Tape tape) {
    return map(leaf -> tape.constant(leaf.value()));
  }

  /// Zeros `[batch, ..]`, in the dtype of a tape's parameters: a leaf to begin with.
  static Variable zeros(Tape tape, int... sizes) {
    return tape.constant(Tensor.zeros(tape.dtype(DType.FLOAT32), sizes));
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
