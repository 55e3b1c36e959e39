import module rewind.nn;

/// Uses the lower part of a trained model for another task: it is loaded and frozen, and a new head is trained on few
/// examples.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/recipes/Transfer.java [EPOCHS]
///
/// The first task is whether a sequence of 20 symbols of 8 kinds has more zeros than ones, of which there are plenty of
/// examples; the second how many more there are (-2 or less, -1, 0, 1, 2 or more), with 100 examples.
final class Model extends Block {
  final Embedding embedding = child("embedding", new Embedding(8, 8, Rng.of(1)));
  final Gru gru = child("gru", new Gru(RecurrentOptions.of(8, 32), Rng.of(2)));
  final Linear head;

  Model(int classes) {
    head = child("head", new Linear(32, classes, Rng.of(3)));
  }

  Variable forward(Tape tape, Batch batch) {
    Variable outputs = gru.forward(embedding.forward(tape.constant(batch.inputs()))).outputs(); // [B, 20, 32]
    return head.forward(Pooling.last(outputs)); // [B, classes]
  }
}

Example example(Rng rng, boolean counts) {
  int[] symbols = IntStream.range(0, 20).map(_ -> rng.nextInt(8)).toArray();
  int more = Arrays.stream(symbols).map(s -> s == 0 ? 1 : s == 1 ? -1 : 0).sum();
  return Example.of(symbols, counts ? Math.clamp(more, -2, 2) + 2 : more > 0 ? 1 : 0);
}

double train(Model model, Dataset<Example> examples, Dataset<Example> held, int epochs) throws IOException {
  List<Param> trained = model.parameters().stream().filter(parameter -> !parameter.isFrozen()).toList();
  Trainer<Batch> trainer = new Trainer<>(new Adam(trained, 5e-3),
      epoch -> examples.shuffled(Rng.of(8).split(epoch)).batches(20).map(Batch::of),
      (tape, batch) -> Losses.crossEntropy(model.forward(tape, batch), batch.targets()));
  new TrainingLoop<>(model, trainer.clip(5)).epochs(epochs).run();
  return Mean.over(held.batches(100).map(Batch::of),
      (tape, batch) -> model.forward(tape, batch).value().argmax(-1).equalTo(batch.targets()));
}

void main(String[] args) throws IOException {
  int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 12;
  Model first = new Model(2);
  double accuracy = train(first, Dataset.of(2_000, i -> example(Rng.of(5).split(i), false)),
      Dataset.of(500, i -> example(Rng.of(6).split(i), false)), epochs);
  IO.println("first task: accuracy %.3f".formatted(accuracy));
  Path file = Files.createTempDirectory("transfer").resolve("first.safetensors");
  new TensorFile(first.state(), Map.of()).write(file);

  Dataset<Example> few = Dataset.of(100, i -> example(Rng.of(9).split(i), true));
  Dataset<Example> held = Dataset.of(500, i -> example(Rng.of(10).split(i), true));
  Model second = new Model(5);
  TensorFile.read(file).load(second, Mapping.SAME_NAMES.only("embedding|gru").ignore("head")); // says what did not fit
  second.freeze("embedding|gru", true);
  IO.println("second task, frozen: accuracy %.3f".formatted(train(second, few, held, 4 * epochs)));
  IO.println("second task, from nothing: accuracy %.3f".formatted(train(new Model(5), few, held, 4 * epochs)));
}
