package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.Shapes;
import dev.rewind.nn.fused.Ids;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Runs cells over time. With `lengths`, the sequences of a batch end at different times: after its end a sequence's
/// outputs are zeros and its state stays what it was. Padding does not matter: it may be NaN, and its gradient is zero.
/// Drivers take at most one array of lengths, the last argument: `scan(cell, inputs, state, new int[] {4, 0, 2})`.
/// Where there is nothing to read, in a batch of no sequences or of sequences without steps, all gradients are zero.
///
/// Before the first step, every driver requires inputs of the dtype of the cell's parameters, and of the state the
/// leaves, shapes and dtypes of the initial state for that batch; it throws a [ShapeException] or [DTypeException] that
/// names cell and leaf, or an [IllegalStateException] if the state is on another tape than the inputs.
public final class Recurrence {
  private Recurrence() {}

  /// Requires `[batch, time >= 1, inputs]`, for drivers of your own.
  ///
  /// @param driver what the message begins with
  /// @throws ShapeException if the inputs have another shape
  public static void requireInputs(String driver, Cell<?> cell, Variable inputs) {
    if (inputs.rank() != 3 || inputs.size(1) == 0 || inputs.size(2) != cell.inputSize()) {
      throw new ShapeException(driver + ": " + CellArguments.name(cell) + " wants inputs [batch, time >= 1, "
          + cell.inputSize() + "], not " + inputs.shape()
          + (inputs.rank() == 2 ? "; one step is cell.step(..)" : ""));
    }
  }

  /// A cell over a list of steps. The cell prepares the inputs of all steps at once.
  ///
  /// @param inputs one for each step, `[batch, inputs]` each
  /// @param lengths of each sequence, `[batch]`; left out if all last to the end
  /// @throws ShapeException if an input has another size than the cell reads, the state is of another batch, or there
  ///     are more or fewer lengths
  /// @throws IllegalArgumentException naming a length that is not in `[0, steps]`
  public static <S extends State<S>> Unrolled<S> unroll(
      Cell<S> cell, List<Variable> inputs, S state, int[]... lengths) {
    if (inputs.isEmpty()) {
      Lengths.of("unroll", lengths, lengths.length == 0 ? 0 : lengths[0].length, 0);
      return new Unrolled<>(List.of(), state);
    }
    Variable first = inputs.getFirst();
    for (Variable input : inputs) {
      CellArguments.requireInput("unroll", cell, input);
      if (input.size(0) != first.size(0)) {
        throw new ShapeException("unroll: inputs of different batch sizes, " + first.size(0) + " and "
            + input.size(0));
      }
    }
    Lengths checked = require("unroll", cell, first, first.size(0), inputs.size(), state, lengths);
    Unrolled<S> run = first.tape().lendTo(() -> {
      Variable rows = checked.isFull() ? Variable.concat(0, inputs)
          : stepByStep(checked.zeroPadding(Variable.stack(1, inputs)), checked);
      Steps<S> steps = new Steps<>(cell, rows, state, checked);
      return steps.fuseRows(() -> listed(steps, state, checked));
    });
    run.outputs().forEach(output -> Shapes.note(cell, output));
    return run;
  }

  /// A cell over the time axis; in the cell's own form if it has one.
  ///
  /// @param inputs `[batch, time, inputs]`, at least one step
  /// @param lengths of each sequence, `[batch]`; left out if all last to the end
  /// @throws ShapeException if the inputs have another shape, the state is of another batch, or there are more or fewer
  ///     lengths
  /// @throws IllegalArgumentException naming a length that is not in `[0, time]`
  public static <S extends State<S>> Scanned<S> scan(Cell<S> cell, Variable inputs, S state, int[]... lengths) {
    return run(cell, inputs, state, require("scan", cell, inputs, state, lengths));
  }

  /// The same from the initial state of the cell.
  public static <S extends State<S>> Scanned<S> scan(Cell<S> cell, Variable inputs, int[]... lengths) {
    requireInputs("scan", cell, inputs);
    return scan(cell, inputs, cell.initialState(inputs.tape(), inputs.size(0)), lengths);
  }

