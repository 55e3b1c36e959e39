import module rewind.nn;

/// The adding problem of the LSTM paper (Hochreiter and Schmidhuber 1997): two of T numbers are marked, and their sum is
/// wanted at the end. A model that ignores the input and always says 1 has a mean squared error of 1/6.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/recipes/LongLag.java [STEPS [PICTURE]]
///
/// B = 32 sequences of T = 100 pairs: a number in [0, 1) and a mark, 0 or 1.
final int B = 32, T = 100;

final class Adder extends Block {
  final Lstm lstm = child("lstm", new Lstm(RecurrentOptions.of(2, 64), Rng.of(1)));
  final Linear sum = child("sum", new Linear(64, 1, Rng.of(2)));

  Variable forward(Tape tape, Batch batch) {
    return sum.forward(lstm.forward(tape.constant(batch.inputs())).outputs().select(1, T - 1)); // [B, T, 2] -> [B, 1]
  }
}

/// One mark in each half.
Example pairs(Rng rng) {
  float[][] pairs = new float[T][2];
  for (float[] pair : pairs) {
    pair[0] = rng.nextFloat();
  }
  float[] first = pairs[rng.nextInt(T / 2)];
  float[] second = pairs[T / 2 + rng.nextInt(T / 2)];
  first[1] = second[1] = 1;
  return new Example(Tensor.of(pairs), Tensor.of(new float[] {first[0] + second[0]})); // [T, 2], [1]
}

/// New sequences for every epoch.
Dataset<Batch> batches(int seed, int count) {
  return Dataset.of(count * B, i -> pairs(Rng.of(seed).split(i))).batches(B).map(Batch::of);
}

void main(String[] args) throws IOException {
  int steps = args.length > 0 ? Integer.parseInt(args[0]) : 3_000;
  Adder model = new Adder();
  Trainer<Batch> trainer = new Trainer<>(new Adam(model.parameters(), 3e-3), epoch -> batches(100 + epoch, 100),
      (tape, batch) -> Losses.meanSquaredError(model.forward(tape, batch), batch.targets())).clip(1); // [B, 1] both
  Dataset<Batch> held = batches(1, 20);
  int every = args.length > 1 ? 50 : 500;
  List<Double> errors = new ArrayList<>();
  for (int step = 1; step <= steps; step++) {
    trainer.step();
    if (step % every == 0 || step == steps) {
      errors.add(trainer.evaluate(held, Batch::size));
      IO.println("step %d: mean squared error %.4f".formatted(step, errors.getLast()));
    }
  }
  IO.println("always 1: mean squared error %.4f".formatted(1 / 6.0));
  if (args.length > 1) {
    new Plot("steps", every, every).line("mean squared error", errors.stream().mapToDouble(e -> e).toArray())
        .line("always 1", errors.stream().mapToDouble(_ -> 1 / 6.0).toArray()).write(Path.of(args[1]));
  }
}
