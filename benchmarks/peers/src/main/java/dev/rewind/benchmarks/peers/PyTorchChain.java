package dev.rewind.benchmarks.peers;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The chain in PyTorch's C++ API, through its Java binding.
final class PyTorchChain implements Workload {
  private final Task.Chain task;

  PyTorchChain(Task.Chain task) {
    this.task = task;
  }

  @Override
  public double[] check() {
    try (PointerScope _ = new PointerScope()) {
      Tensor x = torch.ones(4).set_requires_grad(true);
      chain(x, 100).sum().backward();
      return PyTorchModel.toDoubles(x.grad());
    }
  }

  @Override
  public long run() {
    try (PointerScope _ = new PointerScope()) {
      long begin = System.nanoTime();
      Tensor y = chain(torch.ones(4).set_requires_grad(true), task.length());
      long recorded = System.nanoTime();
      y.sum().backward();
      return task.backward() ? System.nanoTime() - recorded : recorded - begin;
    }
  }

  private static Tensor chain(Tensor x, int length) {
    Tensor constant = Tensor.create(0.999f, 0.999f, 0.999f, 0.999f);
    Tensor y = x;
    for (int i = 0; i < length; i += 2) {
      y = y.mul(constant).add(constant);
    }
    return y;
  }
}
