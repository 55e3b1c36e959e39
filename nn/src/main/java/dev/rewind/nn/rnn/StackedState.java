package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;
import dev.rewind.tensor.ShapeException;
import java.util.List;
import java.util.stream.IntStream;
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

  /// All layers as one state whose leaves are `[layers, batch, ..]`, as PyTorch's `h_n` and `c_n`: of an
  /// [dev.rewind.nn.cells.Lstm] in both directions `[layers * directions, batch, hidden]`, the first layer's two first.
  ///
  /// ```java
  /// LstmState all = run.state().stacked();   // all.h() and all.c() are [layers * directions, B, H]
  /// StackedState<LstmState> back = StackedState.of(all);
  /// ```
  ///
  /// @throws dev.rewind.tensor.ShapeException if layers are of different sizes
  public S stacked() {
    List<List<Variable>> all = layers.stream().map(State::leaves).toList();
    return layers.getFirst().withLeaves(IntStream.range(0, all.getFirst().size())
        .mapToObj(leaf -> Variable.stack(0, all.stream().map(leaves -> leaves.get(leaf)).toList())).toList());
  }

  /// The layers of a state whose leaves are `[layers, batch, ..]`: what [#stacked] gave, or states of PyTorch.
  ///
  /// @throws dev.rewind.tensor.ShapeException if leaves are of different numbers of layers
  public static <S extends State<S>> StackedState<S> of(S stacked) {
    List<Variable> leaves = stacked.leaves();
    int layers = leaves.getFirst().size(0);
    if (leaves.stream().anyMatch(leaf -> leaf.size(0) != layers)) {
      throw new ShapeException("stacked state: leaves of different numbers of layers, " + State.describe(stacked));
    }
    return new StackedState<>(
        IntStream.range(0, layers).mapToObj(k -> stacked.map(leaf -> leaf.select(0, k))).toList());
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
