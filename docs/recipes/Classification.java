import module rewind.nn;

/// Puts sequences of different lengths into classes: a GRU, then the largest output of each unit over time.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/recipes/Classification.java [EPOCHS]
///
/// A sequence of 5 to 40 symbols of 6 kinds belongs to class 1 if a 0 is somewhere followed directly by a 1, else to
/// class 0. B sequences, T steps of the longest one.
final int SYMBOLS = 6;

final class Classifier extends Block {
  final Embedding embedding = child("embedding", new Embedding(SYMBOLS, 8, Rng.of(1)));
  final Gru gru = child("gru", new Gru(RecurrentOptions.of(8, 32), Rng.of(2)));
  final Linear classes = child("classes", new Linear(32, 2, Rng.of(3)));

  Variable forward(Tape tape, Batch batch) {
    Variable symbols = embedding.forward(tape.constant(batch.inputs())); // [B, T] -> [B, T, 8]
    Variable outputs = gru.forward(symbols, batch.lengths()).outputs(); // [B, T, 32]
    return classes.forward(Pooling.max(outputs, batch.lengths())); // [B, 32] -> [B, 2]
  }
}

Example sequence(Rng rng) {
  int[] symbols = IntStream.range(0, 5 + rng.nextInt(36)).map(_ -> rng.nextInt(SYMBOLS)).toArray();
  boolean found = IntStream.range(1, symbols.length).anyMatch(t -> symbols[t - 1] == 0 && symbols[t] == 1);
  return Example.of(symbols, found ? 1 : 0);
}

void main(String[] args) throws IOException {
  int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 15;
  Split<Dataset<Example>> split = Split.of(Dataset.of(3_000, i -> sequence(Rng.of(7).split(i))), 0.2);
  Classifier model = new Classifier();
  Trainer<Batch> trainer = new Trainer<>(new Adam(model.parameters(), 5e-3),
      epoch -> split.training().batchesByLength(32, Example::length, Rng.of(8).split(epoch)).map(Batch::of),
      (tape, batch) -> Losses.crossEntropy(model.forward(tape, batch), batch.targets())); // targets [B]
  new TrainingLoop<>(model, trainer.clip(5)).epochs(epochs).run();

  Dataset<Batch> held = split.validation().batches(100).map(Batch::of);
  double ones = Mean.over(held, (_, batch) -> batch.targets());
  IO.println("baseline: accuracy %.3f".formatted(Math.max(ones, 1 - ones)));
  IO.println("classifier: accuracy %.3f".formatted(Mean.over(held,
      (tape, batch) -> model.forward(tape, batch).value().argmax(-1).equalTo(batch.targets()))));
}
