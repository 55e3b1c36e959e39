package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.ShapeException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What drivers and a step by hand require of inputs and state, once for all steps, so that a message names the driver,
/// the cell and the leaf, rather than an operation within the cell.
final class CellArguments {
  private CellArguments() {}

  /// Requires the input of one step, `[batch, inputs]`.
  static void requireInput(String driver, Cell<?> cell, Variable input) {
    if (input.rank() != 2 || input.size(1) != cell.inputSize()) {
      throw new ShapeException(
          driver + ": " + name(cell) + " wants inputs [batch, " + cell.inputSize() + "], not " + input.shape()
              + (input.rank() == 3 ? "; Recurrence.scan(..) runs it over a time axis"
                  : ", and prepares them itself; what prepare(..) gave is for stepPrepared(..)"));
    }
  }

  /// Requires inputs and a state of the right dtypes, and a state on their tape with the leaves of the initial state
  /// for that batch, where an axis of size 0 stands for any size.
  static <S extends State<S>> void require(String driver, Cell<S> cell, Variable inputs, int batch, S state) {
    Optional<DType> dtype = inputs.tape().options().dtype();
    TapeOptions options = dtype.map(TapeOptions.defaults()::withDType).orElseGet(TapeOptions::defaults);
    try (Tape apart = Tape.inference(options)) { // draws nothing, and leaves nothing on the tape of the inputs
      S initial = cell.initialState(apart, batch);
      List<Variable> likes = initial.leaves();
      List<Variable> leaves = state.leaves();
      if (leaves.size() != likes.size()) {
        throw new IllegalArgumentException(
            driver + ": " + name(cell) + " wants a state with the leaves " + initial.names() + ", not "
                + state.names());
      }
      if (likes.stream().noneMatch(like -> like.dtype().isFloating() && like.dtype() == inputs.dtype())) {
        requireDType(driver, cell, inputs);
      }
      for (int k = 0; k < leaves.size(); k++) {
        DType own = likes.get(k).dtype();
        DType wanted = own.isFloating() ? dtype.orElse(own) : own;
        if (leaves.get(k).tape() != inputs.tape()) {
          throw new IllegalStateException(leaf(driver, cell, initial, k)
              + "on another tape than the inputs; take a state of an "
              + "earlier tape to this one with state.on(tape), which cuts the gradient, or let a TbpttState carry "
              + "it");
        }
        if (!fits(leaves.get(k), likes.get(k), batch)) {
          throw new ShapeException(leaf(driver, cell, initial, k) + leaves.get(k).shape() + ", wanted "
              + likes.get(k).shape() + ", the batch of " + batch + " first");
        }
        if (leaves.get(k).dtype() != wanted && !(own.isFloating() && leaves.get(k).dtype() == inputs.dtype())) {
          throw new DTypeException(leaf(driver, cell, initial, k) + leaves.get(k).dtype() + ", wanted " + wanted
              + "; convert it with to(..), an initialState of your own makes it of tape.dtype(..)");
        }
      }
    }
  }

  private static String leaf(String driver, Cell<?> cell, State<?> initial, int k) {
    return driver + ": leaf " + initial.names().get(k) + " of the state of " + name(cell) + " is ";
  }

  static boolean fits(Variable leaf, Variable like, int batch) {
    return leaf.rank() > 0 && leaf.rank() == like.rank() && leaf.size(0) == batch
        && IntStream.range(1, leaf.rank()).allMatch(i -> leaf.size(i) == like.size(i) || like.size(i) == 0);
  }

  /// Requires inputs of the dtype of the parameters on their tape, if there are any, and all of one dtype.
  private static void requireDType(String driver, Cell<?> cell, Variable inputs) {
    List<DType> wanted = cell instanceof Block module
        ? module.parameters().stream().map(Param::dtype).map(inputs.tape()::dtype).distinct().toList() : List.of();
    if (wanted.size() == 1 && wanted.getFirst() != inputs.dtype()) {
      throw new DTypeException(
          driver + ": " + name(cell) + " wants inputs of " + wanted.getFirst() + ", not " + inputs.dtype()
              + "; convert them with to(..), or look symbols up in an Embedding");
    }
  }

  /// The name of a cell's class in messages.
  static String name(Cell<?> cell) {
    String simple = cell.getClass().getSimpleName();
    return simple.isEmpty() ? cell.getClass().getName() : simple;
  }
}
