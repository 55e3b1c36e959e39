package dev.rewind.nn;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.Masks;
import dev.rewind.tensor.Tensor;

/// What is made of a loss for each position, as PyTorch's `reduction`. Where there is nothing to take a mean of, it is
/// 0, and so is its gradient.
public enum Reduction {
  /// One for each position; 0 where a mask leaves it out.
  NONE,
  /// The sum, shape `[]`.
  SUM,
  /// The mean over all positions, or over those that a mask keeps, shape `[]`.
  MEAN;

  /// Reduces losses of any shape, over the positions where a BOOL mask of their shape is true, if there is one.
  public Variable of(Variable losses, Tensor... mask) {
    if (mask.length > 1) {
      throw new IllegalArgumentException("reduction: takes one mask, not " + mask.length);
    }
    Variable kept = mask.length == 0 ? losses : Masks.kept(losses, mask[0]);
    return switch (this) {
      case NONE -> kept;
      case SUM -> kept.sum();
      case MEAN ->
        mask.length == 1 ? Masks.mean(losses, mask[0]) : losses.value().elements() == 0 ? losses.sum() : losses.mean();
    };
  }
}
