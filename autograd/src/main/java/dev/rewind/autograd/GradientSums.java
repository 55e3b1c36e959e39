package dev.rewind.autograd;

import dev.rewind.tensor.Shape;
import java.util.Arrays;

/// The gradients of a backward pass while they are added up, by slot.
sealed interface GradientSums permits GradientSums.Recorded, PooledGradients {
  /// Whether anything was added to a slot.
  boolean has(int slot);

  /// The sum of a slot, which is forgotten here.
  BackwardPass.Incoming take(int slot, Tape tape);

  /// Adds to a slot of that shape.
  void add(int slot, Shape shape, Variable g);

  /// Says that a buffer is needed no more; null is nobody's.
  void release(BufferPool.Buffer buffer);

  /// Gradients as variables, added by a recorded operation: the plain form.
  final class Recorded implements GradientSums {
    private Variable[] sums = {};

    @Override
    public boolean has(int slot) {
      return slot < sums.length && sums[slot] != null;
    }

    @Override
    public BackwardPass.Incoming take(int slot, Tape tape) {
      Variable sum = sums[slot];
      sums[slot] = null;
      return new BackwardPass.Incoming(sum, null);
    }

    @Override
    public void add(int slot, Shape shape, Variable g) {
      if (slot >= sums.length) {
        sums = Arrays.copyOf(sums, Math.max(g.tape().slots(), slot + 1));
      }
      sums[slot] = sums[slot] == null ? g : sums[slot].plus(g);
    }

    @Override
    public void release(BufferPool.Buffer buffer) {}
  }
}
