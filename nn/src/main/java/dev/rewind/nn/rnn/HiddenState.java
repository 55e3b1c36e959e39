package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// The state of a cell that carries its output alone.
///
/// @param h `[batch, hidden]`
public record HiddenState(Variable h) implements State<HiddenState> {
  /// Zeros `[batch, hidden]`.
  public static HiddenState zeros(Tape tape, int batch, int hidden) {
    return new HiddenState(tape.constant(Tensor.zeros(tape.dtype(DType.FLOAT32), batch, hidden)));
  }

  @Override
  public List<String> names() {
    return List.of("h");
  }

  @Override
  public List<Variable> leaves() {
    return List.of(h);
  }

  @Override
  public HiddenState withLeaves(List<Variable> leaves) {
    return new HiddenState(leaves.get(0));
  }

  @Override
  public String toString() {
    return State.describe(this);
  }
}
