package dev.rewind.benchmarks.peers;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.data.Batch;
import dev.rewind.nn.data.Dataset;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.tensor.Rng;
import java.util.stream.IntStream;

/// A training step of a character model with cells of one's own.
final class RewindCustomCell implements Workload.Training {
  private final Dataset<Batch> windows;
  private final Model model;
  private final Adam optimizer;
  private final TapeOptions context = TapeOptions.defaults().reusingValues();
  private final TbpttState<StackedState<LstmState>> carried;
  private int iteration;

  private static final class Model extends Block {
    private final Embedding embedding;
    private final StackedCell<LstmState> cells;
    private final Linear projection;

    Model(int layers, int hidden, Rng rng) {
      embedding = child("embedding", new Embedding(Data.SYMBOLS, hidden, rng.split("embedding")));
      cells = child("cells", new StackedCell<>(IntStream.range(0, layers)
          .mapToObj(layer -> new PrimitiveLstmCell(hidden, hidden, rng.split("cell").split(layer))).toList(), 0));
      projection = child("linear", new Linear(hidden, Data.SYMBOLS, rng.split("linear")));
    }
  }

  RewindCustomCell(Task.Training task) {
    this.windows = Data.windows(task.batch(), task.steps());
    this.model = new Model(task.layers(), task.hidden(), Rng.of(1));
    RewindTraining.load(model);
    this.carried = new TbpttState<>(model.cells, task.batch());
    this.optimizer = new Adam(model.parameters(), 2e-3);
  }

  @Override
  public double step() {
    try (Tape tape = Tape.recording(context)) {
      if (iteration % windows.size() == 0) {
        carried.reset();
      }
      Batch batch = windows.get(iteration % windows.size());
      Scanned<StackedState<LstmState>> run = Recurrence.scanSymbols(
          model.cells, model.embedding.table(tape), batch.inputs(), carried.on(tape));
      Variable loss = Losses.crossEntropy(model.projection.forward(run.outputs()), batch.targets());
      optimizer.step(tape.gradients(loss).clipByNorm(5));
      carried.keep(run.state());
      iteration++;
      return loss.item();
    }
  }
}
