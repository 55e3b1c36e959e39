package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The fast form of a backward pass: gradients are tensors, added up in memory from a [BufferPool], so that a long
/// recurrence takes the memory of a few steps. Rules that can add in place do so.
final class PooledPass extends BackwardPass {
  private final BufferPool pool;
  private final boolean releasesNodes;
  private final List<BufferPool.Buffer> taken = new ArrayList<>(); // by the running node
  private GradientAccumulator[] sums;

  /// @param releasesNodes whether nodes, and with them what their rules hold, are let go on the way
  private PooledPass(Tape tape, boolean releasesNodes) {
    super(tape, tape.leaves.retained().keySet());
    this.pool = tape.loans.pool();
    this.releasesNodes = releasesNodes;
    this.sums = new GradientAccumulator[tape.slots()];
  }

  /// The gradients of the sum of all `target * seed`.
  static Gradients gradients(Tape tape, List<Variable> targets, List<Tensor> seeds, Tape.Retain retain) {
    PooledPass pass = new PooledPass(tape, retain == Tape.Retain.NOTHING);
    pass.pool.begin(tape.batches);
    try {
      for (int i = 0; i < targets.size(); i++) {
        pass.start(targets.get(i), tape.constant(seeds.get(i)));
      }
      pass.run(0, tape.length());
      return pass.gradients();
    } finally {
      pass.pool.end();
    }
  }

  /// Of all parameters and retained variables that were reached.
  private Gradients gradients() {
    Map<Param, Gradient> ofParameters = new LinkedHashMap<>();
    tape.leaves.parameters().forEach((parameter, slot) -> {
      if (has(slot)) {
        ofParameters.put(parameter, tape.leaves.isObserved(slot) ? lasting(take(slot).value()) : sums[slot].gradient());
      }
    });
    Map<Variable, Gradient> ofVariables = new LinkedHashMap<>();
    tape.leaves.retained().forEach((slot, variable) -> {
      Variable g = found(slot);
      if (g != null) {
        ofVariables.put(variable, lasting(g.value()));
      }
    });
    return new Gradients(ofParameters, ofVariables);
  }

  /// A gradient that may be a value of the tape, whose memory goes to the next one.
  Gradient lasting(Tensor g) {
    return new Gradient.Dense(tape.options().reusesValues() ? g.copy() : g.contiguous());
  }

  BufferPool pool() {
    return pool;
  }

  /// The memory that a gradient which the running node took is in; null if that is none of the pool's.
  BufferPool.Buffer bufferOf(Tensor g) {
    for (BufferPool.Buffer buffer : taken) {
      if (g.sharesStorage(buffer.tensor)) {
        return buffer;
      }
    }
    return null;
  }

  @Override
  boolean has(int slot) {
    return slot < sums.length && sums[slot] != null;
  }

  @Override
  Variable remove(int slot) {
    GradientAccumulator sum = sums[slot];
    sums[slot] = null;
    Tensor total = sum.total();
    if (sum.buffer() != null) {
      taken.add(sum.buffer());
    }
    return tape.constant(total);
  }

  @Override
  void add(Op.Argument argument, Variable g, Variable y) {
    if (argument.addInto == null) {
      keepTaken(); // a rule of a user's may keep what it is given
    }
    if (argument.addInto == null || argument.addInto == Op.VIEW) {
      super.add(argument, g, y);
      return;
    }
    if (tape.options().anomaly()) {
      Anomaly.checkGradient(argument.rule.apply(g, y));
    }
    argument.addInto.add(sum(argument.slot, argument.shape, g.dtype()), g.value(), y == null ? null : y.value());
  }

  @Override
  void plus(int slot, Shape shape, Variable g) {
    sum(slot, shape, g.dtype()).add(g.value());
  }

  @Override
  boolean addJointly(int slot, Shape shape, Op.AddJointlyInto addInto, List<Variable> g) {
    if (tape.options().anomaly()) {
      return false;
    }
    addInto.add(sum(slot, shape, g.getFirst().dtype()), g.stream().map(Variable::value).toList());
    return true;
  }

  @Override
  void keepTaken() {
    for (BufferPool.Buffer buffer : taken) {
      buffer.keep();
    }
  }

  @Override
  void leave(int node) {
    if (releasesNodes) {
      tape.nodes.set(node, null);
    }
    if (!taken.isEmpty()) {
      taken.forEach(pool::release);
      taken.clear();
    }
  }

  private GradientAccumulator sum(int slot, Shape shape, DType dtype) {
    if (slot >= sums.length) {
      sums = Arrays.copyOf(sums, Math.max(tape.slots(), slot + 1));
    }
    if (sums[slot] == null) {
      sums[slot] = new GradientAccumulator(this, dtype, shape);
    }
    return sums[slot];
  }
}
