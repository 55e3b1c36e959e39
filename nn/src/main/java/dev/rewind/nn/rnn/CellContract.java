package dev.rewind.nn.rnn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What a cell promises besides right gradients, tried in FLOAT64 at one point. What is tried later relies on what was
/// tried before, so that the first broken promise is the one to mend.
final class CellContract<S extends State<S>> {
  private static final double TOLERANCE = 1e-9;
  private static final double MOVE = 1e-7; // of the size of a FLOAT32's last digit
  private static final double JUMP = 1e-10; // far above what curvature makes of such a move

  private final Cell<S> cell;
  private final Tensor inputs; // [batch, steps, inputs]
  private final List<Tensor> start; // leaves of the state before
  private final List<String> names; // of these
  private final int batch;
  private final int steps;

  CellContract(Cell<S> cell, Tensor inputs, List<Tensor> start, List<String> names) {
    this.cell = cell;
    this.inputs = inputs;
    this.start = start;
    this.names = names;
    this.batch = inputs.size(0);
    this.steps = inputs.size(1);
  }

  /// What a run gave: the outputs `[batch, steps, outputs]`, then the leaves of the state after it.
  private record Run(List<Tensor> parts) {
    static Run of(Tensor outputs, State<?> state) {
      return new Run(Stream.concat(Stream.of(outputs), state.leaves().stream().map(Variable::value)).toList());
    }

    Run row(int b) {
      return new Run(parts.stream().map(part -> part.select(0, b)).toList());
    }
  }

  private static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1;

