package dev.rewind.nn;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import dev.rewind.tensor.kernel.FoldKernels;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.MapKernels;
import java.util.Arrays;
import java.util.List;

/// The mean cross-entropy of a softmax. In FLOAT32 it is one operation that goes over the logits once, row by row, and leaves
/// the gradient `(softmax(logits) - target) / count` behind as the only thing saved; otherwise, and for a second
/// derivative, it is composed of others.
final class SoftmaxCrossEntropy {
  private static final int BLOCK = 1 << 11; // elements whose exponentials are computed in one go
  private static final int TASK = 1 << 14; // elements below which a further task does not pay

  private final float[] logits;
  private final int start;
  private final int rows;
  private final int classes;
  private final int[] targets;
  private final boolean[] kept;
  private final double share;
  private final MapKernels maps = Kernels.active().maps();
  private final FoldKernels folds = Kernels.active().folds();

  private SoftmaxCrossEntropy(Tensor logits, int[] targets, boolean[] kept, double share) {
    this.logits = logits.floatArray();
    this.start = logits.offset();
    this.rows = targets.length;
    this.classes = logits.size(-1);
    this.targets = targets;
    this.kept = kept;
    this.share = share;
  }

  /// @param share of the target that is spread evenly over all classes
  static Variable mean(Variable logits, Tensor targets, Tensor mask, double share) {
    Tape tape = logits.tape();
    int[] ids = targets.toInts();
    boolean[] kept = mask.toBooleans();
    requireClasses(targets, ids, kept, logits.size(-1));
    if (logits.dtype() != DType.FLOAT32) {
      return composite(logits, ids, mask, share);
    }
    Tensor slopes = Tensor.zeros(DType.FLOAT32, logits.shape());
    float mean = (float) new SoftmaxCrossEntropy(logits.value().contiguous(), ids, kept, share)
        .run(slopes.floatArray(), Losses.share(mask));
    return Op.recordFused("crossEntropy", List.of(Tensor.scalar(mean)), List.of(logits),
        g -> List.of(tape.constant(g.getFirst().item() == 1 ? slopes : slopes.times(g.getFirst().item()))),
        () -> List.of(composite(logits, ids, mask, share))).getFirst();
  }

  private static void requireClasses(Tensor targets, int[] ids, boolean[] kept, int classes) {
    for (int i = 0; i < ids.length; i++) {
      if (kept[i] && (ids[i] < 0 || ids[i] >= classes)) {
        throw new IndexOutOfBoundsException("crossEntropy: target " + ids[i] + " at " + index(targets, i)
            + " is not in [0, " + classes + ")");
      }
    }
  }

  private static String index(Tensor tensor, int element) {
    int[] index = new int[tensor.rank()];
    for (int axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = element % tensor.size(axis);
      element /= tensor.size(axis);
    }
    return Arrays.toString(index);
  }

  /// The definition.
  private static Variable composite(Variable logits, int[] ids, Tensor mask, double share) {
    Tape tape = logits.tape();
    int[] valid = ids.clone();
    boolean[] kept = mask.toBooleans();
    Arrays.setAll(valid, i -> kept[i] ? ids[i] : 0);
    Tensor targets = Tensor.wrap(valid).reshape(mask.shape());
    Variable zero = tape.constant(Tensor.zeros(logits.dtype()));
    Variable logs = Variable.where(mask.unsqueeze(-1), logits, zero).logSoftmax(-1);
    Variable picked = logs.takeAlong(targets.unsqueeze(-1), -1).squeeze(-1);
    Variable likely = share == 0 ? picked : picked.times(1 - share).plus(logs.mean(-1).times(share));
    return Losses.mean(likely.negate(), mask);
  }

  /// Writes the gradient into `slopes`, which is zero, and returns the mean of the losses, each times `weight`.
  private double run(float[] slopes, double weight) {
    if (slopes.length == 0) {
      return 0;
    }
    int perTask = Math.max(1, TASK / classes);
    double[] sums = new double[(rows - 1) / perTask + 1];
    Threads.forEach(sums.length, task -> {
      int to = Math.min(rows - task * perTask, perTask) + task * perTask;
      int perBlock = Math.min(perTask, Math.max(1, BLOCK / classes));
      float[] most = new float[perBlock];
      float[] totals = new float[perBlock];
      for (int from = task * perTask; from < to; from += perBlock) {
        sums[task] += block(from, Math.min(to - from, perBlock), slopes, (float) weight, most, totals);
      }
    });
    double sum = 0;
    for (double part : sums) {
      sum += part;
    }
    return sum * weight;
  }

  /// Works on some rows together; `most` and `totals` are room for a number a row.
  private double block(int from, int count, float[] slopes, float weight, float[] most, float[] totals) {
    for (int r = 0; r < count; r++) {
      most[r] = shift((from + r) * classes, slopes);
    }
    int first = from * classes;
    maps.exp(slopes, first, slopes, first, count * classes);
    for (int r = 0; r < count; r++) {
      totals[r] = (float) folds.sum(slopes, first + r * classes, classes);
      toSlopes(from + r, slopes, weight, weight / totals[r]);
    }
    maps.log(totals, 0, totals, 0, count);
    double sum = 0;
    for (int r = 0; r < count; r++) {
      sum += kept[from + r] ? totals[r] + loss(from + r, most[r]) : 0;
    }
    return sum;
  }

  /// `y = x - max(x)` of the row that begins at `at`; returns the maximum.
  private float shift(int at, float[] y) {
    float max = folds.max(logits, start + at, 1, classes);
    maps.affine(logits, start + at, 1, -max, y, at, classes);
    return max;
  }

  /// From the exponentials of a row to the gradient of its loss.
  private void toSlopes(int row, float[] y, float weight, float factor) {
    int at = row * classes;
    if (!kept[row]) {
      Arrays.fill(y, at, at + classes, 0);
      return;
    }
    maps.affine(y, at, factor, (float) (-share * weight / classes), y, at, classes);
    y[at + targets[row]] -= (float) ((1 - share) * weight);
  }

  /// The loss of a row less the logarithm of its sum of exponentials: the maximum less the target's logit, or what stands for
  /// it.
  private double loss(int row, float max) {
    int x = start + row * classes;
    double hit = (double) max - logits[x + targets[row]];
    return share == 0 ? hit : (1 - share) * hit + share * (max - folds.sum(logits, x, classes) / classes);
  }
}
