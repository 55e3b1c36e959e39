package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.nn.Module;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;

/// What cells share whose state is their output alone: the two sizes, and zeros to begin with. A cell of one's own extends
/// this class and writes `step`, with `prepare` for what needs no state.
public abstract class HiddenCell extends Module implements Cell<HiddenState> {
  private final int inputSize;
  private final int hidden;

  /// A cell that reads vectors of `inputSize` and gives vectors of `hidden`.
  protected HiddenCell(int inputSize, int hidden) {
    this.inputSize = inputSize;
    this.hidden = hidden;
  }

  @Override
  public final int inputSize() {
    return inputSize;
  }

  @Override
  public final int outputSize() {
    return hidden;
  }

  /// Zeros.
  @Override
  public final HiddenState initialState(Tape tape, int batch) {
    return new HiddenState(tape.constant(Tensor.zeros(tape.dtype(DType.FLOAT32), batch, hidden)));
  }
}
