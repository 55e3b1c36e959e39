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
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;

/// What training minimizes: scalars of shape `[]`, means over all positions, or over those where a BOOL mask is true.
/// Masked positions have no influence and no gradient, even if they are NaN or not a valid target. If there is nothing
/// to take the mean of, because there are no positions or all are masked, every loss is 0 and its gradients are zeros
/// (the mean of a tensor without elements would be NaN): such a batch teaches nothing and does no harm.
/// The mask of sequences of several lengths is [dev.rewind.nn.rnn.Lengths#mask].
///
/// Targets are tensors; a regression loss, [#meanSquaredError] or [#huber], also takes a variable, which then has a
/// gradient as well. With a [Reduction], a loss is that sum or mean, or one for each position, and takes a mask as its
/// last argument, if there is one.
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
    requireMask("crossEntropy", targets.shape(), mask);
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

  /// [#crossEntropies], reduced.
  public static Variable crossEntropy(Variable logits, Tensor targets, Reduction reduction, Tensor... mask) {
    return atClasses("crossEntropy", logits, targets, reduction, mask, Losses::crossEntropies);
  }

  /// Cross-entropy times the weight of the target, as PyTorch's with `weight`: for classes of unequal numbers. The mean
  /// divides by the sum of the weights, and is 0 if that is.
  ///
  /// @param weights of the dtype of the logits, `[classes]`
  /// @throws ShapeException if there are more or fewer weights than classes
  public static Variable weightedCrossEntropy(
      Variable logits, Tensor targets, Tensor weights, Reduction reduction, Tensor... mask) {
    if (logits.rank() == 0 || !weights.shape().equals(Shape.of(logits.size(-1)))) {
      throw new ShapeException("weightedCrossEntropy: logits " + logits.shape() + " want a weight for each class, not "
          + weights.shape());
    }
    Variable ofTargets = logits.tape().constant(weights);
    return atClasses("weightedCrossEntropy", logits, targets, reduction == Reduction.MEAN ? Reduction.SUM : reduction,
        mask, (x, classes) -> {
          Variable factors = ofTargets.gather(classes, 0);
          Variable all = mask.length == 0 ? factors : Masks.kept(factors, mask[0]);
          double sum = reduction == Reduction.MEAN ? all.value().sum().item() : 1;
          return crossEntropies(x, classes).times(factors).times(sum == 0 ? 0 : 1 / sum);
        });
  }

  /// `-x[target]`, of log-probabilities such as `logits.logSoftmax(-1)`; PyTorch's `nll_loss`. Arguments and errors as
  /// for [#crossEntropy], in nats.
  public static Variable negativeLogLikelihood(
      Variable logProbabilities, Tensor targets, Reduction reduction, Tensor... mask) {
    return atClasses("negativeLogLikelihood", logProbabilities, targets, reduction, mask, (x, classes) -> {
      SoftmaxCrossEntropy.requireClasses(classes, x.size(-1));
      return x.takeAlong(classes.unsqueeze(-1), -1).squeeze(-1).negate();
    });
  }

  /// A loss of vectors `[.., classes]` at class numbers `[..]`, of which those that are masked need not be any.
  private static Variable atClasses(String operation, Variable x, Tensor targets, Reduction reduction, Tensor[] mask,
      BiFunction<Variable, Tensor, Variable> loss) {
    requireTargets(x, targets);
    if (mask.length == 0) {
      return reduction.of(loss.apply(x, targets));
    }
    requireMask(operation, targets.shape(), mask[0]);
    Tensor classes = Tensor.where(mask[0], targets, Tensor.scalar(0));
    return reduction.of(loss.apply(Masks.kept(x, mask[0].unsqueeze(-1)), classes), mask);
  }

  /// The Kullback-Leibler divergence of a distribution of classes from that of the targets, `sum(t (log t - x))`, in
  /// nats, 0 where `t` is. The mean is over positions, as PyTorch's `kl_div` with `reduction="batchmean"`.
  ///
  /// @param logProbabilities `[.., classes]`, such as `logits.logSoftmax(-1)`
  /// @param targets of the same shape and dtype, probabilities (which is not checked)
  /// @param mask BOOL `[..]`
  public static Variable klDivergence(
      Variable logProbabilities, Tensor targets, Reduction reduction, Tensor... mask) {
    requireSame("klDivergence", logProbabilities, targets);
    return ofVectors("klDivergence", logProbabilities, logProbabilities.tape().constant(targets), reduction, mask,
        (x, t) -> {
          Tensor some = t.value().equalTo(0).not();
          Variable logs = Masks.kept(x.tape().constant(t.value().log()).minus(x), some);
          return t.times(logs).sum(-1);
        });
  }

  /// A loss of pairs of vectors `[.., size]`, of which those that are masked do not matter.
  private static Variable ofVectors(String operation, Variable a, Variable b, Reduction reduction, Tensor[] mask,
      BinaryOperator<Variable> loss) {
    if (a.rank() == 0) {
      throw new ShapeException(operation + ": wants vectors [.., size], not []");
    }
    if (mask.length == 0) {
      return reduction.of(loss.apply(a, b));
    }
    requireMask(operation, Shape.of(Arrays.copyOf(a.shape().sizes(), a.rank() - 1)), mask[0]);
    Tensor kept = mask[0].unsqueeze(-1);
    return reduction.of(loss.apply(Masks.kept(a, kept), Masks.kept(b, kept)), mask);
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
    return binaryCrossEntropy(logits, targets, Reduction.MEAN);
  }

  /// [#binaryCrossEntropy] over the elements where a mask of their shape is true.
  public static Variable binaryCrossEntropy(Variable logits, Tensor targets, Tensor mask) {
    return binaryCrossEntropy(logits, targets, Reduction.MEAN, mask);
  }

  /// [#binaryCrossEntropy] of each element, reduced.
  public static Variable binaryCrossEntropy(Variable logits, Tensor targets, Reduction reduction, Tensor... mask) {
    return of("binaryCrossEntropy", logits, targets, reduction, mask, Losses::binaryCrossEntropies);
  }

  /// Binary cross-entropy with the part of targets that are 1 multiplied by a weight, `-w t log(sigmoid(x)) - (1 - t)
  /// log(1 - sigmoid(x))`, as PyTorch's `BCEWithLogitsLoss` with `pos_weight`: for positives that are rare.
  ///
  /// @param positive the weight, of the dtype of the logits; broadcasts to their shape
  public static Variable weightedBinaryCrossEntropy(
      Variable logits, Tensor targets, Tensor positive, Reduction reduction, Tensor... mask) {
    return of("weightedBinaryCrossEntropy", logits, targets, reduction, mask, (x, t) -> weighted(
        x.negate().softplus(), t.times(positive)).plus(weighted(x.softplus(), t.negate().plus(1))));
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
    return Reduction.MEAN.of(hubers(prediction.minus(target), delta));
  }

  /// [#huber] over the elements where a mask of their shape is true.
  public static Variable huber(Variable prediction, Tensor target, Tensor mask, double delta) {
    return huber(prediction, prediction.tape().constant(target), mask, delta);
  }

  /// The same against a variable, with gradients for both.
  public static Variable huber(Variable prediction, Variable target, Tensor mask, double delta) {
    requireSame("huber", prediction, target.value());
    requireMask("huber", target.shape(), mask);
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
    return Reduction.MEAN.of(prediction.minus(target).square());
  }

  /// [#meanSquaredError] over the elements where a mask of their shape is true.
  public static Variable meanSquaredError(Variable prediction, Tensor target, Tensor mask) {
    return meanSquaredError(prediction, prediction.tape().constant(target), mask);
  }

  /// The same against a variable, with gradients for both.
  public static Variable meanSquaredError(Variable prediction, Variable target, Tensor mask) {
    requireSame("meanSquaredError", prediction, target.value());
    requireMask("meanSquaredError", target.shape(), mask);
    return Masks.mean(Masks.kept(prediction.minus(target), mask).square(), mask);
  }

  /// [#meanSquaredError] of each element, reduced.
  public static Variable squaredError(Variable prediction, Tensor target, Reduction reduction, Tensor... mask) {
    return of("squaredError", prediction, target, reduction, mask, (x, t) -> x.minus(t).square());
  }

  /// [#huber] of each element, reduced.
  public static Variable huber(
      Variable prediction, Tensor target, double delta, Reduction reduction, Tensor... mask) {
    return of("huber", prediction, target, reduction, mask, (x, t) -> hubers(x.minus(t), delta));
  }

  /// The mean absolute difference `|prediction - target|`, PyTorch's `l1_loss`.
  ///
  /// @param prediction of any shape
  /// @param target of the same shape and dtype
  /// @throws IllegalArgumentException if shapes or dtypes differ
  public static Variable l1(Variable prediction, Tensor target, Tensor... mask) {
    return l1(prediction, target, Reduction.MEAN, mask);
  }

  /// [#l1] of each element, reduced.
  public static Variable l1(Variable prediction, Tensor target, Reduction reduction, Tensor... mask) {
    return of("l1", prediction, target, reduction, mask, (x, t) -> x.minus(t).abs());
  }

  /// `d^2 / (2 beta)` where the difference `d` is within `beta`, `|d| - beta / 2` beyond: [#huber] over `beta`,
  /// PyTorch's `smooth_l1_loss` (Girshick 2015).
  ///
  /// @throws IllegalArgumentException if `beta` is not positive and finite, or shapes or dtypes differ
  public static Variable smoothL1(
      Variable prediction, Tensor target, double beta, Reduction reduction, Tensor... mask) {
    return huber(prediction, target, beta, reduction, mask).divide(beta);
  }

  /// `max(q d, (q - 1) d)` with `d = target - prediction`, the pinball loss, least at the q-quantile of the targets
  /// (Koenker and Bassett 1978).
  ///
  /// @param q in `(0, 1)`, otherwise an [IllegalArgumentException]
  public static Variable quantile(Variable prediction, Tensor target, double q, Reduction reduction, Tensor... mask) {
    if (!(q > 0 && q < 1)) {
      throw new IllegalArgumentException("quantile: q must be in (0, 1), not " + q);
    }
    return of("quantile", prediction, target, reduction, mask, (x, t) -> {
      Variable more = x.minus(t);
      return more.abs().times(0.5).plus(more.times(0.5 - q)); // the two slopes, (1 - q) above the target and q below
    });
  }

  /// `(log v + (target - mean)^2 / v) / 2`, the negative log-likelihood of a normal distribution but for its constant,
  /// with `v` the variance, at least 1e-6 (Nix and Weigend 1994); PyTorch's `gaussian_nll_loss`, which gives variances
  /// below that a gradient.
  ///
  /// @param mean of any shape
  /// @param variance of the same shape and dtype, positive, such as a softplus
  public static Variable gaussianLikelihood(
      Variable mean, Variable variance, Tensor target, Reduction reduction, Tensor... mask) {
    requireSame("gaussianLikelihood", variance, target);
    return of("gaussianLikelihood", mean, target, reduction, mask, (x, t) -> {
      Variable v = (mask.length == 0 ? variance : Masks.kept(variance, mask[0])).clamp(1e-6, Double.POSITIVE_INFINITY);
      return v.log().plus(x.minus(t).square().divide(v)).times(0.5);
    });
  }

  /// How far pairs of vectors are from having the same direction, or different ones: `1 - cos` where the label is 1,
  /// `max(cos - margin, 0)` where it is -1; PyTorch's `cosine_embedding_loss`, with `cos = a b / sqrt((a a + e) (b b +
  /// e))` and `e` 1e-12.
  ///
  /// @param a `[.., size]`
  /// @param b of the same shape and dtype, with a gradient as well
  /// @param labels INT32 `[..]`, 1 or -1
  public static Variable cosineEmbedding(
      Variable a, Variable b, Tensor labels, double margin, Reduction reduction, Tensor... mask) {
    requireSame("cosineEmbedding", a, b.value());
    return ofVectors("cosineEmbedding", a, b, reduction, mask, (x, y) -> {
      Variable scale = x.square().sum(-1).plus(1e-12).times(y.square().sum(-1).plus(1e-12)).sqrt();
      Variable cosine = x.times(y).sum(-1).divide(scale);
      return Variable.where(labels.greater(0), cosine.negate().plus(1), cosine.minus(margin).relu());
    });
  }

  /// A loss of each element, of which those that are masked do not matter.
  private static Variable of(String operation, Variable x, Tensor target, Reduction reduction, Tensor[] mask,
      BiFunction<Variable, Tensor, Variable> loss) {
    requireSame(operation, x, target);
    if (mask.length == 0) {
      return reduction.of(loss.apply(x, target));
    }
    requireMask(operation, target.shape(), mask[0]);
    Tensor kept = Tensor.where(mask[0], target, Tensor.zeros(target.dtype()));
    return reduction.of(loss.apply(Masks.kept(x, mask[0]), kept), mask);
  }

  /// The mean over all sequences of the negative log-likelihood, in nats, of a labelling shorter than the sequence,
  /// summed over all alignments: connectionist temporal classification (Graves, Fernandez, Gomez and Schmidhuber 2006).
  /// An alignment gives every step a label or the blank; leaving out repetitions and then blanks leads to the
  /// labelling. PyTorch's `ctc_loss` with `reduction="mean"` divides by the number of labels as well.
  ///
  /// @param logits `[batch, time, classes]`
  /// @param labels INT32 `[batch, most labels]`; what is beyond a labelling's length does not matter
  /// @param lengths of the sequences, each at most `time`
  /// @param labelLengths of the labellings
  /// @param blank the class of the blank
  /// @throws IllegalArgumentException naming a sequence that is too short for its labelling, or a label that is none
  public static Variable ctc(Variable logits, Tensor labels, int[] lengths, int[] labelLengths, int blank) {
    return Ctc.mean(logits, labels, lengths, labelLengths, blank, false);
  }

  /// [#ctc] of which a sequence that is too short for its labelling is left out: its loss is 0, and so is its gradient,
  /// and it counts in the mean; PyTorch's `zero_infinity`.
  public static Variable ctcOfPossible(
      Variable logits, Tensor labels, int[] lengths, int[] labelLengths, int blank) {
    return Ctc.mean(logits, labels, lengths, labelLengths, blank, true);
  }

  // ---- shapes -----------------------------------------------------------------------------------------------------

  static void requireMask(String operation, Shape wanted, Tensor mask) {
    if (mask.dtype() != DType.BOOL || !mask.shape().equals(wanted)) {
      throw new ShapeException(
          operation + ": the mask is " + mask.dtype() + " " + mask.shape() + ", wanted BOOL " + wanted);
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
