package dev.rewind.benchmarks.peers;

import dev.rewind.tensor.Threads;
import jdk.incubator.vector.FloatVector;
import org.bytedeco.pytorch.global.torch;
import org.tensorflow.TensorFlow;

/// Makes the workloads of a case.
final class Sides {
  private Sides() {}

  static Workload rewind(Case chosen) {
    return switch (chosen.task()) {
      case Task.Training task when task.fused() -> new RewindTraining(task);
      case Task.Training task -> new RewindCustomCell(task);
      case Task.Layer task -> new RewindLayer(task);
      case Task.Sampling task -> new RewindSampling(task, chosen.repeats());
      case Task.Product task -> new RewindProduct(task, chosen.repeats());
      case Task.Chain task -> new RewindChain(task);
    };
  }

  static Workload pytorch(Case chosen, Setting setting) {
    torch.set_num_threads(setting.threads());
    torch.globalContext().setUserEnabledMkldnn(setting.oneDnn());
    return switch (chosen.task()) {
      case Task.Training task -> new PyTorchTraining(task, setting.naive());
      case Task.Layer task -> new PyTorchLayer(task);
      case Task.Sampling task -> new PyTorchSampling(task, chosen.repeats());
      case Task.Product task -> new PyTorchProduct(task, chosen.repeats());
      case Task.Chain task -> new PyTorchChain(task);
    };
  }

  static Workload tensorflow(Case chosen, String setting) { // its threads are set already, by the environment
    return new TensorFlowTraining((Task.Training) chosen.task(), setting.endsWith("form=naive"));
  }

  static String describeRewind() {
    return "Java " + Runtime.version() + ", " + FloatVector.SPECIES_PREFERRED.vectorBitSize() + "-bit vectors, "
        + Threads.count() + " threads";
  }

  static String describePyTorch() {
    String version = torch.class.getPackage().getImplementationVersion(); // of the binding, too
    return "PyTorch " + version + ", " + torch.get_cpu_capability().getString();
  }

  static String describeTensorFlow() {
    return "TensorFlow " + TensorFlow.version();
  }
}
