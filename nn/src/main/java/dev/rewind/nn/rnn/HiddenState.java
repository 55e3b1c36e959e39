package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;

/// The state of a cell that carries its output alone.
///
/// @param h `[batch, hidden]`
public record HiddenState(Variable h) implements State<HiddenState> {
  /// Zeros `[batch, hidden]`.
  public static HiddenState zeros(Tape tape, int batch, int hidden) {
    return new HiddenState(State.zeros(tape, batch, hidden));
  }

  @Override
  public Parts<HiddenState> parts() {
    return Parts.of("h", h, HiddenState::new);
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
