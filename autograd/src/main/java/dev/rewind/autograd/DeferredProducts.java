package dev.rewind.autograd;

import dev.rewind.tensor.Accumulator;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Products `left' right` that are added up to the gradient of one matrix, such as the weight of a recurrence, which
/// every step multiplied: instead of many products of few rows one of many, `[left; left; ..]' [right; right; ..]`. As
/// each element of a product is one chain along the rows, the bits do not depend on how many are formed together.
final class DeferredProducts {
  /// Rows that make a product large: enough to be fast, few enough that what waits stays small beside the recording.
  private static final int MANY = 512;

  private record Factors(Tensor left, Tensor right, BufferPool.Buffer buffer) {}

  private final BufferPool pool;
  private final List<Factors> waiting = new ArrayList<>();
  private int rows;

  DeferredProducts(BufferPool pool) {
    this.pool = pool;
  }

  /// @param buffer the memory that one of the two is in, or null
  void add(Tensor left, Tensor right, BufferPool.Buffer buffer) {
    waiting.add(new Factors(left, right, buffer == null ? null : buffer.hold()));
    rows += left.size(0);
  }

  boolean areMany() {
    return rows >= MANY;
  }

  void addTo(Accumulator sum) {
    if (waiting.size() == 1) {
      sum.addMatmul(waiting.getFirst().left.transpose(), waiting.getFirst().right);
    } else if (!waiting.isEmpty()) {
      BufferPool.Buffer left = joined(waiting.stream().map(Factors::left).toList());
      BufferPool.Buffer right = joined(waiting.stream().map(Factors::right).toList());
      sum.addMatmul(left.tensor.transpose(), right.tensor);
      pool.release(left);
      pool.release(right);
    }
    clear();
  }

  private BufferPool.Buffer joined(List<Tensor> parts) {
    Tensor first = parts.getFirst();
    BufferPool.Buffer whole = pool.take(first.dtype(), Shape.of(rows, first.size(1)));
    int from = 0;
    for (Tensor part : parts) {
      whole.tensor.slice(0, from, from + part.size(0)).assign(part);
      from += part.size(0);
    }
    return whole;
  }

  private void clear() {
    waiting.forEach(factors -> pool.release(factors.buffer));
    waiting.clear();
    rows = 0;
  }
}
