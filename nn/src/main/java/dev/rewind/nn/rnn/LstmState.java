package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;

/// The state of an LSTM.
///
/// @param h the output, `[batch, hidden]`
/// @param c the memory, `[batch, hidden]`
public record LstmState(Variable h, Variable c) implements State<LstmState> {
  /// Zeros `[batch, hidden]`, both.
  public static LstmState zeros(Tape tape, int batch, int hidden) {
    Variable zeros = State.zeros(tape, batch, hidden);
    return new LstmState(zeros, zeros);
  }

  @Override
  public Parts<LstmState> parts() {
    return Parts.of("h", h, "c", c, LstmState::new);
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
