package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;
import java.util.List;
import java.util.stream.Stream;

/// What a cell gives over the time axis.
///
/// @param outputs `[batch, time, outputs]`
/// @param state that after the last step
/// @param <S> the kind of state
public record Scanned<S extends State<S>>(Variable outputs, S state) {
  /// The outputs, and behind them the leaves of the state.
  public List<Variable> variables() {
    return Stream.concat(Stream.of(outputs), state.leaves().stream()).toList();
  }

  /// What [#variables] gave, as a state of the same kind as `like`.
  public static <S extends State<S>> Scanned<S> of(S like, List<Variable> variables) {
    return new Scanned<>(variables.getFirst(), like.withLeaves(variables.subList(1, variables.size())));
  }
}
