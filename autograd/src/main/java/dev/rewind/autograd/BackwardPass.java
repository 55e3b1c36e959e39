package dev.rewind.autograd;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// One walk over a tape from its end to its start: each node takes the gradient of its result, which is complete when
/// the walk arrives there, and adds to those of its arguments. [#run] is the loop, [Node#backward] the step.
///
/// How gradients are added up, slot by slot, is for the two kinds of pass to say: [Recorded] does it in the plain form,
/// [PooledPass] in memory that is used again.
abstract sealed class BackwardPass permits BackwardPass.Recorded, PooledPass {
  final Tape tape;
  private final BitSet wanted = new BitSet(); // slots whose gradients are asked for
  private final Map<Integer, Variable> found = new HashMap<>(); // their gradients

  BackwardPass(Tape tape, Collection<Integer> wanted) {
    this.tape = tape;
    wanted.forEach(this.wanted::set);
  }

  /// Says where the gradient of a target begins.
  final void start(Variable target, Variable seed) {
    if (target.isTracked()) {
      add(target.slot(), target.shape(), seed);
    }
  }

  /// Passes gradients through the nodes `[from, to)`, the last first.
  final void run(int from, int to) {
    for (int i = to - 1; i >= from; i--) {
      Node node = tape.nodes.get(i);
      if (isReached(node)) {
        tape.enter(node);
        node.backward(this);
      }
      leave(i);
    }
  }

  private boolean isReached(Node node) {
    for (int slot = node.slot; slot < node.slot + node.results; slot++) {
      if (has(slot)) {
        return true;
      }
    }
    return false;
  }

  /// The gradient of a slot, null if there is none. It is complete, and forgotten here.
  final Variable take(int slot) {
    if (!has(slot)) {
      return null;
    }
    Variable g = remove(slot);
    if (tape.leaves.isObserved(slot) || wanted.get(slot)) {
      keepTaken();
      g = tape.leaves.hooked(slot, g);
      if (wanted.get(slot)) {
        found.put(slot, g);
      }
    }
    return g;
  }

  /// The gradient of a slot that was asked for, null if the walk did not reach it.
  final Variable found(int slot) {
    take(slot);
    return found.get(slot);
  }

  /// Adds to the gradient of an argument what its rule makes of that of the result.
  ///
  /// @param y the result, null if no rule needs it
  void add(Op.Argument argument, Variable g, Variable y) {
    if (follows(argument.slot)) {
      add(argument.slot, argument.shape, argument.rule.apply(g, y));
    }
  }

  /// Adds to the gradient of a slot of that shape.
  final void add(int slot, Shape shape, Variable g) {
    if (follows(slot)) {
      Anomaly.checkGradient(g);
      plus(slot, shape, g);
    }
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
          g.tape().running().operation + ": its rule gave a gradient of shape " + g.shape()
              + " for an argument of shape "
              + shape);
    }
    return summed;
  }

  // ---- how gradients are added up -----------------------------------------------------------------------------------

  /// Whether anything was added to a slot.
  abstract boolean has(int slot);

  /// The sum of a slot to which something was added, which is forgotten here.
  abstract Variable remove(int slot);

  /// Adds to a slot of that shape what may be wider, because the variable was broadcast.
  abstract void plus(int slot, Shape shape, Variable g);

  /// Looks at the nodes `[from, to)` before they are walked.
  void follow(int from, int to) {}

  /// Whether the gradient of a slot matters.
  boolean follows(int slot) {
    return slot != Tape.UNTRACKED;
  }

  /// Adds what a function makes of the gradients of several results, if this pass can; else says no.
  boolean addJointly(int slot, Shape shape, Op.AddJointlyInto addInto, List<Variable> g) {
    return false;
  }

  /// Says that gradients that the running node took stay with others for good.
  void keepTaken() {}

  /// Says that a node is done with the gradients that it took.
  void leave(int node) {}

  /// The plain form: gradients are variables, added by operations that the tape records as well, so that they can be
  /// differentiated again. Only what leads to the sources is followed.
  static final class Recorded extends BackwardPass {
    private final BitSet followed = new BitSet(); // slots that depend on a source
    private Variable[] sums = {};

    private Recorded(Tape tape, List<Integer> sources) {
      super(tape, sources);
      sources.forEach(followed::set);
      follow(0, tape.length());
    }

    /// The gradients of a target times a seed; zeros for sources that were not reached.
    static List<Variable> gradients(Tape tape, Variable target, Variable seed, List<Variable> sources) {
      Recorded pass = new Recorded(tape, sources.stream().filter(Variable::isTracked).map(Variable::slot).toList());
      pass.start(target, seed);
      pass.run(0, tape.length());
      return sources.stream().map(source -> {
        Variable g = source.isTracked() ? pass.found(source.slot()) : null;
        return g != null ? g : tape.constant(Tensor.zeros(source.dtype(), source.shape()));
      }).toList();
    }

    @Override
    void follow(int from, int to) {
      for (Node node : tape.nodes.subList(from, to)) {
        node.forEachArgument(slot -> {
          if (followed.get(slot)) {
            followed.set(node.slot, node.slot + node.results);
          }
        });
      }
    }

    @Override
    boolean has(int slot) {
      return slot < sums.length && sums[slot] != null;
    }

    @Override
    Variable remove(int slot) {
      Variable sum = sums[slot];
      sums[slot] = null;
      return sum;
    }

    @Override
    void plus(int slot, Shape shape, Variable g) {
      if (slot >= sums.length) {
        sums = Arrays.copyOf(sums, Math.max(tape.slots(), slot + 1));
      }
      Variable fitting = unbroadcast(g, shape);
      sums[slot] = sums[slot] == null ? fitting : sums[slot].plus(fitting);
    }

    @Override
    boolean follows(int slot) {
      return slot != Tape.UNTRACKED && followed.get(slot);
    }
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
