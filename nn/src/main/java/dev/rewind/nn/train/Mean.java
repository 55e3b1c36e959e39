package dev.rewind.nn.train;

import dev.rewind.autograd.Tape;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.function.BiFunction;

/// A mean over all that was added, of batches of any size. Most metrics are one:
///
/// | metric | what to add |
/// |---|---|
/// | accuracy | `accuracy.add(logits.argmax(-1).equalTo(targets), mask)` |
/// | mean absolute error | `error.add(prediction.minus(target).abs())` |
/// | perplexity | `loss.add(crossEntropy.item(), batch.steps())`, then `Math.exp(loss.value())` |
public final class Mean {
  private double sum;
  private double weight;

  /// Nothing added yet.
  public Mean() {}

  /// The mean over batches of what a function computes, on an inference tape for each batch: a metric of a model.
  ///
  /// ```java
  /// double accuracy = Mean.over(held,
  ///     (tape, batch) -> model.forward(tape, batch).value().argmax(-1).equalTo(batch.targets()));
  /// ```
  ///
  /// @param of the numbers of a batch, of any shape; of BOOL, true is 1 and false 0
  /// @return NaN if there are none
  public static <B> double over(Iterable<? extends B> batches, BiFunction<Tape, ? super B, Tensor> of) {
    Mean mean = new Mean();
    for (B batch : batches) {
      try (Tape tape = Tape.inference()) {
        mean.add(of.apply(tape, batch));
      }
    }
    return mean.value();
  }

  /// Adds a number with a weight, such as a loss with the number of steps that it is the mean over.
  ///
  /// @throws IllegalArgumentException if the weight is negative or not finite
  public Mean add(double value, double weight) {
    if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("mean: the weight must be a finite number of at least 0, not " + weight);
    }
    sum += weight == 0 ? 0 : value * weight;
    this.weight += weight;
    return this;
  }

  /// Adds all elements of a tensor of any shape; of BOOL, true is 1 and false 0.
  public Mean add(Tensor values) {
    sum += values.to(DType.FLOAT64).sum().item();
    weight += values.elements();
    return this;
  }

  /// Adds the elements where a mask is true.
  ///
  /// @param mask BOOL, of the same shape
  public Mean add(Tensor values, Tensor mask) {
    return add(values.maskedSelect(mask));
  }

  /// The mean; NaN if nothing was added.
  public double value() {
    return sum / weight;
  }

  @Override
  public String toString() {
    return "Mean[" + value() + " of " + weight + "]";
  }
}
