import module rewind.nn;

/// Adds numbers that are written as text, `535+61` to `596`: one sequence into another, as in translation, by an encoder,
/// a decoder with attention (Bahdanau et al. 2015; scores as in Luong et al. 2015), and beam search.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/recipes/Addition.java [EPOCHS [SUMS]]
///
/// Two numbers from 0 to 999 are 7 symbols; the sum is up to 4, and an end. B sums, U symbols of the longest answer.
final String SYMBOLS = "0123456789 +=";
final int V = SYMBOLS.length(), END = V - 1, E = 32, H = 96;

/// @param h `[B, H]`
/// @param memory what is attended to, the outputs of the encoder, `[B, 7, H]`
record Attending(Variable h, Variable memory) implements State<Attending> {
  @Override
  public Parts<Attending> parts() {
    return Parts.of("h", h, "memory", memory, Attending::new);
  }
}

/// A GRU that reads a symbol and what it attends to.
final class AttentionCell extends RecurrentCell<Attending> {
  final GruCell cell = child("cell", new GruCell(E + H, H, Rng.of(1)));
  final Linear query = child("query", Linear.withoutBias(H, H, Rng.of(2)));

  AttentionCell() {
    super(E, 2 * H, (tape, batch, _) -> new Attending(State.zeros(tape, batch, H), State.zeros(tape, batch, 0, H)));
  }

  @Override
  public Step<Attending> stepPrepared(Variable x, Attending state) {
    Variable scores = state.memory().matmul(query.forward(state.h()).unsqueeze(2)); // [B, 7, 1]
    Variable context = scores.softmax(1).times(state.memory()).sum(1); // [B, H]
    Variable h = cell.step(Variable.concat(1, List.of(x, context)), new HiddenState(state.h())).output();
    return new Step<>(Variable.concat(1, List.of(h, context)), new Attending(h, state.memory()));
  }
}

final class Adder extends Block {
  final Embedding embedding = child("embedding", new Embedding(V, E, Rng.of(3)));
  final Gru encoder = child("encoder", new Gru(RecurrentOptions.of(E, H / 2).withBidirectional(true), Rng.of(4)));
  final AttentionCell cell = child("cell", new AttentionCell());
  final Linear projection = child("projection", new Linear(2 * H, V, Rng.of(5)));

  Attending read(Tape tape, Batch batch) {
    Variable memory = encoder.forward(embedding.forward(tape.constant(batch.inputs()))).outputs(); // [B, 7, H]
    return new Attending(memory.mean(1), memory);
  }

  Variable loss(Tape tape, Batch batch) {
    Tensor begins = Tensor.full(DType.INT32, END, batch.size(), 1);
    Tensor before = Tensor.concat(1, List.of(begins, batch.targets().slice(1, 0, batch.targets().size(1) - 1))); // [B, U]
    Variable outputs = Recurrence.scan(cell, embedding.forward(tape.constant(before)), read(tape, batch)).outputs();
    return Losses.crossEntropy(projection.forward(outputs), batch.targets(), batch.targetMask()); // [B, U, V], [B, U]
  }

  /// The best answer to each sum.
  List<int[]> answer(Batch batch) {
    try (Tape tape = Tape.inference()) {
      Decoder decoder = Decoder.of((symbols, state) -> {
        Step<Attending> step = cell.step(embedding.forward(symbols), state);
        return new Step<>(projection.forward(step.output()), step.state());
      }, read(tape, batch));
      return BeamSearch.of(3, 5).withEnd(END).searchAll(decoder, Tensor.full(DType.INT32, END, batch.size()).toInts())
          .stream().map(found -> found.getFirst().toArray()).toList();
    }
  }
}

int[] symbols(String text) {
  return text.chars().map(SYMBOLS::indexOf).toArray();
}

void main(String[] args) throws IOException {
  int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 8;
  int sums = args.length > 1 ? Integer.parseInt(args[1]) : 47_000;
  int[] pairs = Arrays.copyOf(Rng.of(6).permutation(1_000_000), sums); // all different
  Split<Dataset<Example>> split = Split.of(Dataset.of(sums, i -> Example.of(
      symbols("%3d+%3d".formatted(pairs[i] / 1000, pairs[i] % 1000)),
      symbols(pairs[i] / 1000 + pairs[i] % 1000 + "="))), 2_000.0 / sums);
  Adder model = new Adder();
  Trainer<Batch> trainer = new Trainer<>(new Adam(model.parameters(), 3e-3),
      epoch -> split.training().shuffled(Rng.of(7).split(epoch)).batches(64).map(part -> Batch.of(part, 0, END)),
      model::loss);
  trainer.clip(1).schedule(Schedule.cosine(3e-3, 1e-4, epochs * split.training().size() / 64));
  new TrainingLoop<>(model, trainer).epochs(epochs).run();

  Mean right = new Mean();
  EditDistance errors = new EditDistance();
  for (Batch batch : split.validation().batches(100).map(part -> Batch.of(part, 0, END))) {
    List<int[]> answers = model.answer(batch);
    for (int b = 0; b < batch.size(); b++) {
      int[] wanted = batch.targets().select(0, b).slice(0, 0, batch.targetLengths()[b]).toInts();
      right.add(Arrays.equals(answers.get(b), wanted) ? 1 : 0, 1);
      errors.add(answers.get(b), wanted);
    }
  }
  IO.println("new sums: %.3f right, symbol error rate: %.4f".formatted(right.value(), errors.rate()));
}
