package dev.rewind.nn;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.Ctc;
import dev.rewind.nn.fused.Masks;
import dev.rewind.nn.fused.SoftmaxCrossEntropy;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;

/// What training minimizes: scalars of shape `[]`, means over all positions, or over those where a BOOL mask is true.
/// Masked positions have no influence and no gradient, even if they are NaN or not a valid target. If there is nothing
/// to take the mean of, because there are no positions or all are masked, every loss is 0 and its gradients are zeros
/// (the mean of a tensor without elements would be NaN): such a batch teaches nothing and does no harm.
/// The mask of sequences of several lengths is [dev.rewind.nn.rnn.Lengths#mask].
///
/// Targets are tensors; a regression loss, [#meanSquaredError] or [#huber], also takes a variable, which then has a
/// gradient as well.
public final class Losses {
  private Losses() {}

  // ---- cross-entropy -----------------------------------------------------------------------------------------------

  /// The mean over all positions of `-log softmax(logits)[target]`, in nats.
  ///
  /// @param logits `[.., classes]`, such as `[batch, time, classes]`
  /// @param targets INT32, the shape of the logits without the last axis
  /// @throws ShapeException if the shapes do not fit
  /// @throws DTypeException if the targets are not INT32
  /// @throws IndexOutOfBoundsException naming a target that is not a class, and its position
  public static Variable crossEntropy(Variable logits, Tensor targets) {
    return smoothedCrossEntropy(logits, targets, 0);
  }

  /// [#crossEntropy] over the positions where a mask of the targets' shape is true.
  public static Variable crossEntropy(Variable logits, Tensor targets, Tensor mask) {
    return smoothedCrossEntropy(logits, targets, mask, 0);
  }

  /// [#crossEntropy] against targets that are smoothed: that part of each is spread evenly over all classes (Szegedy et
  /// al. 2016), as PyTorch's `label_smoothing`.
  ///
  /// @param smoothing in `[0, 1)`, otherwise an [IllegalArgumentException]
  public static Variable smoothedCrossEntropy(Variable logits, Tensor targets, double smoothing) {
    return smoothedCrossEntropy(logits, targets, Tensor.scalar(1).to(DType.BOOL).expand(targets.shape()), smoothing);
  }

