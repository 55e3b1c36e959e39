package dev.rewind.benchmarks.peers;

import dev.rewind.nn.data.Batch;
import dev.rewind.nn.data.Dataset;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// A training step of the character model in PyTorch.
final class PyTorchTraining implements Workload.Training {
  private final Task.Training task;
  private final Dataset<Batch> windows;
  private final PyTorchModel model;
  private final Adam optimizer;
  private int iteration;

  PyTorchTraining(Task.Training task, boolean naive) {
    this.task = task;
    this.windows = Data.windows(task.batch(), task.steps());
    PyTorchModel.Form custom = naive ? PyTorchModel.Form.NAIVE : PyTorchModel.Form.HOISTED;
    this.model = new PyTorchModel(task.fused() ? PyTorchModel.Form.FUSED : custom, task.layers(), task.hidden(),
        task.batch());
    this.optimizer = new Adam(model.parameters(), new AdamOptions(2e-3));
  }

  @Override
  public double step() {
    try (PointerScope _ = new PointerScope()) { // frees what the step has made
      Batch batch = windows.get(iteration % windows.size());
      Tensor inputs = ids(batch.inputs().toInts()).t(); // [T, B]
      Tensor targets = ids(batch.targets().toInts()).t().reshape(-1);
      optimizer.zero_grad();
      Tensor loss = torch.cross_entropy(model.forward(inputs), targets);
      loss.backward();
      torch.clip_grad_norm_(model.parameters(), 5);
      optimizer.step();
      model.advance();
      iteration++;
      return loss.item_float();
    }
  }

  private Tensor ids(int[] ids) { // [B, T]
    return Tensor.create(Arrays.stream(ids).asLongStream().toArray(), task.batch(), task.steps());
  }
}
