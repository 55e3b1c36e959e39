package dev.rewind.nn.attention;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.Parts;
import dev.rewind.nn.rnn.State;
import java.util.List;

/// The state of an [AttentionCell]: that of the cell within, and what is attended to.
///
/// @param state of the cell within
/// @param context what the last step attended to, `[B, M]`
/// @param memory `[B, S, M]`
/// @param keys what the attention made of it, `[B, S, A]`
/// @param mask 1 where there is a memory, 0 where it is padding: `[B, S]`
/// @param <S> the kind of state of the cell within
public record AttentionState<S extends State<S>>(
    S state, Variable context, Variable memory, Variable keys, Variable mask) implements State<AttentionState<S>> {
  @Override
  public Parts<AttentionState<S>> parts() {
    Parts<List<Variable>> own = new Parts<>(
        List.of("context", "memory", "keys", "mask"), List.of(context, memory, keys, mask), leaves -> leaves);
    return state.parts().in("cell").and(own, (s, x) -> new AttentionState<>(s, x.get(0), x.get(1), x.get(2), x.get(3)));
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