  /// [#smoothedCrossEntropy] over the positions where a mask of the targets' shape is true.
  public static Variable smoothedCrossEntropy(Variable logits, Tensor targets, Tensor mask, double smoothing) {
    requireTargets(logits, targets);
    requireMask("crossEntropy", targets, mask);
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException("smoothedCrossEntropy: the smoothing must be in [0, 1), not " + smoothing);
    }
    return SoftmaxCrossEntropy.mean(logits, targets, mask, smoothing);
  }

  /// `-log softmax(logits)[target]` of every position: the shape of the targets. Arguments and errors as for
  /// [#crossEntropy].
  public static Variable crossEntropies(Variable logits, Tensor targets) {
    requireTargets(logits, targets);
    SoftmaxCrossEntropy.requireClasses(targets, logits.size(-1));
    return logits.logSoftmax(-1).takeAlong(targets.unsqueeze(-1), -1).squeeze(-1).negate();
  }

  private static void requireTargets(Variable logits, Tensor targets) {
    if (logits.rank() == 0) {
      throw new ShapeException("crossEntropy: wants logits [.., classes], not []");
    }
    if (!logits.dtype().isFloating()) {
      throw new DTypeException("crossEntropy: logits are FLOAT32 or FLOAT64, not " + logits.dtype());
    }
    Shape wanted = Shape.of(Arrays.copyOf(logits.shape().sizes(), logits.rank() - 1));
    boolean fits = targets.shape().equals(wanted);
    if (!fits || targets.dtype() != DType.INT32) {
      String message = "crossEntropy: for logits " + logits.shape() + ", targets must be class numbers INT32 " + wanted
          + ", not "
          + targets.dtype() + " " + targets.shape() + (!targets.shape().equals(logits.shape()) ? ""
              : "; with a probability for each class, the loss is "
                  + "logits.logSoftmax(-1).times(targets).sum(-1).mean().negate()");
      throw fits ? new DTypeException(message) : new ShapeException(message);
    }
  }

  // ---- the others --------------------------------------------------------------------------------------------------

  /// The mean of `-t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x))`, in nats; computed as `t softplus(-x) + (1 - t)
  /// softplus(x)`, which neither overflows nor cancels.
  ///
  /// @param logits of any shape
  /// @param targets of the same shape and dtype, in `[0, 1]` (which is not checked)
  /// @throws ShapeException if the shapes differ
  /// @throws DTypeException if the dtypes differ
  public static Variable binaryCrossEntropy(Variable logits, Tensor targets) {
    requireSame("binaryCrossEntropy", logits, targets);
    return mean(binaryCrossEntropies(logits, targets));
  }

  /// [#binaryCrossEntropy] over the elements where a mask of their shape is true.
  public static Variable binaryCrossEntropy(Variable logits, Tensor targets, Tensor mask) {
    requireSame("binaryCrossEntropy", logits, targets);
    requireMask("binaryCrossEntropy", targets, mask);
    Tensor kept = Tensor.where(mask, targets, Tensor.zeros(targets.dtype()));
    return Masks.mean(binaryCrossEntropies(Masks.kept(logits, mask), kept), mask);
  }

  private static Variable binaryCrossEntropies(Variable logits, Tensor targets) {
    return weighted(logits.negate().softplus(), targets)
        .plus(weighted(logits.softplus(), targets.negate().plus(1)));
  }

  /// `weight * x`, and 0 where the weight is, also of an infinity.
  private static Variable weighted(Variable x, Tensor weight) {
    return Masks.kept(x.times(x.tape().constant(weight)), weight.equalTo(0).not());
  }

  /// The mean of `d^2 / 2` where the difference `d` is within `delta`, of `delta (|d| - delta / 2)` beyond (Huber
  /// 1964).
  ///
  /// @param prediction of any shape
  /// @param target of the same shape and dtype
  /// @throws IllegalArgumentException if `delta` is not positive and finite, or shapes or dtypes differ
  public static Variable huber(Variable prediction, Tensor target, double delta) {
    return huber(prediction, prediction.tape().constant(target), delta);
  }

  /// The same against a variable, with gradients for both.
  public static Variable huber(Variable prediction, Variable target, double delta) {
    requireSame("huber", prediction, target.value());
    return mean(hubers(prediction.minus(target), delta));
  }

  /// [#huber] over the elements where a mask of their shape is true.
  public static Variable huber(Variable prediction, Tensor target, Tensor mask, double delta) {
    return huber(prediction, prediction.tape().constant(target), mask, delta);
  }

  /// The same against a variable, with gradients for both.
  public static Variable huber(Variable prediction, Variable target, Tensor mask, double delta) {
    requireSame("huber", prediction, target.value());
    requireMask("huber", target.value(), mask);
    return Masks.mean(hubers(Masks.kept(prediction.minus(target), mask), delta), mask);
  }

  private static Variable hubers(Variable difference, double delta) {
    if (!(delta > 0 && delta < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("huber: delta must be positive and finite, not " + delta);
    }
    Variable near = difference.clamp(-delta, delta);
    return near.times(difference.minus(near.times(0.5)));
  }

  /// The mean squared difference.
  ///
  /// @param prediction of any shape
  /// @param target of the same shape and dtype
  /// @throws IllegalArgumentException if shapes or dtypes differ
  public static Variable meanSquaredError(Variable prediction, Tensor target) {
    return meanSquaredError(prediction, prediction.tape().constant(target));
  }

  /// The same against a variable, with gradients for both.
  public static Variable meanSquaredError(Variable prediction, Variable target) {
    requireSame("meanSquaredError", prediction, target.value());
    return mean(prediction.minus(target).square());
  }

  /// [#meanSquaredError] over the elements where a mask of their shape is true.
  public static Variable meanSquaredError(Variable prediction, Tensor target, Tensor mask) {
    return meanSquaredError(prediction, prediction.tape().constant(target), mask);
  }

  /// The same against a variable, with gradients for both.
  public static Variable meanSquaredError(Variable prediction, Variable target, Tensor mask) {
    requireSame("meanSquaredError", prediction, target.value());
    requireMask("meanSquaredError", target.value(), mask);
    return Masks.mean(Masks.kept(prediction.minus(target), mask).square(), mask);
  }

  /// The mean over all sequences of the negative log-likelihood, in nats, of a labelling shorter than the sequence,
  /// summed over all alignments: connectionist temporal classification (Graves, Fernandez, Gomez and Schmidhuber 2006).
  /// An alignment gives every step a label or the blank; leaving out repetitions and then blanks leads to the
  /// labelling. PyTorch's `ctc_loss` with `reduction="mean"` divides by the number of labels as well. First order only.
  ///
  /// @param logits `[batch, time, classes]`
  /// @param labels INT32 `[batch, most labels]`; what is beyond a labelling's length does not matter
  /// @param lengths of the sequences, each at most `time`
  /// @param labelLengths of the labellings
  /// @param blank the class of the blank
  /// @throws IllegalArgumentException naming a sequence that is too short for its labelling, or a label that is none
  public static Variable ctc(Variable logits, Tensor labels, int[] lengths, int[] labelLengths, int blank) {
    return Ctc.mean(logits, labels, lengths, labelLengths, blank);
  }

  // ---- means and masks ---------------------------------------------------------------------------------------------

  /// The mean of all elements, 0 if there are none.
  private static Variable mean(Variable x) {
    return x.value().elements() == 0 ? x.sum() : x.mean();
  }

  private static void requireMask(String operation, Tensor targets, Tensor mask) {
    if (mask.dtype() != DType.BOOL || !mask.shape().equals(targets.shape())) {
      throw new ShapeException(operation + ": the mask is " + mask.dtype() + " " + mask.shape() + ", wanted BOOL "
          + targets.shape());
    }
  }

  private static void requireSame(String operation, Variable x, Tensor target) {
    boolean fits = x.shape().equals(target.shape());
    if (!fits || x.dtype() != target.dtype()) {
      String message = operation + ": the targets must be " + x.dtype() + " " + x.shape()
          + " like the predictions, not "
          + target.dtype() + " " + target.shape();
      throw fits ? new DTypeException(message + "; convert them with to(..)") : new ShapeException(message);
    }
  }
}
