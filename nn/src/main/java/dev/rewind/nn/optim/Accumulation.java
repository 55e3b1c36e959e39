package dev.rewind.nn.optim;

import dev.rewind.autograd.Gradients;

/// The gradients of a batch that is too large to be computed at once, from those of its parts. Each part's loss is a
/// mean over some positions; their mean, weighted by how many there were, is that of the whole batch, to rounding:
///
/// ```java
/// for (Batch part : parts) {
///   accumulation.add(gradients(part), part.positions());
/// }
/// optimizer.step(accumulation.take().clipByNorm(5));
/// ```
public final class Accumulation {
  private Gradients sum;
  private double positions;

  /// Nothing added yet.
  public Accumulation() {}

  /// Adds the gradients of a mean loss.
  ///
  /// @param count over how many positions, or other units of equal weight, the mean was; those that a mask left out do
  ///     not count
  /// @throws IllegalArgumentException if the count is negative or not finite
  public void add(Gradients gradients, double count) {
    if (!(count >= 0 && count < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("accumulation: the count must be a finite number of at least 0, not " + count);
    }
    Gradients weighted = gradients.times(count);
    sum = sum == null ? weighted : sum.plus(weighted);
    positions += count;
  }

  /// The gradients of the mean loss over everything added since the last call; zeros if all counts are zero.
  ///
  /// @throws IllegalStateException if nothing was
  public Gradients take() {
    if (sum == null) {
      throw new IllegalStateException("accumulation: no gradients were added");
    }
    Gradients mean = positions == 0 ? sum : sum.times(1 / positions);
    sum = null;
    positions = 0;
    return mean;
  }
}