  /// A cell over symbols: [#scan] of the vectors `table.gather(ids, 0)`. Where there are fewer symbols than positions,
  /// most cells prepare the table instead of every vector.
  ///
  /// @param table a vector for each symbol, `[symbols, inputs]`, as [dev.rewind.nn.Embedding#table] gives it
  /// @param ids symbols, INT32 `[batch, time]`, at least one step; those of padding do not matter
  /// @param lengths of each sequence, `[batch]`; left out if all last to the end
  /// @throws ShapeException if table or ids have another shape, the state is of another batch, or there are more or
  ///     fewer lengths
  /// @throws IllegalArgumentException naming a length that is not in `[0, time]`
  /// @throws IndexOutOfBoundsException naming the first id that is not a symbol, and its position
  public static <S extends State<S>> Scanned<S> scanSymbols(
      Cell<S> cell, Variable table, Tensor ids, S state, int[]... lengths) {
    requireSymbols(cell, table, ids);
    Lengths checked = require("scanSymbols", cell, table, ids.size(0), ids.size(1), state, lengths);
    Tensor real = checked.isFull() ? ids : Tensor.where(checked.mask(), ids, Tensor.scalar(0));
    Ids.require("scanSymbols: id", real, null, table.size(0));
    return noted(cell, table.tape().lendTo(() -> cell.scanSymbols(table, real, state, checked)));
  }

  private static void requireSymbols(Cell<?> cell, Variable table, Tensor ids) {
    if (table.rank() != 2 || table.size(1) != cell.inputSize() || ids.rank() != 2 || ids.size(1) == 0) {
      throw new ShapeException(
          "scanSymbols: " + CellArguments.name(cell) + " wants a table [symbols, " + cell.inputSize()
              + "] and ids [batch, time >= 1], not " + table.shape() + " and " + ids.shape());
    }
    if (ids.dtype() != DType.INT32) {
      throw new DTypeException("scanSymbols: ids are INT32, not " + ids.dtype());
    }
  }

  private static <S extends State<S>> Scanned<S> run(Cell<S> cell, Variable inputs, S state, Lengths lengths) {
    return noted(cell, inputs.tape().lendTo(() -> cell.scan(lengths.zeroPadding(inputs), state, lengths)));
  }

  private static <S extends State<S>> Scanned<S> noted(Cell<S> cell, Scanned<S> run) {
    Shapes.note(cell, run.outputs());
    return run;
  }

  /// [#scan] from the last step to the first, of each sequence from its own end: the output at a step has seen that
  /// step and those after it, the state is that after the first step.
  public static <S extends State<S>> Scanned<S> scanReversed(Cell<S> cell, Variable inputs, S state, int[]... lengths) {
    Lengths checked = require("scanReversed", cell, inputs, state, lengths);
    Scanned<S> run = run(cell, checked.reversed(inputs), state, checked);
    return new Scanned<>(checked.reversed(run.outputs()), run.state());
  }

  /// [#scan] of which the tape keeps nothing but the state after every `segment` steps: the backward pass computes each
  /// segment again (Chen et al. 2016). With segments of about the square root of the time, memory grows with that root;
  /// inputs and outputs, which stay, aside. Outputs and states have the bits of the plain scan, gradients are added up
  /// in another order; a cell with dropout draws segment by segment.
  ///
  /// @param segment how many steps are recorded at a time
  /// @throws IllegalArgumentException if that is less than 1
  public static <S extends State<S>> Scanned<S> scanRecomputing(
      Cell<S> cell, Variable inputs, S state, int segment, int[]... lengths) {
    requireInputs("scanRecomputing", cell, inputs);
    if (segment < 1) {
      throw new IllegalArgumentException("scanRecomputing: segments of " + segment + " steps; at least 1 is needed");
    }
    Lengths checked = require("scanRecomputing", cell, inputs, state, lengths);
    List<Variable> outputs = new ArrayList<>();
    S current = state;
    for (int from = 0; from < inputs.size(1); from += segment) {
      int start = from;
      S before = current;
      Lengths within = checked.within(from, Math.min(inputs.size(1), from + segment));
      Scanned<S> run = Scanned.of(state, inputs.tape().recompute(
          () -> run(cell, inputs.slice(1, start, start + within.time()), before, within).variables()));
      outputs.add(run.outputs());
      current = run.state();
    }
    return new Scanned<>(Variable.concat(1, outputs), current);
  }

