package dev.rewind.autograd;

import dev.rewind.tensor.Accumulator;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Products `left' right` that are added up to the gradient of one matrix, such as the weight of a recurrence, which every
/// step multiplied: instead of many products of few rows one of many, `[left; left; ..]' [right; right; ..]`. As each
/// element of a product is one chain along the rows, the bits do not depend on how many are formed together.
final class DeferredProducts {
  /// Rows that make a product large: enough to be fast, few enough that what waits stays small beside the recording.
  private static final int MANY = 512;

  private record Factors(Tensor left, Tensor right, GradientMemory.Loan loan) {}

  private final GradientMemory memory;
  private final List<Factors> waiting = new ArrayList<>();
  private int rows;

  DeferredProducts(GradientMemory memory) {
    this.memory = memory;
  }

  /// @param loan the memory of one of the two that playback would take back, or null
  void add(Tensor left, Tensor right, GradientMemory.Loan loan) {
    waiting.add(new Factors(left, right, loan == null ? null : loan.hold()));
    rows += left.size(0);
  }

  boolean areMany() {
    return rows >= MANY;
  }

  void addTo(Accumulator sum) {
    if (waiting.size() == 1) {
      sum.addMatmul(waiting.getFirst().left.transpose(), waiting.getFirst().right);
    } else if (!waiting.isEmpty()) {
      GradientMemory.Loan left = joined(waiting.stream().map(Factors::left).toList());
      GradientMemory.Loan right = joined(waiting.stream().map(Factors::right).toList());
      sum.addMatmul(left.tensor.transpose(), right.tensor);
      memory.release(left);
      memory.release(right);
    }
    clear();
  }

  private GradientMemory.Loan joined(List<Tensor> parts) {
    Tensor first = parts.getFirst();
    GradientMemory.Loan whole = memory.take(first.dtype(), Shape.of(rows, first.size(1)));
    int from = 0;
    for (Tensor part : parts) {
      whole.tensor.slice(0, from, from + part.size(0)).assign(part);
      from += part.size(0);
    }
    return whole;
  }

  /// `(left' right)' = right' left`.
  void handOnTransposed(GradientSum.Tensors other) {
    waiting.forEach(factors -> other.addProduct(factors.right, factors.left, factors.loan));
    clear();
  }

  private void clear() {
    waiting.forEach(factors -> memory.release(factors.loan));
    waiting.clear();
    rows = 0;
  }
}
