package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/// What a [State] consists of: named leaves, and how to make such a state from other leaves.
///
/// @param names of the leaves, `h`, or `first.h` for a leaf within a part
/// @param leaves in the order of their names, with the batch as first axis
/// @param maker makes a state from leaves in that order
/// @param <S> what is made of the leaves
public record Parts<S>(List<String> names, List<Variable> leaves, Function<List<Variable>, S> maker) {
  /// A state of one leaf.
  public static <S> Parts<S> of(String name, Variable leaf, Function<Variable, S> maker) {
    return new Parts<>(List.of(name), List.of(leaf), leaves -> maker.apply(leaves.getFirst()));
  }

  /// A state of two leaves. One of more is made by the constructor, or by [#and].
  public static <S> Parts<S> of(
      String name, Variable leaf, String name2, Variable leaf2, BiFunction<Variable, Variable, S> maker) {
    return of(name, leaf, x -> x).and(of(name2, leaf2, x -> x), maker);
  }

  /// The same leaves with `prefix.` before each name: those of a state within another one.
  public Parts<S> in(String prefix) {
    return new Parts<>(names.stream().map(name -> prefix + "." + name).toList(), leaves, maker);
  }

  /// These leaves followed by others, and how to make one thing of both.
  public <T, U> Parts<U> and(Parts<T> others, BiFunction<? super S, ? super T, U> maker) {
    int middle = names.size();
    return new Parts<>(joined(names, others.names), joined(leaves, others.leaves),
        all -> maker.apply(this.maker.apply(all.subList(0, middle)),
            others.maker.apply(all.subList(middle, all.size()))));
  }

  /// The place of the leaf of that name.
  int place(String name) {
    if (!names.contains(name)) {
      throw new IllegalArgumentException("state: no leaf is called " + name + "; there are " + names);
    }
    return names.indexOf(name);
  }

  private static <E> List<E> joined(List<E> a, List<E> b) {
    return Stream.concat(a.stream(), b.stream()).toList();
  }
}
