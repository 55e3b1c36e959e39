import module rewind.nn;

/// Reads labels out of a signal without being told where they are: connectionist temporal classification.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/recipes/Ctc.java [EPOCHS]
///
/// A signal of 3 to 6 labels of 5 kinds; each lasts for 2 to 5 steps, with pauses between, and is a bump in one of 5
/// noisy channels. B signals, T steps of the longest one, U labels of the longest one. Class 0 is the blank.
final int LABELS = 5, CLASSES = LABELS + 1;

final class Reader extends Block {
  final Gru gru = child("gru", new Gru(RecurrentOptions.of(LABELS, 24).withBidirectional(true), Rng.of(1)));
  final Linear classes = child("classes", new Linear(48, CLASSES, Rng.of(2)));

  Variable forward(Tape tape, Batch batch) {
    return classes.forward(gru.forward(tape.constant(batch.inputs()), batch.lengths()).outputs()); // [B, T, CLASSES]
  }
}

Example signal(Rng rng) {
  int[] labels = IntStream.range(0, 3 + rng.nextInt(4)).map(_ -> 1 + rng.nextInt(LABELS)).toArray(); // [U]
  List<float[]> steps = new ArrayList<>();
  for (int label : labels) {
    int pause = 1 + rng.nextInt(2);
    int length = pause + 2 + rng.nextInt(4);
    for (int t = 0; t < length; t++) {
      float[] channels = new float[LABELS];
      rng.fillNormal(channels, 0, LABELS, 0, 0.4f);
      channels[label - 1] += t < pause ? 0 : 1;
      steps.add(channels);
    }
  }
  return new Example(Tensor.of(steps.toArray(float[][]::new)), Tensor.of(labels)); // [T, 5], [U]
}

/// The best class of each step, repetitions and blanks left out.
int[] labels(int[] best) {
  return IntStream.range(0, best.length).filter(t -> best[t] != 0 && (t == 0 || best[t] != best[t - 1]))
      .map(t -> best[t]).toArray();
}

void main(String[] args) throws IOException {
  int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 8;
  Split<Dataset<Example>> split = Split.of(Dataset.of(1_200, i -> signal(Rng.of(7).split(i))), 0.2);
  Reader model = new Reader();
  Trainer<Batch> trainer = new Trainer<>(new Adam(model.parameters(), 1e-2),
      epoch -> split.training().batchesByLength(16, Example::length, Rng.of(8).split(epoch)).map(Batch::of),
      (tape, batch) -> Losses.ctc(
          model.forward(tape, batch), batch.targets(), batch.lengths(), batch.targetLengths(), 0));
  new TrainingLoop<>(model, trainer.clip(5)).epochs(epochs).run();

  EditDistance distance = new EditDistance();
  for (Example example : split.validation()) {
    try (Tape tape = Tape.inference()) {
      Tensor best = model.forward(tape, Batch.of(List.of(example))).value().argmax(-1); // [1, T]
      distance.add(labels(best.toInts()), example.target().toInts());
    }
  }
  IO.println("label error rate: %.3f".formatted(distance.rate())); // 1 for an empty answer
}
