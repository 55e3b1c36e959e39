package dev.rewind.nn.train;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A confusion matrix, and the metrics that follow from it: accuracy, precision, recall, F1. A method that takes a
/// class throws an [IndexOutOfBoundsException] if there is no such class.
public final class Confusion {
  private final long[][] counts; // [targets, predictions]

  /// For classes 0 to `classes - 1`; nothing added yet.
  public Confusion(int classes) {
    if (classes < 1) {
      throw new IllegalArgumentException("confusion: needs at least 1 class, not " + classes);
    }
    counts = new long[classes][classes];
  }

  /// Adds predictions and the right answers.
  ///
  /// @param predictions INT32 of any shape, such as `logits.argmax(-1)`
  /// @param targets INT32 of the same shape
  /// @throws IllegalArgumentException if one is not a class
  public Confusion add(Tensor predictions, Tensor targets) {
    if (!predictions.shape().equals(targets.shape()) || predictions.dtype() != DType.INT32
        || targets.dtype() != DType.INT32) {
      throw new ShapeException("confusion: wants INT32 predictions and targets of one shape, not " + predictions.dtype()
          + " " + predictions.shape() + " and " + targets.dtype() + " " + targets.shape());
    }
    int[] found = predictions.toInts();
    int[] right = targets.toInts();
    for (int i = 0; i < found.length; i++) {
      if (Math.min(found[i], right[i]) < 0 || Math.max(found[i], right[i]) >= counts.length) {
        throw new IllegalArgumentException("confusion: element " + i + " is predicted " + found[i] + " and is "
            + right[i] + ", but the classes are 0 to " + (counts.length - 1) + "; a mask leaves padding out");
      }
      counts[right[i]][found[i]]++;
    }
    return this;
  }

  /// Adds those where a mask, BOOL of the same shape, is true.
  public Confusion add(Tensor predictions, Tensor targets, Tensor mask) {
    return add(predictions.maskedSelect(mask), targets.maskedSelect(mask));
  }

  /// How often `prediction` was predicted where `target` was right.
  public long count(int target, int prediction) {
    return counts[requireClass(target)][requireClass(prediction)];
  }

  private int requireClass(int label) {
    if (label < 0 || label >= counts.length) {
      throw new IndexOutOfBoundsException("confusion: " + label + " is not a class; the classes are 0 to "
          + (counts.length - 1));
    }
    return label;
  }

  /// The fraction that was right; NaN if nothing was added.
  public double accuracy() {
    return (double) IntStream.range(0, counts.length).mapToLong(c -> counts[c][c]).sum()
        / Arrays.stream(counts).flatMapToLong(Arrays::stream).sum();
  }

  /// The fraction of predictions of this class that were right; 0 if it was never predicted.
  public double precision(int label) {
    return share(label, Arrays.stream(counts).mapToLong(row -> row[requireClass(label)]).sum());
  }

  /// The fraction of this class that was found; 0 if there were no examples of it.
  public double recall(int label) {
    return share(label, Arrays.stream(counts[requireClass(label)]).sum());
  }

  private double share(int label, long all) {
    return all == 0 ? 0 : (double) counts[label][label] / all;
  }

  /// The harmonic mean of precision and recall of a class; 0 if both are 0.
  public double f1(int label) {
    double sum = precision(label) + recall(label);
    return sum == 0 ? 0 : 2 * precision(label) * recall(label) / sum;
  }

  /// The mean F1 of all classes that occurred as a target or a prediction; NaN if there are none.
  public double macroF1() {
    return IntStream.range(0, counts.length)
        .filter(c -> Arrays.stream(counts[c]).sum() + Arrays.stream(counts).mapToLong(row -> row[c]).sum() > 0)
        .mapToDouble(this::f1).average().orElse(Double.NaN);
  }

  /// The counts: a row for each target, a column for each prediction.
  @Override
  public String toString() {
    return Arrays.stream(counts).map(Arrays::toString).collect(Collectors.joining("\n"));
  }
}
