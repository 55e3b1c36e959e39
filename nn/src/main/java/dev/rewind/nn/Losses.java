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

  /// [#crossEntropy] against targets of which a share is spread evenly over all classes (Szegedy et al. 2016), as
  /// PyTorch's `label_smoothing`.
  ///
  /// @param share in `[0, 1)`
  public static Variable smoothedCrossEntropy(Variable logits, Tensor targets, double share) {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException("smoothedCrossEntropy: the share must be in [0, 1), not " + share);
    }
    Variable even = logits.logSoftmax(-1).mean().negate();
    return crossEntropy(logits, targets).times(1 - share).plus(even.times(share));
  }

  /// The mean of `-t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x))`, in nats, shape `[]`; computed as
  /// `softplus(x) - t x`, which does not overflow.
  ///
  /// @param logits of any shape
  /// @param targets of the same shape and dtype, in `[0, 1]`
  public static Variable binaryCrossEntropy(Variable logits, Tensor targets) {
    requireSameShape("binaryCrossEntropy", logits, targets);
    return logits.softplus().minus(logits.times(logits.tape().constant(targets))).mean();
  }

  /// The mean of `d^2 / 2` where the difference `d` is within `delta`, of `delta (|d| - delta / 2)` beyond (Huber 1964),
  /// shape `[]`.
  ///
  /// @throws IllegalArgumentException if `delta` is not positive
  public static Variable huber(Variable prediction, Tensor target, double delta) {
    requireSameShape("huber", prediction, target);
    if (!(delta > 0)) {
      throw new IllegalArgumentException("huber: delta must be positive, not " + delta);
    }
    Variable size = prediction.minus(prediction.tape().constant(target)).abs();
    Variable within = size.clamp(0, delta);
    return within.square().times(0.5).plus(size.minus(within).times(delta)).mean();
  }

  private static void requireSameShape(String operation, Variable x, Tensor target) {
    if (!x.shape().equals(target.shape())) {
      throw new ShapeException(operation + ": " + x.shape() + " with targets " + target.shape());
    }
  }

  /// The mean squared difference, shape `[]`.
  public static Variable meanSquaredError(Variable prediction, Variable target) {
    if (!prediction.shape().equals(target.shape())) {
      throw new ShapeException("meanSquaredError: " + prediction.shape() + " with " + target.shape());
    }
    return prediction.minus(target).square().mean();
  }
}
