package dev.rewind.benchmarks.peers;

import dev.rewind.benchmarks.peers.TapeComparison.Side;
import dev.rewind.benchmarks.peers.TapeComparison.Times;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The chain in PyTorch's C++ API, through its Java binding.
final class PyTorchChain implements Side {
  PyTorchChain() {
    torch.set_num_threads(1);
  }

  @Override
  public Times run(int length) {
    try (PointerScope _ = new PointerScope()) {
      long begin = System.nanoTime();
      Tensor y = chain(leaf(), length);
      long recorded = System.nanoTime();
      y.sum().backward();
      return Times.of(begin, recorded, System.nanoTime(), length);
    }
  }

  @Override
  public float[] gradient(int length) {
    try (PointerScope _ = new PointerScope()) {
      Tensor x = leaf();
      chain(x, length).sum().backward();
      float[] gradient = new float[4];
      x.grad().data_ptr_float().get(gradient);
      return gradient;
    }
  }

  private static Tensor leaf() {
    return torch.ones(4).set_requires_grad(true);
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
