package dev.rewind.nn.rnn;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Shapes;
import dev.rewind.tensor.Tensor;

/// One step of a recurrent network. Drivers such as [Recurrence] run any cell over time.
///
/// @param <S> what it carries from step to step
public interface Cell<S extends State<S>> {
  /// The size of an input vector.
  int inputSize();

  /// The size of an output vector.
  int outputSize();

  /// What can be done to the inputs of all steps at once because it does not depend on the state: `[.., inputs]` to
  /// `[.., prepared]`, each vector by itself, and equal ones alike: it draws no random numbers. Drivers call it before
  /// the loop, [#step] for its one step; the result goes to [#stepPrepared].
  default Variable prepare(Variable input) {
    return input;
  }

  /// The state before the first step. Every other state of this cell has the same leaves, of the same dtypes and
  /// shapes, except that an axis of size 0 may grow; drivers check the states that they are given against it.
  S initialState(Tape tape, int batch);

  /// All steps of `[batch, time, inputs]`, at least one, one after another. Cells that know a faster way do it here;
  /// the results are the same, to rounding. It is [Recurrence#scan] that users call; it checks sizes, and sets padding
  /// to zero.
  ///
  /// The outputs for padding must be zeros, and the state is the one after the last step of each sequence; a sequence
  /// of length 0 keeps the state before. Outputs depend on inputs and parameters even where there is nothing to read,
  /// so that there are gradients.
  default Scanned<S> scan(Variable inputs, S state, Lengths lengths) {
    return Recurrence.byStep(this, inputs, state, lengths);
  }

  /// All steps of the vectors `table.gather(ids, 0)`; the twin of [#scan] for symbols, which users call by
  /// [Recurrence#scanSymbols]. Cells that can multiply a small table once instead of every vector do it here.
  ///
  /// @param table `[symbols, inputs]`
  /// @param ids INT32 `[batch, time]`
  default Scanned<S> scanSymbols(Variable table, Tensor ids, S state, Lengths lengths) {
    return scan(lengths.zeroPadding(table.gather(ids, 0)), state, lengths);
  }

  /// One step from a prepared input: the recurrence itself. The author of a cell writes it; drivers and wrappers call
  /// it.
  ///
  /// @param prepared what [#prepare] made of the input, `[batch, prepared]`
  Step<S> stepPrepared(Variable prepared, S state);

  /// One step by hand: [#prepare] and [#stepPrepared]. Do not prepare the input first: where what is prepared is as
  /// wide as an input, as in an [Elman network][dev.rewind.nn.cells.RnnCell] with as many units as inputs, no check can
  /// tell, and the input would be prepared twice. A loop of your own that prepares all its inputs at once calls
  /// [#stepPrepared].
  ///
  /// @param input `[batch, inputs]`, not prepared, in the dtype of the parameters
  /// @param state of the same batch, on the tape of the input
  /// @throws dev.rewind.tensor.ShapeException if the input has another shape, or a leaf of the state
  /// @throws dev.rewind.tensor.DTypeException if the input has another dtype, or a leaf of the state
  /// @throws IllegalStateException if the state is on another tape than the input
  default Step<S> step(Variable input, S state) {
    CellArguments.requireInput("step", this, input);
    CellArguments.require("step", this, input, input.size(0), state);
    Step<S> step = stepPrepared(prepare(input), state);
    Shapes.note(this, step.output());
    return step;
  }

  /// This cell with another on top of it, of any kind, that reads its output.
  ///
  /// @throws IllegalArgumentException if the sizes do not fit, or both are one object
  default <A extends State<A>> ThenCell<S, A> then(Cell<A> above) {
    return new ThenCell<>(this, above);
  }
}