    Broken(String message) {
      super(message);
    }
  }

  private static void require(boolean holds, String broken) {
    if (!holds) {
      throw new Broken(broken);
    }
  }

  /// The first promise about states that is broken, if there is one; the others need these kept.
  static <S extends State<S>> Optional<String> brokenByStates(Cell<S> cell, int batch) {
    return broken(() -> requireStates(cell, batch));
  }

  /// The first other promise that is broken, if there is one.
  Optional<String> broken() {
    return broken(this::requireSteps);
  }

  private static Optional<String> broken(Runnable promises) {
    try {
      promises.run();
      return Optional.empty();
    } catch (Broken e) {
      return Optional.of(e.getMessage());
    } catch (DTypeException e) {
      return Optional.of("FLOAT32 in a FLOAT64 run: " + e.getMessage()
          + "; make constants of the dtype of a variable that they meet, x.dtype(), or of tape.dtype(DType.FLOAT32)");
    }
  }

  private void requireSteps() {
    Run byHand = byHand(inputs, start, 0);
    requireSame("two runs differ; is there a draw of random numbers, or a field that a step changes? The second gave ",
        byHand(inputs, start, 0), byHand, 0);
    requireRows(byHand);
    requirePrepare();
    requireSame("scan is not prepare and stepPrepared step by step; it gave ", scan(), byHand, TOLERANCE);
    requireSymbols();
    requireLengths();
    requireDigits(byHand);
  }

  private static Tape tape() {
    return Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64));
  }

  // ---- states -------------------------------------------------------------------------------------------------------

  private static <S extends State<S>> void requireStates(Cell<S> cell, int batch) {
    try (Tape tape = tape()) {
      S state = cell.initialState(tape, batch);
      S larger = cell.initialState(tape, batch + 1);
      List<String> names = state.names();
      List<Variable> leaves = state.leaves();
      require(names.size() == leaves.size() && Set.copyOf(names).size() == names.size(),
          "a state has " + leaves.size() + " leaves and the names " + names + "; each leaf needs one of its own");
      for (int k = 0; k < leaves.size(); k++) {
        int[] sizes = leaves.get(k).shape().sizes();
        require(sizes.length > 0 && sizes[0] == batch, "leaf " + names.get(k) + " of initialState is "
            + leaves.get(k).shape() + "; its first axis is to be the batch, here " + batch);
        sizes[0] = batch + 1;
        require(larger.leaves().get(k).shape().equals(Shape.of(sizes)), "leaf " + names.get(k) + " of initialState is "
            + leaves.get(k).shape() + " for a batch of " + batch + ", but " + larger.leaves().get(k).shape()
            + " for one more");
        require(leaves.get(k).dtype() != DType.FLOAT32, "leaf " + names.get(k)
            + " of initialState is FLOAT32 in a FLOAT64 run; make it of tape.dtype(DType.FLOAT32)");
      }
      List<Variable> others = leaves.stream().map(leaf -> tape.constant(leaf.value())).toList();
      require(state.withLeaves(others).leaves().equals(others),
          "a state made by withLeaves(..) does not have these as its leaves(), in the order of its names " + names);
    }
  }

  private S state(Tape tape, List<Tensor> leaves, int rows) {
    return cell.initialState(tape, rows).withLeaves(leaves.stream().map(tape::constant).toList());
  }

  // ---- runs ---------------------------------------------------------------------------------------------------------

  /// One step after another, with everything moved a little, parameters too. Outputs after the last step are zeros.
  private Run byHand(Tensor x, List<Tensor> first, double move) {
    Rng rng = Rng.of(1).split("move");
    try (Tape tape = tape()) {
      if (move != 0 && cell instanceof Block module) {
        for (Param parameter : module.parameters()) {
          tape.bind(parameter, tape.constant(moved(parameter.value().to(DType.FLOAT64), rng, move)));
        }
      }
      Tensor read = moved(x, rng, move);
      S state = state(tape, first.stream().map(leaf -> moved(leaf, rng, move)).toList(), x.size(0));
      List<Tensor> outputs = new ArrayList<>();
      for (int t = 0; t < x.size(1); t++) {
        Variable prepared = cell.prepare(tape.constant(read.select(1, t)));
        Step<S> step = cell.stepPrepared(prepared, state);
        requireStep(step, state, x.size(0), t);
        outputs.add(step.output().value());
        state = step.state();
      }
      while (outputs.size() < steps) {
        outputs.add(Tensor.zeros(DType.FLOAT64, x.size(0), cell.outputSize()));
      }
      return Run.of(Tensor.stack(1, outputs), state);
    }
  }

  private static Tensor moved(Tensor x, Rng rng, double move) {
    return move == 0 ? x : x.plus(Tensor.normal(rng, DType.FLOAT64, 0, 1, x.shape().sizes()).times(move));
  }

  private void requireStep(Step<S> step, S before, int rows, int t) {
    Shape wanted = Shape.of(rows, cell.outputSize());
    require(step.output().shape().equals(wanted), "the output of step " + t + " is " + step.output().shape()
        + ", but by outputSize() " + wanted);
    require(step.output().dtype() == DType.FLOAT64, "the output of step " + t + " is " + step.output().dtype()
        + " in a FLOAT64 run; make constants of x.dtype(), and do not convert with to(..)");
    List<Variable> likes = cell.initialState(step.output().tape(), rows).leaves();
    for (int k = 0; k < likes.size(); k++) {
      Variable leaf = step.state().leaves().get(k);
      Variable old = before.leaves().get(k);
      require(CellArguments.fits(leaf, likes.get(k), rows) && leaf.dtype() == old.dtype(),
          names.get(k) + " is " + old.dtype() + " " + old.shape() + " before step " + t
              + " and " + leaf.dtype() + " " + leaf.shape() + " after it");
    }
  }

  private Run scan(int[]... lengths) {
    try (Tape tape = tape()) {
      Scanned<S> run = Recurrence.scan(cell, tape.constant(inputs), state(tape, start, batch), lengths);
      return Run.of(run.outputs().value(), run.state());
    }
  }

  private Run symbols(Tensor table, Tensor ids) {
    try (Tape tape = tape()) {
      Scanned<S> run = Recurrence.scanSymbols(cell, tape.constant(table), ids, state(tape, start, batch));
      return Run.of(run.outputs().value(), run.state());
    }
  }

  // ---- promises -----------------------------------------------------------------------------------------------------

  private void requireRows(Run all) {
    for (int b = 0; b < batch && batch > 1; b++) {
      int row = b;
      Run alone = byHand(inputs.slice(0, b, b + 1), start.stream().map(leaf -> leaf.slice(0, row, row + 1)).toList(),
          0);
      requireSame("row " + b + " of the batch depends on the other rows; alone it gave ", alone.row(0), all.row(b),
          TOLERANCE);
    }
  }

  private void requirePrepare() {
    try (Tape tape = tape()) {
      Tensor rows = inputs.transpose(0, 1).reshape(steps * batch, inputs.size(2));
      Tensor all = cell.prepare(tape.constant(rows)).value();
      for (int t = 0; t < steps; t++) {
        Tensor one = cell.prepare(tape.constant(inputs.select(1, t))).value();
        requireSame("prepare of all steps at once is not prepare of each step; it gave ",
            all.slice(0, t * batch, Math.min(all.size(0), (t + 1) * batch)), one, TOLERANCE, "in step " + t);
      }
    }
    try (Tape tape = Tape.recording(TapeOptions.defaults().withDType(DType.FLOAT64).withRng(Rng.of(1)))) {
      Tensor alike = cell.prepare(tape.constant(inputs.select(1, 0).slice(0, 0, 1).expand(8, inputs.size(2)))).value();
      requireSame("prepare draws random numbers, as dropout does, which belongs into stepPrepared or around the cell; "
          + "of equal vectors it gave ", alike.slice(0, 0, 1).expand(alike.shape()), alike, TOLERANCE, "in training");
    }
  }

  /// Of as many symbols as there are positions, and of fewer.
  private void requireSymbols() {
    Tensor vectors = inputs.reshape(batch * steps, inputs.size(2));
    for (int symbols : new int[] {batch * steps, batch}) {
      Tensor table = vectors.slice(0, 0, symbols);
      int[] cycle = IntStream.range(0, batch * steps).map(i -> i % symbols).toArray();
      Tensor ids = Tensor.wrap(cycle, batch, steps);
      requireSame("scanSymbols is not scan of the vectors of the symbols; it gave ", symbols(table, ids),
          byHand(table.gather(ids, 0), start, 0), TOLERANCE);
    }
  }

  private void requireLengths() {
    int[] lengths = IntStream.range(0, batch).map(b -> b % 2 == 0 ? steps - 1 : 0).toArray();
    Run cut = scan(lengths);
    for (int b = 0; b < batch; b++) {
      Run expected = byHand(inputs.slice(1, 0, lengths[b]), start, 0);
      requireSame("scan with lengths " + Arrays.toString(lengths) + " is not zeros after the end of row " + b
          + " and the state of its last step; it gave ", cut.row(b), expected.row(b), TOLERANCE);
    }
  }

  /// A function that is smooth in double moves by twice as much when all moves by twice as much; in steps of FLOAT32,
  /// which are as large, it does not.
  private void requireDigits(Run at) {
    Run near = byHand(inputs, start, MOVE);
    Run far = byHand(inputs, start, 2 * MOVE);
    for (int k = 0; k < at.parts.size(); k++) {
      Tensor part = at.parts.get(k);
      double[] jumps = far.parts.get(k).minus(near.parts.get(k).times(2)).plus(part).abs().toDoubles();
      double largest = Arrays.stream(part.toDoubles()).map(Math::abs).reduce(1, Math::max);
      require(Arrays.stream(jumps).noneMatch(jump -> jump > JUMP * largest), (k == 0 ? "the output" : names.get(k - 1))
          + " moves in jumps of FLOAT32 in a FLOAT64 run; is something converted with to(..), or"
          + " computed outside of the tape in float?");
    }
  }

  private void requireSame(String broken, Run found, Run expected, double tolerance) {
    for (int k = 0; k < expected.parts.size(); k++) {
      requireSame(broken, found.parts.get(k), expected.parts.get(k), tolerance,
          "of " + (k == 0 ? "the outputs" : names.get(k - 1)));
    }
  }

  private static void requireSame(String broken, Tensor found, Tensor expected, double tolerance, String where) {
    require(found.shape().equals(expected.shape()),
        broken + found.shape() + " " + where + ", not " + expected.shape());
    double[] a = found.toDoubles();
    double[] b = expected.toDoubles();
    for (int i = 0; i < a.length; i++) {
      boolean same = Double.compare(a[i], b[i]) == 0 || Math.abs(a[i] - b[i]) <= tolerance * (1 + Math.abs(b[i]));
      require(same, broken + a[i] + " at " + Arrays.toString(found.shape().index(i)) + " " + where + ", not " + b[i]);
    }
  }
}
