package dev.rewind.autograd;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// One walk over a tape from its end to its start: each node takes the gradient of its result, which is complete when
/// the walk arrives there, and adds to those of its arguments. [#run] is the loop, [Node#backward] the step.
///
/// Gradients are added up by slot in a [GradientSums]: as recorded variables, to be differentiated again, or as tensors
/// in memory that is used again.
final class BackwardPass {
  private final Tape tape;
  private final GradientSums sums;
  private final boolean recorded;
  private final boolean releasesNodes;
  private final BitSet followed = new BitSet(); // slots that depend on a source
  private final BitSet sources = new BitSet();
  private final Map<Integer, Variable> kept = new HashMap<>(); // gradients of retained slots and sources

  private BackwardPass(Tape tape, GradientSums sums, boolean recorded, boolean releasesNodes, List<Variable> sources) {
    this.tape = tape;
    this.sums = sums;
    this.recorded = recorded;
    this.releasesNodes = releasesNodes;
    sources.stream().filter(Variable::isTracked).forEach(source -> this.sources.set(source.slot()));
    followed.or(this.sources);
  }

  /// A pass that gives the gradients of all parameters and retained variables as tensors.
  ///
  /// @param releasesNodes whether nodes, and with them what their rules hold, are let go on the way
  static BackwardPass plain(Tape tape, boolean releasesNodes) {
    return new BackwardPass(tape, new PooledGradients(tape), false, releasesNodes, List.of());
  }

  /// A pass that is recorded itself, and follows only what leads to the sources.
  static BackwardPass recorded(Tape tape, List<Variable> sources) {
    BackwardPass pass = new BackwardPass(tape, new GradientSums.Recorded(), true, false, sources);
    pass.markFollowed(0, tape.length());
    return pass;
  }

  /// Says where the gradient of a target begins.
  void start(Variable target, Variable seed) {
    if (target.isTracked()) {
      add(target.slot(), target.shape(), seed);
    }
  }

  /// Passes gradients through the nodes `[from, to)`, the last first.
  void run(int from, int to) {
    for (int i = to - 1; i >= from; i--) {
      Node node = tape.nodes.get(i);
      if (releasesNodes) {
        tape.nodes.set(i, null);
      }
      if (isReached(node)) {
        tape.enter(node);
        node.backward(this);
      }
    }
  }

  void markFollowed(int from, int to) {
    for (int i = from; i < to && recorded; i++) {
      Node node = tape.nodes.get(i);
      node.forEachArgument(slot -> {
        if (followed.get(slot)) {
          followed.set(node.slot, node.slot + node.results);
        }
      });
    }
  }

  private boolean isReached(Node node) {
    for (int slot = node.slot; slot < node.slot + node.results; slot++) {
      if (sums.has(slot)) {
        return true;
      }
    }
    return false;
  }

  Tape tape() {
    return tape;
  }

  boolean isRecorded() {
    return recorded;
  }

  // ---- gradients of slots -------------------------------------------------------------------------------------------

  /// A gradient that is complete.
  ///
  /// @param buffer the pooled memory that it is in; null if it is in none, or others may hold it
  record Incoming(Variable value, BufferPool.Buffer buffer) {}

  /// The gradient of a slot, to be released; null if there is none.
  Incoming take(int slot) {
    if (!sums.has(slot)) {
      return null;
    }
    Incoming sum = sums.take(slot, tape);
    if (!tape.leaves.isObserved(slot) && !sources.get(slot)) {
      return sum;
    }
    UnaryOperator<Variable> hook = tape.leaves.hook(slot);
    boolean isKept = tape.leaves.retained(slot) != null || sources.get(slot);
    keep(sum);
    Variable seen = hook == null ? sum.value : hook.apply(sum.value);
    if (isKept) {
      kept.put(slot, seen);
    }
    return new Incoming(seen, null);
  }

  /// The gradient of a slot for good, null if there is none.
  Variable takeForGood(int slot) {
    Incoming g = take(slot);
    return g == null ? null : keep(g).value;
  }

  private static Incoming keep(Incoming g) {
    if (g.buffer != null) {
      g.buffer.keep();
    }
    return g;
  }

  /// Says that a node is done with a gradient.
  void release(Incoming g) {
    sums.release(g.buffer);
  }

  /// The same, unless the node handed it on.
  void release(Incoming g, List<Variable> passedOn) {
    if (passedOn.stream().anyMatch(p -> p != null && p.value().sharesStorage(g.value.value()))) {
      keep(g);
    } else {
      release(g);
    }
  }

  /// Adds to the gradient of an argument what its rule makes of that of the result.
  ///
  /// @param y the result, null if no rule needs it
  void add(Op.Argument argument, Incoming g, Variable y) {
    if (!follows(argument.slot)) {
      return;
    }
    if (recorded || argument.addInto == null) {
      keep(g);
      add(argument.slot, argument.shape, argument.rule.apply(g.value, y));
      return;
    }
    if (looksForAnomalies()) {
      tape.checkGradient(argument.rule.apply(g.value, y).value());
    }
    ((PooledGradients) sums).add(argument, g, y);
  }

