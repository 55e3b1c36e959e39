package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;

/// The base class of cells: the two sizes, and a state of zeros to begin with. A cell of your own extends it and writes
/// `stepPrepared`, and `prepare` for what does not need the state. If its state does not begin with zeros, it overrides
/// [#initialState].
///
/// @param <S> the state, such as [HiddenState] or [LstmState]
public abstract class RecurrentCell<S extends State<S>> extends Block implements Cell<S> {
  /// Makes a state of zeros: `HiddenState::zeros`, `LstmState::zeros`.
  ///
  /// @param <S> the kind of state
  @FunctionalInterface
  public interface Zeros<S> {
    /// The state of a batch, `size` being the size of an output vector.
    S make(Tape tape, int batch, int size);
  }

  private final int inputSize;
  private final int outputSize;
  private final Zeros<S> zeros;

  /// A cell that reads vectors of `inputSize` and gives vectors of `outputSize`.
  ///
  /// @throws IllegalArgumentException if one of them is less than 1
  protected RecurrentCell(int inputSize, int outputSize, Zeros<S> zeros) {
    if (inputSize < 1 || outputSize < 1) {
      throw new IllegalArgumentException(
          "cell: an input must have at least 1 element, and there must be at least 1 unit, not " + inputSize + " and "
              + outputSize);
    }
    this.inputSize = inputSize;
    this.outputSize = outputSize;
    this.zeros = zeros;
  }

  /// Registers `weight_ih`, `weight_hh` and `bias` for the sums of that many blocks, one column for each unit and
  /// block, all uniform within `1 / sqrt(units)`.
  protected final Gates gates(int blocks, int units, Rng rng) {
    double limit = 1 / Math.sqrt(units);
    int columns = blocks * units;
    return new Gates(this, blocks,
        parameter("weight_ih", Init.uniform(rng.split("weight_ih"), limit, columns, inputSize)),
        parameter("weight_hh", Init.uniform(rng.split("weight_hh"), limit, columns, outputSize)),
        parameter("bias", Init.uniform(rng.split("bias"), limit, columns)));
  }

  /// What [#stepPrepared] was given, if it can be what `prepare` gave.
  ///
  /// @param size of a row of it
  /// @throws ShapeException if it is not `[batch, size]`
  protected final Variable requirePrepared(Variable prepared, int size) {
    if (prepared.rank() != 2 || prepared.size(1) != size) {
      throw new ShapeException(
          CellArguments.name(this) + ": stepPrepared wants what prepare(input) gives, [batch, " + size
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
    return outputSize;
  }

  /// Zeros, of the dtype of the parameters on that tape.
  @Override
  public S initialState(Tape tape, int batch) {
    S first = zeros.make(tape, batch, outputSize);
    return dtype() == DType.FLOAT32 ? first : first.map(leaf -> leaf.to(tape.dtype(dtype())));
  }

  /// Where there are fewer symbols than positions, their vectors are prepared once instead of at every position. A cell
  /// that overrides [#scan] overrides this as well.
  @Override
  public Scanned<S> scanSymbols(Variable table, Tensor ids, S state, Lengths lengths) {
    return table.size(0) < lengths.batch() * lengths.computed()
        ? Recurrence.scanPreparedSymbols(this, prepare(table), ids, state, lengths)
        : Cell.super.scanSymbols(table, ids, state, lengths);
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
