package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.Masks;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;

/// Brings every feature to mean 0 and variance 1 over all vectors of a batch, then to a learned gain and bias (Ioffe
/// and Szegedy 2015): `(x - mean) / sqrt(variance + 1e-5) * weight + bias`, as PyTorch's `BatchNorm1d`, which has time
/// last.
///
/// On a tape with an `Rng`, as in training, mean and variance are the batch's, and the running ones follow: `running =
/// 0.9 running + 0.1 batch`, with the variance over `n - 1`. On other tapes the running ones are used. They are frozen
/// parameters, so they are in files and copies of a model; leave them frozen. A tape with a dtype of its own, as a
/// gradient check has, does not change them, and recomputation does so once. Since they change as the model runs, train
/// on one tape at a time.
public final class BatchNorm extends Block implements Layer {
  private static final double EPSILON = 1e-5;
  private static final double MOMENTUM = 0.1;

  private final Param weight; // [size]
  private final Param bias; // [size]
  private final Param runningMean; // [size]
  private final Param runningVariance; // [size]

  /// Gain 1 and bias 0, running mean 0 and variance 1.
  ///
  /// @throws IllegalArgumentException if the size is less than 1
  public BatchNorm(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("batch norm: a vector must have at least 1 element, not " + size);
    }
    this.weight = parameter("weight", Tensor.ones(DType.FLOAT32, size));
    this.bias = parameter("bias", Tensor.zeros(DType.FLOAT32, size));
    this.runningMean = parameter("running_mean", Tensor.zeros(DType.FLOAT32, size));
    this.runningVariance = parameter("running_var", Tensor.ones(DType.FLOAT32, size));
    runningMean.freeze(true);
    runningVariance.freeze(true);
  }

  /// `[B, size]` or `[B, T, size]` to the same shape.
  ///
  /// @throws ShapeException if the input has another shape, or is a single vector in training
  /// @throws dev.rewind.tensor.DTypeException if the dtype is not that of the gain on the tape
  /// @throws IllegalStateException if the tape records, and nothing was said about randomness; see [Tape#rng]
  @Override
  public Variable forward(Variable x) {
    return forward(x, Tensor.scalar(true).expand(withoutSize(x)));
  }

  /// The same of what a mask keeps; the rest may be anything, and becomes 0.
  ///
  /// @param mask BOOL `[B]` or `[B, T]`, such as [dev.rewind.nn.rnn.Lengths#mask]
  public Variable forward(Variable x, Tensor mask) {
    Tape tape = x.tape();
    Variable gain = tape.watch(weight);
    int size = gain.size(0);
    if (x.rank() != 2 && x.rank() != 3) {
      throw new ShapeException(
          "batch norm: wants [batch, " + size + "] or [batch, time, " + size + "], not " + x.shape());
    }
    Inputs.require("batch norm", x, size, gain.dtype());
    Losses.requireMask("batch norm", withoutSize(x), mask);
    Tensor kept = mask.unsqueeze(-1);
    Variable in = Masks.kept(x, kept);
    Variable mean;
    Variable variance;
    if (tape.rng("batch norm").isPresent()) {
      int[] axes = x.rank() == 2 ? new int[] {0} : new int[] {0, 1};
      mean = in.sum(axes).times(Masks.weight(mask));
      variance = Masks.kept(in.minus(mean), kept).square().sum(axes).times(Masks.weight(mask));
      follow(tape, mean.value(), variance.value(), mask.to(DType.INT32).sum().item());
    } else {
      mean = tape.watch(runningMean);
      variance = tape.watch(runningVariance);
    }
    Variable y = in.minus(mean).divide(variance.plus(EPSILON).sqrt()).times(gain).plus(tape.watch(bias));
    return Shapes.note(this, Masks.kept(y, kept));
  }

  private static Shape withoutSize(Variable x) {
    return Shape.of(Arrays.copyOf(x.shape().sizes(), Math.max(0, x.rank() - 1)));
  }

  private void follow(Tape tape, Tensor mean, Tensor variance, double n) {
    if (n == 1) {
      throw new ShapeException("batch norm: one vector has no variance to train with; give larger batches");
    }
    if (n > 0 && !tape.isInference() && !tape.isInBackwardPass() && tape.options().dtype().isEmpty()) {
      follow(runningMean.value(), mean);
      follow(runningVariance.value(), variance.times(n / (n - 1)));
    }
  }

  private static void follow(Tensor running, Tensor batch) {
    running.assign(running.plus(batch.minus(running).times(MOMENTUM)));
  }
}
