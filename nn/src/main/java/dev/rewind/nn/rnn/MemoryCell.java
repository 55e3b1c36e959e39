package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;

/// What cells share whose state is an output and a memory, as in LSTMs of every kind: the sizes, and zeros to begin
/// with. It is to [LstmState] what [HiddenCell] is to [HiddenState].
public abstract class MemoryCell extends Block implements Cell<LstmState> {
  private final int inputSize;
  private final int memory;
  private final int outputSize;

  /// A cell that reads vectors of `inputSize` and has `hidden` units, whose outputs it gives.
  ///
  /// @throws IllegalArgumentException if one of them is less than 1
  protected MemoryCell(int inputSize, int hidden) {
    this(inputSize, hidden, hidden);
  }

  /// A cell with a memory of another size than its output.
  ///
  /// @throws IllegalArgumentException if a size is less than 1
  protected MemoryCell(int inputSize, int memory, int outputSize) {
    HiddenCell.requireSizes(inputSize, Math.min(memory, outputSize));
    this.inputSize = inputSize;
    this.memory = memory;
    this.outputSize = outputSize;
  }

  /// What [#stepPrepared] was given, if it can be what `prepare` gave.
  ///
  /// @param size of a row of it
  /// @throws dev.rewind.tensor.ShapeException if it is not `[batch, size]`
  protected final Variable requirePrepared(Variable prepared, int size) {
    return HiddenCell.requirePrepared(this, prepared, size);
  }

  @Override
  public final int inputSize() {
    return inputSize;
  }

  @Override
  public final int outputSize() {
    return outputSize;
  }

  /// Zeros: `h` is `[batch, outputs]`, `c` is `[batch, memory]`.
  @Override
  public final LstmState initialState(Tape tape, int batch) {
    Variable h = zeros(tape, batch, outputSize);
    return new LstmState(h, memory == outputSize ? h : zeros(tape, batch, memory));
  }

  private static Variable zeros(Tape tape, int batch, int size) {
    return tape.constant(Tensor.zeros(tape.dtype(DType.FLOAT32), batch, size));
  }

  /// `x weight'` for a weight `[outputs, inputs]`.
  protected static Variable linear(Variable x, Param weight) {
    return HiddenCell.linear(x, weight);
  }

  /// `x weight' + bias` for a weight `[outputs, inputs]` and a bias `[outputs]`.
  protected static Variable linear(Variable x, Param weight, Param bias) {
    return HiddenCell.linear(x, weight, bias);
  }
}
