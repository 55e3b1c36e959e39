package dev.rewind.nn;

import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;

/// What training makes small.
public final class Losses {
  private Losses() {}

  /// The mean over all positions of `-log softmax(logits)[target]`, in nats, shape `[]`.
  ///
  /// @param logits `[.., classes]`
  /// @param targets INT32, the shape of the logits without the last axis
  public static Variable crossEntropy(Variable logits, Tensor targets) {
    return crossEntropies(logits, targets).mean();
  }

  /// `-log softmax(logits)[target]` of every position: the shape of the targets.
  public static Variable crossEntropies(Variable logits, Tensor targets) {
    if (targets.rank() != logits.rank() - 1
        || !targets.shape().equals(logits.value().select(-1, 0).shape())) {
      throw new ShapeException("crossEntropy: logits " + logits.shape() + " with targets " + targets.shape());
    }
    Tensor picked = targets.unsqueeze(-1);
    return logits.logSoftmax(-1).takeAlong(picked, -1).squeeze(-1).negate();
  }

  /// [#crossEntropy] over the positions where a BOOL mask of the targets' shape is true.
  ///
  /// @throws IllegalArgumentException if it is true nowhere
  public static Variable crossEntropy(Variable logits, Tensor targets, Tensor mask) {
    double count = mask.to(DType.INT32).sum().item();
    if (count == 0) {
      throw new IllegalArgumentException("crossEntropy: the mask leaves no position");
    }
    Variable each = crossEntropies(logits, targets);
    Variable zero = each.tape().constant(Tensor.zeros(each.dtype()));
    return Variable.where(mask, each, zero).sum().divide(count);
  }

  /// The mean squared difference, shape `[]`.
  public static Variable meanSquaredError(Variable prediction, Variable target) {
    if (!prediction.shape().equals(target.shape())) {
      throw new ShapeException("meanSquaredError: " + prediction.shape() + " with " + target.shape());
    }
    return prediction.minus(target).square().mean();
  }
}
