package dev.rewind.nn.rnn;

import java.util.List;
import java.util.stream.Stream;

/// The states of stacked cells of one kind.
///
/// @param layers the first layer first
/// @param <S> the state of one cell
public record StackedState<S extends State<S>>(List<S> layers) implements State<StackedState<S>> {
  @Override
  public Parts<StackedState<S>> parts() {
    Parts<List<S>> all = new Parts<>(List.of(), List.of(), _ -> List.of());
    for (int k = 0; k < layers.size(); k++) {
      all = all.and(layers.get(k).parts().in(Integer.toString(k)),
          (below, layer) -> Stream.concat(below.stream(), Stream.of(layer)).toList());
    }
    return new Parts<>(all.names(), all.leaves(), all.maker().andThen(StackedState::new));
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
