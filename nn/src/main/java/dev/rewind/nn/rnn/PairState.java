package dev.rewind.nn.rnn;

/// The states of two cells: one above the other, or of the two directions of [Bidirectional].
///
/// @param first the state of the cell below, or of that from the first step to the last
/// @param second the state of the cell above, or of that from the last step to the first
/// @param <A> the kind of the first
/// @param <B> the kind of the second
public record PairState<A extends State<A>, B extends State<B>>(A first, B second) implements State<PairState<A, B>> {
  @Override
  public Parts<PairState<A, B>> parts() {
    return first.parts().in("first").and(second.parts().in("second"), PairState::new);
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
