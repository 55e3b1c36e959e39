package dev.rewind.nn.train;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Dropout;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.data.Batch;
import dev.rewind.nn.data.Dataset;
import dev.rewind.nn.data.Example;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.optim.Schedule;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.nio.file.Path;
import java.util.function.IntFunction;

/// A small training with all that a resumed one could get wrong: dropout, a schedule, clipping, an order by the epoch, a
/// state carried from batch to batch, an Rng of its own.
final class TinyTraining {
  static final int BATCHES = 4; // 7 examples, 2 each

  static final class Model extends Block {
    final Embedding embedding = child("embedding", new Embedding(5, 3, Rng.of(1)));
    final GruCell cell = child("cell", new GruCell(3, 4, Rng.of(2)));
    final Linear linear = child("linear", new Linear(4, 5, Rng.of(3)));
  }

  final Model model = new Model();
  final TbpttState<HiddenState> carried = new TbpttState<>(model.cell, 1);
  final Rng noise = Rng.of(9);
  final Dataset<Example> examples = Dataset.of(7, i -> Example.of(
      Rng.of(i).permutation(5), Rng.of(i + 100).permutation(5)));
  final Trainer<Batch> trainer;
  final TrainingLoop<Batch> loop;

  TinyTraining(Path folder) {
    this(folder, null);
  }

  /// @param data instead of the shuffled examples
  TinyTraining(Path folder, IntFunction<? extends Iterable<Batch>> data) {
    IntFunction<? extends Iterable<Batch>> shuffled = epoch -> examples.shuffled(Rng.of(5).split(epoch)).batches(2)
        .map(Batch::of);
    IntFunction<? extends Iterable<Batch>> source = data == null ? shuffled : data;
    this.trainer = new Trainer<Batch>(new Adam(model.namedParameters(), 0.05), epoch -> {
      carried.reset();
      return source.apply(epoch);
    }, this::loss)
        .clip(0.7).schedule(Schedule.cosine(0.05, 0.01, 12)).rng(Rng.of(6))
        .keep("carried", carried::state, carried::load).keep("noise", noise);
    this.loop = new TrainingLoop<>(model, trainer).folder(folder).steps(12);
  }

  private Variable loss(Tape tape, Batch batch) {
    Variable x = model.embedding.forward(tape.constant(batch.inputs().slice(0, 0, 1)));
    Scanned<HiddenState> run = Recurrence.scan(model.cell, new Dropout(0.3).forward(x), carried.on(tape));
    carried.keep(run.state());
    Tensor targets = batch.targets().slice(0, 0, 1);
    return Losses.crossEntropy(model.linear.forward(run.outputs()), targets).times(1 + 0.1 * noise.nextDouble());
  }
}
