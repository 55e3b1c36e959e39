package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;

/// What cells share whose state is their output alone: the two sizes, and zeros to begin with. A cell of one's own
/// extends this class and writes `stepPrepared`, and `prepare` for what needs no state.
public abstract class HiddenCell extends Block implements Cell<HiddenState> {
  private final int inputSize;
  private final int hidden;

  /// A cell that reads vectors of `inputSize` and gives vectors of `hidden`.
  ///
  /// @throws IllegalArgumentException if one of them is less than 1
  protected HiddenCell(int inputSize, int hidden) {
    requireSizes(inputSize, hidden);
    this.inputSize = inputSize;
    this.hidden = hidden;
  }

  static void requireSizes(int inputs, int units) {
    if (inputs < 1 || units < 1) {
      throw new IllegalArgumentException(
          "cell: an input must have at least 1 element, and there must be at least 1 unit, not " + inputs + " and "
              + units);
    }
  }

  /// What [#stepPrepared] was given, if it can be what `prepare` gave.
  ///
  /// @param size of a row of it
  /// @throws ShapeException if it is not `[batch, size]`
  protected final Variable requirePrepared(Variable prepared, int size) {
    return requirePrepared(this, prepared, size);
  }

  static Variable requirePrepared(Cell<?> cell, Variable prepared, int size) {
    if (prepared.rank() != 2 || prepared.size(1) != size) {
      throw new ShapeException(
          CellArguments.name(cell) + ": stepPrepared wants what prepare(input) gives, [batch, " + size
              + "], not " + prepared.shape() + "; step takes the input itself");
    }
    return prepared;
  }

  /// The number, if it is at least 1.
  ///
  /// @throws IllegalArgumentException naming the cell and what the number is of, if it is not
  protected final int requireSome(String what, int number) {
    if (number < 1) {
      throw new IllegalArgumentException(
          getClass().getSimpleName() + ": the number of " + what + " must be at least 1, not " + number);
    }
    return number;
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

  /// `x weight'` for a weight `[outputs, inputs]`.
  protected static Variable linear(Variable x, Param weight) {
    return x.linear(x.tape().watch(weight));
  }

  /// `x weight' + bias` for a weight `[outputs, inputs]` and a bias `[outputs]`.
  protected static Variable linear(Variable x, Param weight, Param bias) {
    return x.linear(x.tape().watch(weight), x.tape().watch(bias));
  }
}
