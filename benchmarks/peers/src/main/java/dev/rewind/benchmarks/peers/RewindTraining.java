package dev.rewind.benchmarks.peers;

import dev.rewind.examples.charrnn.model.CellKind;
import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.CharRnnTrainer;
import dev.rewind.examples.charrnn.model.Form;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.TrainOptions;
import dev.rewind.nn.Block;
import dev.rewind.nn.train.Trainer;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/// The char-RNN as it trains itself.
final class RewindTraining implements Workload.Training {
  private final Trainer<?> trainer;

  RewindTraining(Task.Training task) {
    TrainOptions options = new TrainOptions(task.batch(), task.steps(), Integer.MAX_VALUE, 2e-3, 5, 0, 1,
        Integer.MAX_VALUE, Integer.MAX_VALUE, Form.FUSED);
    this.trainer = CharRnnTrainer.of(model(task.layers(), task.hidden()), options,
        Data.windows(task.batch(), task.steps()));
  }

  /// A char-RNN with the weights that both sides have.
  static CharRnn<?> model(int layers, int hidden) {
    ModelOptions options = new ModelOptions(CellKind.LSTM, Data.SYMBOLS, hidden, hidden, layers, 0);
    CharRnn<?> model = CharRnn.of(options, Rng.of(1));
    load(model);
    return model;
  }

  /// Gives a module the weights that both sides have.
  static void load(Block module) {
    Map<String, Tensor> weights = new HashMap<>();
    module.namedParameters().forEach((name, parameter) -> {
      int[] sizes = parameter.value().shape().sizes();
      weights.put(name, Tensor.wrap(Data.weights(name, sizes), sizes));
    });
    module.load(weights);
  }

  @Override
  public double step() {
    return trainer.step().loss();
  }
}
