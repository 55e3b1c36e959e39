import module rewind.nn;

/// Tells two kinds of irregular series apart, of which half the values are missing, and not by chance: by GRU-D (Che et
/// al. 2018), beside a GRU that gets the mean for what is missing, and one that gets the last value, what was seen and
/// the time.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/recipes/MissingValues.java [EPOCHS]
///
/// D = 3 noisy oscillations at T = 20 times. In class 1 each is a third of a period ahead of the one before, in class 0
/// behind it. The first is seen less often in class 1 than in class 0, the third more often. B series, H units.
final int D = 3, T = 20, H = 32;
final Dataset<Example> TRAINING = Dataset.of(1_000, i -> series(Rng.of(1).split(i)));
final Tensor MEAN = mean(Batch.of(TRAINING).inputs());

/// Rows `[x k t]`: the values, 0 where they are missing, whether they were seen, and the time since the row before.
Example series(Rng rng) {
  int label = rng.nextInt(2);
  double sign = 2 * label - 1;
  double period = rng.nextDouble(8, 20);
  double phase = rng.nextDouble(0, 2 * Math.PI);
  float[][] rows = new float[T][2 * D + 1];
  double time = 0;
  for (float[] row : rows) {
    double gap = -2 * Math.log(1 - rng.nextDouble()); // exponential, 2 on average
    time += gap;
    row[2 * D] = (float) gap;
    for (int c = 0; c < D; c++) {
      double wave = Math.sin(2 * Math.PI * (time / period + sign * c / 3) + phase);
      boolean seen = rng.nextBernoulli(0.5 + 0.1 * sign * (c - 1));
      row[c] = seen ? (float) (c + 1 + wave + rng.nextNormal()) : 0;
      row[D + c] = seen ? 1 : 0;
    }
  }
  return new Example(Tensor.of(rows), Tensor.scalar(label));
}

/// The mean of what was seen, `[B, T, 2D + 1]` to `[D]`.
Tensor mean(Tensor rows) {
  return rows.slice(2, 0, D).sum(0, 1).divide(rows.slice(2, D, 2 * D).sum(0, 1));
}

/// The values, with means for those that are missing: `[T, D]`.
Example withMeans(Example example) {
  Tensor seen = example.input().slice(1, D, 2 * D).greater(0.5);
  return new Example(Tensor.where(seen, example.input().slice(1, 0, D), MEAN), example.target());
}

/// The rows, with the last value for one that is missing, or the mean before the first: `[T, 2D + 1]`.
Example withLast(Example example) {
  float[][] rows = example.input().toFloatRows();
  for (int t = 0; t < T; t++) {
    for (int c = 0; c < D; c++) {
      if (rows[t][D + c] == 0) {
        rows[t][c] = t == 0 ? (float) MEAN.at(c) : rows[t - 1][c];
      }
    }
  }
  return new Example(Tensor.of(rows), example.target());
}

final class Classifier<S extends State<S>> extends Block {
  final Cell<S> cell;
  final Linear classes = child("classes", new Linear(H, 2, Rng.of(2)));

  Classifier(Cell<S> cell) {
    this.cell = childIfBlock("cell", cell);
  }

  Variable forward(Tape tape, Batch batch) {
    Variable outputs = Recurrence.scan(cell, tape.constant(batch.inputs())).outputs(); // [B, T, H]
    return classes.forward(Pooling.mean(outputs)); // [B, H] -> [B, 2]
  }
}

/// Trains a cell on series as it wants them, and tries it on others.
<S extends State<S>> void run(String name, Cell<S> cell, UnaryOperator<Example> form, int epochs) throws IOException {
  Classifier<S> model = new Classifier<>(cell);
  Trainer<Batch> trainer = new Trainer<>(new Adam(model.parameters(), 5e-3),
      epoch -> TRAINING.map(form).shuffled(Rng.of(3).split(epoch)).batches(32).map(Batch::of),
      (tape, batch) -> Losses.crossEntropy(model.forward(tape, batch), batch.targets()));
  trainer.clip(1).schedule(Schedule.cosine(5e-3, 5e-5, epochs * TRAINING.size() / 32));
  new TrainingLoop<>(model, trainer).epochs(epochs).run();
  Dataset<Batch> unseen = Dataset.of(2_000, i -> form.apply(series(Rng.of(4).split(i)))).batches(200).map(Batch::of);
  IO.println("%s: accuracy %.3f".formatted(name, Mean.over(unseen,
      (tape, batch) -> model.forward(tape, batch).value().argmax(-1).equalTo(batch.targets()))));
}

void main(String[] args) throws IOException {
  int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 10;
  run("GRU, means", new GruCell(D, H, Rng.of(5)), this::withMeans, epochs);
  run("GRU, last values, what was seen, times", new GruCell(2 * D + 1, H, Rng.of(5)), this::withLast, epochs);
  run("GRU-D", new GruDCell(MEAN, H, Rng.of(5)), x -> x, epochs);
}
