package dev.rewind.benchmarks.peers;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.cells.Gru;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.RecurrentLayer;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.nn.cells.Rnn;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;

/// A recurrent layer, forwards and backwards.
final class RewindLayer implements Workload {
  private final RecurrentLayer<?> layer;
  private final Tensor inputs; // [B, T, H]
  private final TapeOptions options = TapeOptions.defaults().reusingValues();

  RewindLayer(Task.Layer task) {
    this.layer = layer(task);
    this.inputs = Tensor.wrap(
        Data.weights("inputs", task.batch(), task.steps(), task.hidden()), task.batch(), task.steps(), task.hidden());
  }

  /// The layer whose weights both sides have.
  static RecurrentLayer<?> layer(Task.Layer task) {
    RecurrentOptions options = RecurrentOptions.of(task.hidden(), task.hidden());
    return switch (task.kind()) {
      case LSTM -> new Lstm(options, Rng.of(1));
      case GRU -> new Gru(options, Rng.of(1));
      case RNN -> new Rnn(options, Rng.of(1));
    };
  }

  @Override
  public double[] check() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(inputs);
      Variable loss = layer.forward(x).outputs().mean();
      Tensor gradient = tape.gradients(loss).of(x).to(dev.rewind.tensor.DType.FLOAT64);
      return new double[] {loss.item(), gradient.abs().sum().item()};
    }
  }

  @Override
  public long run() {
    return Workload.time(() -> {
      try (Tape tape = Tape.recording(options)) {
        Gradients gradients = tape.gradients(layer.forward(tape.watch(inputs)).outputs().mean());
        gradients.norm();
      }
    });
  }
}
