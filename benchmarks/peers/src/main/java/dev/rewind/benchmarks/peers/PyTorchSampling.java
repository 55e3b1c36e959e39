package dev.rewind.benchmarks.peers;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;

/// `nn.LSTM` that writes, one symbol at a time.
final class PyTorchSampling implements Workload {
  private final int symbols;
  private final PyTorchModel model;
  private long symbol;
  private double[] logits = {}; // of the last step, if wanted

  PyTorchSampling(Task.Sampling task, int symbols) {
    this.symbols = symbols;
    this.model = new PyTorchModel(PyTorchModel.Form.FUSED, task.layers(), task.hidden(), 1);
  }

  private long next(boolean keepLogits) {
    try (PointerScope _ = new PointerScope()) {
      Tensor output = model.forward(Tensor.create(new long[] {symbol}, 1, 1)); // [1, V]
      model.advance();
      logits = keepLogits ? PyTorchModel.toDoubles(output) : logits;
      symbol = output.argmax().item_long();
      return symbol;
    }
  }

  @Override
  public double[] check() {
    try (InferenceMode _ = new InferenceMode(true)) {
      double[] written = DoubleStream.generate(() -> next(true)).limit(20).toArray();
      double[] results = Arrays.copyOf(written, written.length + logits.length);
      System.arraycopy(logits, 0, results, written.length, logits.length);
      return results;
    }
  }

  @Override
  public long run() {
    try (InferenceMode _ = new InferenceMode(true)) {
      return Workload.time(() -> {
        for (int i = 0; i < symbols; i++) {
          next(false);
        }
      });
    }
  }
}
