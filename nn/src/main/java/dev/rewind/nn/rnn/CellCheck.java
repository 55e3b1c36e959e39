package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.CheckResult;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.nn.Block;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Checks a cell over some steps: first what it promises as a [Cell], then its gradients against numerical ones, to
/// second order, with respect to its inputs, every leaf of its initial state, and its parameters at their present
/// values, of all outputs and of the last state. The promises:
///
/// - a state has a name for each leaf, `withLeaves` and `leaves` are inverse, and the first axis is the batch;
/// - outputs are `[batch, outputSize()]`, and leaves keep shape and dtype;
/// - two runs give the same bits, and no row of a batch depends on another;
/// - `prepare` looks at one row at a time, and treats equal rows alike in training too; `scan` and `scanSymbols` are
///   `prepare` and `stepPrepared` step by step;
/// - after the end of a sequence outputs are zeros, and the state is that of its last step;
/// - a FLOAT64 run has no FLOAT32 on the way.
///
/// ```java
/// CellCheck.of(cell).batch(3).steps(4).run().assertPasses();
/// ```
///
/// A verdict names `inputs`, leaves such as `state.h` and parameters such as `parameter norm.weight`. A parameter that
/// the cell uses and has not registered fails the check, unless it is frozen. In float64 and deterministic; instances
/// are immutable.
///
/// @param <S> the state of the cell
public final class CellCheck<S extends State<S>> {
  private final Cell<S> cell;
  private final int batch;
  private final int steps;
  private final int[][] lengths; // none for all steps
  private final UnaryOperator<S> start;
  private final long seed;

  private CellCheck(Cell<S> cell, int batch, int steps, int[][] lengths, UnaryOperator<S> start, long seed) {
    if (batch < 1 || steps < 1) {
      throw new IllegalArgumentException(
          "cell check: wants a batch of at least 1 and at least 1 step, not " + batch + " and " + steps);
    }
    this.cell = cell;
    this.batch = batch;
    this.steps = steps;
    this.lengths = lengths;
    this.start = start;
    this.seed = seed;
  }

  /// A check of a cell, over 3 steps of a batch of 2.
  public static <S extends State<S>> CellCheck<S> of(Cell<S> cell) {
    return new CellCheck<>(cell, 2, 3, new int[0][], drawn -> drawn, 1);
  }

  /// With another batch size, all sequences as long as there are steps.
  public CellCheck<S> batch(int value) {
    return new CellCheck<>(cell, value, steps, new int[0][], start, seed);
  }

  /// Over another number of steps.
  public CellCheck<S> steps(int value) {
    return new CellCheck<>(cell, batch, value, lengths, start, seed);
  }

  /// With a batch of sequences of these lengths, each at most the number of steps.
  public CellCheck<S> lengths(int... values) {
    return new CellCheck<>(cell, values.length, steps, new int[][] {values.clone()}, start, seed);
  }

  /// Starts from another state than one whose leaves are all drawn from the normal distribution of mean 0 and standard
  /// deviation 1: for cells that do not take every state, as those that divide by a leaf.
  ///
  /// ```java
  /// CellCheck.of(cell).startingFrom(drawn -> new NormalisedState(drawn.c(), drawn.n().square().plus(0.5)))
  /// ```
  ///
  /// @param fromDrawn from the drawn state to that to start from, with leaves of the same shapes; an axis of size 0, as
  ///     of a memory, may grow
  public CellCheck<S> startingFrom(UnaryOperator<S> fromDrawn) {
    return new CellCheck<>(cell, batch, steps, lengths, fromDrawn, seed);
  }

  /// With other random numbers.
  public CellCheck<S> seed(long value) {
    return new CellCheck<>(cell, batch, steps, lengths, start, value);
  }

  /// Runs the check. A promise that is broken is the reason of the result; gradients are then not looked at.
  ///
  /// @throws ShapeException naming a leaf of the state to start from that has another shape than the cell's
  public CheckResult run() {
    Optional<String> broken = CellContract.brokenByStates(cell, batch);
    if (broken.isPresent()) {
      return failed(broken.get());
    }
    Rng rng = Rng.of(seed).split("cell check");
    List<Tensor> point = new ArrayList<>();
    List<String> names = new ArrayList<>(List.of("inputs"));
    point.add(Tensor.normal(rng, DType.FLOAT64, 0, 1, batch, steps, cell.inputSize()));
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      S zero = cell.initialState(tape, batch);
      S first = start.apply(zero.map(
          leaf -> tape.constant(Tensor.normal(rng, DType.FLOAT64, 0, 1, leaf.shape().sizes()))));
      for (int i = 0; i < zero.leaves().size(); i++) {
        String name = "state." + zero.names().get(i);
        Tensor leaf = first.leaves().get(i).value();
        if (!CellArguments.fits(first.leaves().get(i), zero.leaves().get(i), batch)) {
          throw new ShapeException("cell check: the start has " + name + " of shape " + leaf.shape() + ", the cell of "
              + zero.leaves().get(i).shape());
        }
        names.add(name);
        point.add(leaf);
      }
    }
    broken = new CellContract<>(cell, point.getFirst(), point.subList(1, point.size()), names.subList(1, names.size()))
        .broken();
    if (broken.isPresent()) {
      return failed(broken.get());
    }
    Map<String, Param> parameters = cell instanceof Block module ? module.namedParameters() : Map.of();
    return GradientCheck.ofMany(this::everything).at(point.toArray(Tensor[]::new)).named(names.toArray(String[]::new))
        .withParameters(parameters).secondOrder().seed(seed).run();
  }

  private static CheckResult failed(String broken) {
    return CheckResult.failed(CheckResult.Verdict.WRONG, "contract of the cell: " + broken);
  }

  /// All outputs and the last state as one vector.
  private Variable everything(List<Variable> xs) {
    Variable inputs = xs.getFirst();
    S state = cell.initialState(inputs.tape(), batch).withLeaves(xs.subList(1, xs.size()));
    Scanned<S> run = Recurrence.scan(cell, inputs, state, lengths);
    List<Variable> parts = new ArrayList<>(List.of(run.outputs().reshape(-1)));
    run.state().leaves().forEach(leaf -> parts.add(leaf.reshape(-1)));
    return Variable.concat(0, parts);
  }
}
