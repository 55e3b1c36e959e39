package dev.rewind.nn.fused;

import dev.rewind.autograd.GradientAccumulator;
import dev.rewind.autograd.Op;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;

/// The mean cross-entropy of a softmax. In FLOAT32 it is one operation that goes over the logits once, row by row, and
/// keeps two numbers of each row, its maximum and its sum of exponentials; the backward pass computes the gradient
/// `(softmax(logits) - target) / count` from these in pooled memory. Otherwise, and for a second derivative, it is
/// composed of others.
///
/// @param targets of the rows
/// @param kept which rows count
/// @param smoothing what part of the target is spread evenly over all classes
/// @param weight of a row that counts
/// @param most the maximum of each row
/// @param totals of each row, the sum of `exp(x - most)`
public record SoftmaxCrossEntropy(Variable logits, int[] targets, boolean[] kept, double smoothing, double weight,
    float[] most, float[] totals) {
  private static final int BLOCK = 1 << 11; // elements whose exponentials are computed in one go
  private static final int TASK = 1 << 14; // elements below which a further task does not pay
  private static final int TASKS = 64; // the most there are

  /// @param smoothing what part of the target is spread evenly over all classes
  public static Variable mean(Variable logits, Tensor targets, Tensor mask, double smoothing) {
    boolean[] kept = mask.toBooleans();
    int[] ids = Ids.require("crossEntropy: target", targets, kept, logits.size(-1));
    if (logits.value().elements() == 0) {
      return logits.sum(); // 0: without classes, every position was left out
    }
    if (logits.dtype() != DType.FLOAT32) {
      return composite(logits, ids, mask, smoothing);
    }
    SoftmaxCrossEntropy fused = new SoftmaxCrossEntropy(
        logits, ids, kept, smoothing, Masks.weight(mask), new float[ids.length], new float[ids.length]);
    return Op.record("crossEntropy", Tensor.scalar((float) fused.mean()),
        Op.wrt(logits, fused::gradient, fused::addGradient));
  }

  public static void requireClasses(Tensor targets, int classes) {
    Ids.require("crossEntropy: target", targets, null, classes);
  }

  /// The definition.
  private static Variable composite(Variable logits, int[] ids, Tensor mask, double smoothing) {
    Tensor targets = valid(ids, mask);
    Variable logs = Masks.kept(logits, mask.unsqueeze(-1)).logSoftmax(-1);
    Variable ofTarget = logs.takeAlong(targets.unsqueeze(-1), -1).squeeze(-1);
    Variable likely = smoothing == 0 ? ofTarget : ofTarget.times(1 - smoothing).plus(logs.mean(-1).times(smoothing));
    return Masks.mean(likely.negate(), mask);
  }

  /// The targets, and 0 where the mask leaves them out.
  private static Tensor valid(int[] ids, Tensor mask) {
    int[] valid = ids.clone();
    boolean[] kept = mask.toBooleans();
    Arrays.setAll(valid, i -> kept[i] ? ids[i] : 0);
    return Tensor.wrap(valid).reshape(mask.shape());
  }

  // ---- forwards ----------------------------------------------------------------------------------------------------

  private int classes() {
    return logits.size(-1);
  }

  private int rowsOfTask() {
    return Math.max(Math.max(1, TASK / classes()), (targets.length + TASKS - 1) / TASKS);
  }

  /// Works on rows block by block, those of a task one after another.
  private void forEachBlock(Rows.Part block) {
    int size = Math.min(rowsOfTask(), Math.max(1, BLOCK / classes()));
    Rows.forEach(targets.length, rowsOfTask(), (start, end) -> {
      for (int from = start; from < end; from += size) {
        block.run(from, Math.min(end, from + size));
      }
    });
  }

  /// The mean of the losses; leaves the maximum and the sum of each row behind.
  private double mean() {
    Rows x = Rows.of(logits.value());
    double[] sums = new double[(targets.length - 1) / rowsOfTask() + 1];
    forEachBlock((from, to) -> sums[from / rowsOfTask()] += losses(x, from, to));
    double sum = 0;
    for (double part : sums) {
      sum += part;
    }
    return sum * weight;
  }

  /// The sum of the losses of some rows.
  private double losses(Rows x, int from, int to) {
    int classes = classes();
    float[] exponentials = new float[(to - from) * classes];
    float[] logs = new float[to - from];
    for (int row = from; row < to; row++) {
      most[row] = Floats.max(x.array(), x.at(row), classes);
      Floats.affine(x.array(), x.at(row), 1, -most[row], exponentials, (row - from) * classes,
          classes);
    }
    Floats.exp(exponentials, 0, exponentials, 0, (to - from) * classes);
    for (int row = from; row < to; row++) {
      double total = Floats.sum(exponentials, (row - from) * classes, classes);
      totals[row] = (float) total;
      logs[row - from] = (float) (total - 1); // the largest is 1: beside it small ones would lose their digits
    }
    Floats.log1p(logs, 0, logs, 0, to - from);
    double sum = 0;
    for (int row = from; row < to; row++) {
      sum += kept[row] ? logs[row - from] + loss(x, row) : 0;
    }
    return sum;
  }

  /// The loss of a row less the logarithm of its sum of exponentials: the maximum less the target's logit, or what
  /// stands for it.
  private double loss(Rows x, int row) {
    double hit = (double) most[row] - x.array()[x.at(row) + targets[row]];
    return smoothing == 0 ? hit
        : (1 - smoothing) * hit
            + smoothing * (most[row] - Floats.sum(x.array(), x.at(row), classes()) / classes());
  }

  // ---- backwards ---------------------------------------------------------------------------------------------------

  private void addGradient(GradientAccumulator sum, Tensor g) {
    sum.dense().addWritten(gradient -> writeGradient(gradient, weight * g.item()));
  }

  /// The definition.
  private Variable gradient(Variable g) {
    Tensor mask = Tensor.wrap(kept, Arrays.copyOf(logits.shape().sizes(), logits.rank() - 1));
    Tensor wanted = Tensor.full(DType.FLOAT32, smoothing / classes(), logits.shape()).scatterAddAlongInPlace(
        valid(targets, mask).unsqueeze(-1), Tensor.full(DType.FLOAT32, 1 - smoothing, mask.unsqueeze(-1).shape()), -1);
    Variable likely = Masks.kept(logits, mask.unsqueeze(-1)).softmax(-1);
    return Masks.kept(likely.minus(g.tape().constant(wanted)).times(weight).times(g), mask.unsqueeze(-1));
  }

  private void writeGradient(Tensor y, double scale) {
    Rows x = Rows.of(logits.value());
    forEachBlock((from, to) -> gradients(x, RawAccess.floats(y), RawAccess.offset(y), from, to, scale));
  }

  /// The gradient of some rows.
  private void gradients(Rows x, float[] y, int yo, int from, int to, double scale) {
    int classes = classes();
    for (int row = from; row < to; row++) {
      Floats.affine(x.array(), x.at(row), 1, -most[row], y, yo + row * classes, classes);
    }
    Floats.exp(y, yo + from * classes, y, yo + from * classes, (to - from) * classes);
    for (int row = from; row < to; row++) {
      int at = yo + row * classes;
      if (kept[row]) {
        Floats.affine(y, at, (float) scale / totals[row], (float) (-smoothing * scale / classes), y,
            at,
            classes);
        y[at + targets[row]] -= (float) ((1 - smoothing) * scale);
      } else {
        Arrays.fill(y, at, at + classes, 0);
      }
    }
  }
}
