import module rewind.nn;

/// A language model of words: predicts each word of a text from those before it.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/recipes/WordModel.java [EPOCHS [TEXT-FILE]]
///
/// Words and punctuation marks that come fewer than 8 times are one word, `<unk>`. B = 20 streams of text side by side,
/// T = 35 words of each at a time, V kinds of words.
final int B = 20, T = 35;

final class WordModel extends Block {
  final Embedding embedding;
  final LstmCell cell = child("cell", new LstmCell(128, 128, Rng.of(2)));
  final Linear projection;

  WordModel(int words) {
    embedding = child("embedding", new Embedding(words, 128, Rng.of(1)));
    projection = child("projection", new Linear(128, words, Rng.of(3)));
  }

  /// The loss of a window; the state goes on to the next one.
  Variable loss(Tape tape, Batch batch, TbpttState<LstmState> carried) {
    Variable words = embedding.forward(tape.constant(batch.inputs())); // [B, T] -> [B, T, 128]
    Scanned<LstmState> run = Recurrence.scan(cell, new Dropout(0.3).forward(words), carried.on(tape));
    carried.keep(run.state());
    return Losses.crossEntropy(projection.forward(run.outputs()), batch.targets()); // [B, T, V] and [B, T]
  }
}

void main(String[] args) throws IOException {
  int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 4;
  Path file = Path.of(args.length > 1 ? args[1] : "examples-charrnn/target/classes/corpus/dickens.txt");
  String all = Files.readString(file).toLowerCase(Locale.ROOT);
  List<String> text = Pattern.compile("\\w+|[^\\w\\s]").matcher(all).results().map(MatchResult::group).toList();
  Map<String, Long> counts = text.stream().collect(Collectors.groupingBy(word -> word, Collectors.counting()));
  List<String> known = counts.keySet().stream().filter(word -> counts.get(word) >= 8).sorted().toList();
  int unknown = known.size();
  int[] ids = text.stream().mapToInt(word -> Collections.binarySearch(known, word)).map(i -> i < 0 ? unknown : i)
      .toArray();
  Split<Tensor> split = Split.of(Tensor.of(ids), 0.1); // [N]: the end is held out

  WordModel model = new WordModel(unknown + 1);
  TbpttState<LstmState> carried = new TbpttState<>(model.cell, B);
  Dataset<Batch> training = Windows.streams(split.training(), B, T);
  Trainer<Batch> trainer = new Trainer<>(new Adam(model.parameters(), 2e-3), _ -> {
    carried.reset(); // an epoch begins at the start of the text
    return training;
  }, (tape, batch) -> model.loss(tape, batch, carried));
  new TrainingLoop<>(model, trainer.clip(5).rng(Rng.of(4))).epochs(epochs).run();

  TbpttState<LstmState> one = new TbpttState<>(model.cell, 1);
  Mean loss = new Mean(); // over words
  for (Batch batch : Windows.stream(split.validation(), 100)) { // [1, 100]
    try (Tape tape = Tape.inference()) {
      loss.add(model.loss(tape, batch, one).item(), batch.steps());
    }
  }
  double[] frequency = new double[unknown + 1];
  Arrays.fill(frequency, 1); // so that no word is impossible
  Arrays.stream(split.training().toInts()).forEach(word -> frequency[word]++);
  double total = Arrays.stream(frequency).sum();
  double unigram = Arrays.stream(split.validation().toInts()).mapToDouble(word -> -Math.log(frequency[word] / total))
      .average().orElseThrow();
  IO.println("%d words of %d kinds".formatted(ids.length, unknown + 1));
  IO.println("by frequency alone: perplexity %.1f".formatted(Math.exp(unigram)));
  IO.println("model: perplexity %.1f".formatted(Math.exp(loss.value())));
}
