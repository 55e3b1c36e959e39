package dev.rewind.benchmarks.peers;

import dev.rewind.tensor.Tensor;
import java.util.stream.IntStream;

/// A matrix product of tensors.
final class RewindProduct implements Workload {
  private final int repeats;
  private final Tensor a;
  private final Tensor b;

  RewindProduct(Task.Product task, int repeats) {
    this.repeats = repeats;
    this.a = Tensor.wrap(Data.weights("a", task.rows(), task.inner()), task.rows(), task.inner());
    this.b = Tensor.wrap(Data.weights("b", task.inner(), task.columns()), task.inner(), task.columns());
  }

  @Override
  public double[] check() {
    float[] row = a.matmul(b).select(0, -1).toFloats();
    return IntStream.range(0, row.length).mapToDouble(i -> row[i]).toArray();
  }

  @Override
  public long run() {
    return Workload.time(() -> {
      for (int i = 0; i < repeats; i++) {
        a.matmul(b);
      }
    });
  }
}
