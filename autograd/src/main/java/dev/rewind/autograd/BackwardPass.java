package dev.rewind.autograd;

import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
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

  private void markFollowed(int from, int to) {
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
    UnaryOperator<Variable> hook = tape.hooks.get(slot);
    boolean isKept = tape.retained.containsKey(slot) || sources.get(slot);
    if (hook == null && !isKept) {
      return sum;
    }
    keep(sum);
    Variable seen = hook == null ? sum.value : hook.apply(sum.value);
    if (isKept) {
      kept.put(slot, seen);
    }
    return new Incoming(seen, null);
  }

  /// The gradient of a slot for good, null if there is none.
  private Variable takeForGood(int slot) {
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

  /// Runs a stretch of the computation again, recording it, and passes the gradients of a node through that.
  void runAgain(Node node, Supplier<List<Variable>> f, Optional<Rng.State> draws) {
    int mark = tape.length();
    int lent = tape.loans();
    List<Variable> results = tape.replay(f, draws);
    int end = tape.length();
    if (results.size() != node.results) {
      throw new IllegalStateException(
          node.operation + ": gave " + node.results + " results and then " + results.size());
    }
    markFollowed(mark, end);
    for (int i = 0; i < node.results; i++) {
      Variable g = takeForGood(node.slot + i);
      if (g != null && results.get(i).isTracked()) {
        add(results.get(i).slot(), results.get(i).shape(), g);
      }
    }
    run(mark, end);
    if (!recorded) {
      tape.truncate(mark);
      tape.giveBack(lent);
    }
  }

  // ---- what comes of it ---------------------------------------------------------------------------------------------

  /// The gradients of all parameters and retained variables that were reached.
  Gradients collect() {
    Map<Param, Gradient> ofParameters = new LinkedHashMap<>();
    tape.parameters.keySet().stream().sorted().filter(sums::has).forEach(
        slot -> ofParameters.put(tape.parameters.get(slot), gradientOfLeaf(slot)));
    Map<Variable, Gradient> ofVariables = new LinkedHashMap<>();
    tape.retained.keySet().stream().sorted().forEach(slot -> {
      Variable g = kept.containsKey(slot) ? kept.get(slot) : takeForGood(slot);
      if (g != null) {
        ofVariables.put(tape.retained.get(slot), new Gradient.Dense(g.value().contiguous()));
      }
    });
    return new Gradients(ofParameters, ofVariables);
  }

  private Gradient gradientOfLeaf(int slot) {
    return tape.hooks.containsKey(slot) || tape.retained.containsKey(slot)
        ? new Gradient.Dense(takeForGood(slot).value().contiguous())
        : ((PooledGradients) sums).gradient(slot);
  }

  /// The recorded gradient of a source, zeros if it was not reached.
  Variable ofSource(Variable source) {
    Variable g = kept.containsKey(source.slot()) ? kept.get(source.slot())
        : source.isTracked() ? takeForGood(source.slot()) : null;
    return g != null ? g : tape.constant(Tensor.zeros(source.dtype(), source.shape()));
  }
}
