import module rewind.nn;

/// Tags every word of a sentence by a bidirectional LSTM, where a tag depends on words that come later.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/recipes/Tagging.java [EPOCHS]
///
/// The made language has words 0 to 29. Words 0 to 9 are ambiguous: tag 1 if one of the words 10 to 12 follows in the
/// same sentence, tag 2 if none does. All other words have tag 0. B sentences, T words of the longest one.
final int WORDS = 30, TAGS = 3;

final class Tagger extends Block {
  final Embedding embedding = child("embedding", new Embedding(WORDS, 16, Rng.of(1)));
  final Lstm lstm = child("lstm", new Lstm(RecurrentOptions.of(16, 24).withBidirectional(true), Rng.of(2)));
  final Linear tags = child("tags", new Linear(48, TAGS, Rng.of(3)));

  Variable forward(Tape tape, Batch batch) {
    Variable words = embedding.forward(tape.constant(batch.inputs())); // [B, T] -> [B, T, 16]
    return tags.forward(lstm.forward(words, batch.lengths()).outputs()); // [B, T, 48] -> [B, T, TAGS]
  }
}

/// A sentence of 3 to 14 words, and its tags.
Example sentence(Rng rng) {
  int[] words = IntStream.range(0, 3 + rng.nextInt(12)).map(_ -> rng.nextInt(WORDS)).toArray();
  int[] tags = new int[words.length];
  boolean follows = false;
  for (int t = words.length - 1; t >= 0; t--) {
    tags[t] = words[t] > 9 ? 0 : follows ? 1 : 2;
    follows |= words[t] >= 10 && words[t] <= 12;
  }
  return Example.of(words, tags);
}

void main(String[] args) throws IOException {
  int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 10;
  Split<Dataset<Example>> split = Split.of(Dataset.of(2_500, i -> sentence(Rng.of(7).split(i))), 0.2);
  Tagger model = new Tagger();
  Trainer<Batch> trainer = new Trainer<>(new Adam(model.parameters(), 5e-3),
      epoch -> split.training().shuffled(Rng.of(8).split(epoch)).batches(32).map(Batch::of),
      (tape, batch) -> Losses.crossEntropy(model.forward(tape, batch), batch.targets(), batch.mask()));
  new TrainingLoop<>(model, trainer.clip(5)).epochs(epochs).run();

  Confusion baseline = new Confusion(TAGS); // the most frequent tag of each word, which is 0 or 2
  Confusion tagger = new Confusion(TAGS);
  for (Batch batch : split.validation().batches(100).map(Batch::of)) {
    Tensor usual = Tensor.where(batch.inputs().greater(9), Tensor.scalar(0), Tensor.scalar(2)); // [B, T]
    baseline.add(usual, batch.targets(), batch.mask());
    try (Tape tape = Tape.inference()) {
      tagger.add(model.forward(tape, batch).value().argmax(-1), batch.targets(), batch.mask());
    }
  }
  IO.println("baseline: accuracy %.3f, macro F1 %.3f".formatted(baseline.accuracy(), baseline.macroF1()));
  IO.println("tagger: accuracy %.3f, macro F1 %.3f".formatted(tagger.accuracy(), tagger.macroF1()));
}
