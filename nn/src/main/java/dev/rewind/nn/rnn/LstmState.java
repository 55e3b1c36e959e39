package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import java.util.List;

/// The state of an LSTM.
///
/// @param h the output, `[batch, hidden]`
/// @param c the memory, `[batch, hidden]`
public record LstmState(Variable h, Variable c) implements State<LstmState> {
  /// Zeros `[batch, hidden]`, both.
  public static LstmState zeros(Tape tape, int batch, int hidden) {
    Variable zeros = HiddenState.zeros(tape, batch, hidden).h();
    return new LstmState(zeros, zeros);
  }

  @Override
  public List<String> names() {
    return List.of("h", "c");
  }

  @Override
  public List<Variable> leaves() {
    return List.of(h, c);
  }

  @Override
  public LstmState withLeaves(List<Variable> leaves) {
    return new LstmState(leaves.get(0), leaves.get(1));
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
