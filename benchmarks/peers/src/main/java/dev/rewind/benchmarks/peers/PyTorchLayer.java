package dev.rewind.benchmarks.peers;

import dev.rewind.nn.io.Conversions;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GRUImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.RNNImpl;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/// A recurrent layer in PyTorch, forwards and backwards. Time is the first axis, PyTorch's own layout.
final class PyTorchLayer implements Workload {
  private interface Layer {
    Tensor outputs(Tensor inputs);
  }

  private final Layer layer;
  private final TensorVector parameters;
  private final Tensor inputs; // [T, B, H]

  PyTorchLayer(Task.Layer task) {
    int hidden = task.hidden();
    switch (task.kind()) {
      case LSTM -> {
        LSTMImpl module = new LSTMImpl(hidden, hidden);
        layer = x -> module.forward(x).get0();
        parameters = module.parameters();
      }
      case GRU -> {
        GRUImpl module = new GRUImpl(hidden, hidden);
        layer = x -> module.forward(x).get0();
        parameters = module.parameters();
      }
      case RNN -> {
        RNNImpl module = new RNNImpl(hidden, hidden);
        layer = x -> module.forward(x).get0();
        parameters = module.parameters();
      }
      default -> throw new AssertionError(task.kind());
    }
    Map<String, dev.rewind.tensor.Tensor> ours = Conversions.toPyTorch(RewindLayer.layer(task).state());
    try (NoGradGuard _ = new NoGradGuard()) {
      int place = 0;
      for (String name : new String[] {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}) {
        dev.rewind.tensor.Tensor weights = ours.get(name + "_l0");
        Tensor own = parameters.get(place++);
        own.copy_(Tensor.create(weights.toFloats()).view_as(own));
      }
    }
    inputs = PyTorchModel.weights("inputs", task.batch(), task.steps(), hidden).transpose(0, 1).contiguous()
        .set_requires_grad(true);
  }

  private double pass() {
    for (int i = 0; i < parameters.size(); i++) {
      parameters.get(i).mutable_grad().reset();
    }
    inputs.mutable_grad().reset();
    Tensor loss = layer.outputs(inputs).mean();
    loss.backward();
    return loss.item_float();
  }

  @Override
  public double[] check() {
    try (PointerScope _ = new PointerScope()) {
      double loss = pass();
      double sum = 0;
      for (double element : PyTorchModel.toDoubles(inputs.grad())) {
        sum += Math.abs(element);
      }
      return new double[] {loss, sum};
    }
  }

  @Override
  public long run() {
    return Workload.time(() -> {
      try (PointerScope _ = new PointerScope()) {
        pass();
      }
    });
  }
}
