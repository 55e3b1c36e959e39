package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/// Gradients as tensors, added up in memory from a [BufferPool], so that a backward pass over a long recurrence takes
/// the memory of a few steps. Rules that can add in place do so.
final class PooledGradients implements GradientSums {
  private final Tape tape;
  private final BufferPool pool;
  private GradientAccumulator[] sums;
  private BufferPool.Buffer incoming; // of the gradient that a rule is given now

  PooledGradients(Tape tape) {
    this.tape = tape;
    this.pool = tape.bufferPool();
    this.sums = new GradientAccumulator[tape.slots()];
  }

  Tape tape() {
    return tape;
  }

  BufferPool pool() {
    return pool;
  }

  BufferPool.Buffer incoming() {
    return incoming;
  }

  @Override
  public boolean has(int slot) {
    return slot < sums.length && sums[slot] != null;
  }

  @Override
  public BackwardPass.Incoming take(int slot, Tape of) {
    GradientAccumulator sum = sums[slot];
    sums[slot] = null;
    return new BackwardPass.Incoming(of.constant(sum.total()), sum.buffer());
  }

  @Override
  public void add(int slot, Shape shape, Variable g) {
    incoming = null;
    sum(slot, shape, g.dtype()).add(g.value());
  }

  /// Adds what an argument's rule makes of a gradient, in place.
  void add(Op.Argument argument, BackwardPass.Incoming g, Variable y) {
    incoming = g.buffer();
    GradientAccumulator sum = sum(argument.slot, argument.shape, g.value().dtype());
    if (argument.addInto == Op.VIEW) {
      sum.add(argument.rule.apply(g.value(), y).value());
    } else {
      argument.addInto.add(sum, g.value().value(), y == null ? null : y.value());
    }
  }

  /// Adds what a function makes of the gradients of several results, in place.
  void add(int slot, Shape shape, Op.AddJointlyInto addInto, List<Variable> g) {
    incoming = null;
    addInto.add(sum(slot, shape, g.getFirst().dtype()), g.stream().map(Variable::value).toList());
  }

  @Override
  public void release(BufferPool.Buffer buffer) {
    pool.release(buffer);
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

  /// The gradient of a leaf, for good.
  Gradient gradient(int slot) {
    return sums[slot].gradient();
  }
}