  /// Adds to the gradient of a slot of that shape, summing over axes along which it was broadcast.
  void add(int slot, Shape shape, Variable g) {
    if (!follows(slot)) {
      return;
    }
    if (looksForAnomalies()) {
      tape.checkGradient(g.value());
    }
    sums.add(slot, shape, unbroadcast(g, shape));
  }

  /// Whether functions that add in place can be used instead of rules.
  boolean addsInPlace() {
    return !recorded && !looksForAnomalies();
  }

  /// Adds to the gradient of a slot what a function makes of the gradients of several results.
  void add(int slot, Shape shape, Op.AddJointlyInto addInto, List<Variable> g) {
    ((PooledGradients) sums).add(slot, shape, addInto, g);
  }

  private boolean follows(int slot) {
    return !recorded || followed.get(slot);
  }

  private boolean looksForAnomalies() {
    return tape.options().anomaly();
  }

  /// A gradient summed over axes along which its argument, of that shape, was broadcast.
  static Variable unbroadcast(Variable g, Shape shape) {
    if (g.shape().equals(shape)) {
      return g;
    }
    int extra = g.rank() - shape.rank();
    int[] repeated = IntStream.range(0, g.rank())
        .filter(axis -> axis < extra || shape.size(axis - extra) == 1 && g.size(axis) != 1).toArray();
    Variable summed = extra >= 0 && repeated.length > 0 ? g.sumKeepDims(repeated) : g;
    for (int axis = 0; axis < extra; axis++) {
      summed = summed.squeeze(0);
    }
    if (!summed.shape().equals(shape)) {
      throw new IllegalStateException(
          g.tape().running() + ": its rule gave a gradient of shape " + g.shape() + " for an argument of shape "
              + shape);
    }
    return summed;
  }

  // ---- what comes of it ---------------------------------------------------------------------------------------------

  /// Walks the whole tape; the gradients of all parameters and retained variables that were reached.
  Gradients gradients() {
    run(0, tape.length());
    Map<Param, Gradient> ofParameters = new LinkedHashMap<>();
    tape.leaves.parameterSlots().stream().filter(sums::has).forEach(
        slot -> ofParameters.put(tape.leaves.parameter(slot), gradientOfLeaf(slot)));
    Map<Variable, Gradient> ofVariables = new LinkedHashMap<>();
    tape.leaves.retainedSlots().forEach(slot -> {
      Variable g = kept.containsKey(slot) ? kept.get(slot) : takeForGood(slot);
      if (g != null) {
        ofVariables.put(tape.leaves.retained(slot), new Gradient.Dense(g.value().contiguous()));
      }
    });
    return new Gradients(ofParameters, ofVariables);
  }

  private Gradient gradientOfLeaf(int slot) {
    return tape.leaves.isObserved(slot)
        ? new Gradient.Dense(takeForGood(slot).value().contiguous())
        : ((PooledGradients) sums).gradient(slot);
  }

  /// Walks the whole tape; the recorded gradients of sources, zeros for those that were not reached.
  List<Variable> gradientsOf(List<Variable> variables) {
    run(0, tape.length());
    return variables.stream().map(source -> {
      Variable g = kept.containsKey(source.slot()) ? kept.get(source.slot())
          : source.isTracked() ? takeForGood(source.slot()) : null;
      return g != null ? g : tape.constant(Tensor.zeros(source.dtype(), source.shape()));
    }).toList();
  }

  // ---- what a pass can begin with -----------------------------------------------------------------------------------

  /// 1, for a target of one element.
  static Tensor scalarSeed(String operation, Variable target) {
    if (target.value().elements() != 1) {
      throw new IllegalArgumentException(
          operation + ": the target has shape " + target.shape() + ", not that of a scalar; sum it or give a seed");
    }
    return Tensor.ones(target.dtype(), target.shape().sizes());
  }

  /// Checks targets and seeds of a pass over a tape.
  static void requireDifferentiable(String operation, Tape tape, List<Variable> targets, List<Tensor> seeds) {
    tape.requireOpen(operation);
    if (tape.isInference()) {
      throw new IllegalStateException(operation + ": an inference tape records nothing; use Tape.recording()");
    }
    if (targets.size() != seeds.size()) {
      throw new IllegalArgumentException(
          operation + ": " + targets.size() + " targets with " + seeds.size() + " seeds");
    }
    for (int i = 0; i < targets.size(); i++) {
      tape.requireMine(operation, targets.get(i).tape());
      Tensor value = targets.get(i).value();
      if (!seeds.get(i).shape().equals(value.shape()) || seeds.get(i).dtype() != value.dtype()) {
        throw new IllegalArgumentException(operation + ": seed " + i + " is " + seeds.get(i).dtype() + " "
            + seeds.get(i).shape() + ", its target " + value.dtype() + " " + value.shape());
      }
    }
    if (targets.stream().noneMatch(Variable::isTracked)) {
      throw new IllegalArgumentException(operation + ": the target depends on nothing that was watched on this tape");
    }
  }
}
