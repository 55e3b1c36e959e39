package dev.rewind.examples.charrnn.model;

import dev.rewind.autograd.Tape;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.Tensor;
import java.util.Locale;

/// The forms in which a [CharRnn] can read a window. They compute the same, to rounding.
public enum Form {
  /// The list form of the tutorial, step by step: [CharRnn#unroll].
  LIST,
  /// The whole sequence, its symbols looked up first: [CharRnn#scan].
  SCAN,
  /// The whole sequence, in the fastest way: [CharRnn#forward].
  FUSED;

  /// Reads T symbols of each of B texts, from a state.
  ///
  /// @param ids symbols, INT32 `[B, T]`
  public <S extends State<S>> CharRnn.Outcome<S> read(CharRnn<S> model, Tape tape, Tensor ids, StackedState<S> state) {
    return switch (this) {
      case LIST -> model.unroll(tape, ids, state);
      case SCAN -> model.scan(tape, ids, state);
      case FUSED -> model.forward(tape, ids, state);
    };
  }

  /// The name in options and files.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
