package dev.rewind.benchmarks.peers;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/// A matrix product in PyTorch.
final class PyTorchProduct implements Workload {
  private final int repeats;
  private final Tensor a;
  private final Tensor b;

  PyTorchProduct(Task.Product task, int repeats) {
    this.repeats = repeats;
    this.a = PyTorchModel.weights("a", task.rows(), task.inner());
    this.b = PyTorchModel.weights("b", task.inner(), task.columns());
  }

  @Override
  public double[] check() {
    try (PointerScope _ = new PointerScope(); NoGradGuard _ = new NoGradGuard()) {
      return PyTorchModel.toDoubles(a.matmul(b).select(0, -1));
    }
  }

  @Override
  public long run() {
    return Workload.time(() -> {
      try (NoGradGuard _ = new NoGradGuard()) {
        for (int i = 0; i < repeats; i++) {
          a.matmul(b).close(); // its memory is used again for the next
        }
      }
    });
  }
}
