package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;
import java.util.ArrayList;
import java.util.List;

/// The states of stacked cells of one kind.
///
/// @param layers the first layer first
/// @param <S> the state of one cell
public record StackedState<S extends State<S>>(List<S> layers) implements State<StackedState<S>> {
  @Override
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (int k = 0; k < layers.size(); k++) {
      for (String name : layers.get(k).names()) {
        names.add(k + "." + name);
      }
    }
    return names;
  }

  @Override
  public List<Variable> leaves() {
    return layers.stream().flatMap(layer -> layer.leaves().stream()).toList();
  }

  @Override
  public StackedState<S> withLeaves(List<Variable> leaves) {
    List<S> rebuilt = new ArrayList<>(layers.size());
    int from = 0;
    for (S layer : layers) {
      int to = from + layer.names().size();
      rebuilt.add(layer.withLeaves(leaves.subList(from, to)));
      from = to;
    }
    return new StackedState<>(List.copyOf(rebuilt));
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