  /// The steps of [#scan], each computed when it is asked for, with the state after it. A loop may end early; a second
  /// one begins again.
  public static <S extends State<S>> Iterable<Step<S>> steps(Cell<S> cell, Variable inputs, S state, int[]... lengths) {
    Lengths checked = require("steps", cell, inputs, state, lengths);
    return () -> new Steps<>(cell, stepByStep(checked.zeroPadding(inputs), checked), state, checked);
  }

  // ---- shared -----------------------------------------------------------------------------------------------------

  /// What [Cell#scan] does by itself: one step after another.
  static <S extends State<S>> Scanned<S> byStep(Cell<S> cell, Variable inputs, S state, Lengths lengths) {
    return scanned(new Steps<>(cell, stepByStep(inputs, lengths), state, lengths), state, lengths);
  }

  /// What [Cell#scan] does by itself, from what the cell has prepared, for cells that prepare in a way of their own.
  ///
  /// @param prepared `[batch, time, prepared]`
  public static <S extends State<S>> Scanned<S> scanPrepared(Cell<S> cell, Variable prepared, S state,
      Lengths lengths) {
    return scanned(Steps.ofPrepared(cell, stepByStep(prepared, lengths), state, lengths), state, lengths);
  }

  /// The steps of symbols whose vectors were prepared, `[symbols, prepared]`.
  static <S extends State<S>> Scanned<S> scanPreparedSymbols(Cell<S> cell, Variable table, Tensor ids, S state,
      Lengths lengths) {
    Tensor real = ids.slice(1, 0, lengths.computed()).transpose().reshape(-1);
    return scanned(Steps.ofPrepared(cell, table.gather(real, 0), state, lengths), state, lengths);
  }

  private static <S extends State<S>> Scanned<S> scanned(Steps<S> steps, S state, Lengths lengths) {
    return steps.fuseRows(() -> {
      Unrolled<S> run = listed(steps, state, lengths);
      return new Scanned<>(Variable.stack(1, run.outputs()), run.state());
    });
  }

  private static <S extends State<S>> Unrolled<S> listed(Steps<S> steps, S state, Lengths lengths) {
    List<Variable> outputs = new ArrayList<>(lengths.time());
    S last = state;
    while (steps.hasNext()) {
      Step<S> step = steps.next();
      outputs.add(step.output());
      last = step.state();
    }
    return new Unrolled<>(List.copyOf(outputs), last);
  }

  /// The steps of `[batch, time, inputs]` that are computed as rows, one step after another: `[steps * batch, inputs]`.
  private static Variable stepByStep(Variable inputs, Lengths lengths) {
    int steps = lengths.computed();
    Variable real = steps == inputs.size(1) ? inputs : inputs.slice(1, 0, steps);
    return real.transpose(0, 1).reshape(steps * inputs.size(0), inputs.size(2));
  }

  private static <S extends State<S>> Lengths require(
      String driver, Cell<S> cell, Variable inputs, S state, int[][] lengths) {
    requireInputs(driver, cell, inputs);
    return require(driver, cell, inputs, inputs.size(0), inputs.size(1), state, lengths);
  }

  private static <S extends State<S>> Lengths require(
      String driver, Cell<S> cell, Variable inputs, int batch, int time, S state, int[][] lengths) {
    Lengths checked = Lengths.of(driver, lengths, batch, time);
    CellArguments.require(driver, cell, inputs, batch, state);
    return checked;
  }
}
