import module rewind.nn;

/// 9 and 10. Trains, saves, restores into a new model, and lets that write 750 symbols: first with the loop written out,
/// then by [Sampling].
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/tutorial/SaveAndGenerate.java [TEXT-FILE [EPOCHS]]
///
/// B streams, T steps, V kinds of symbols, E elements of a symbol's vector, H hidden units.
final int B = 32, T = 80, E = 100, H = 100;

void main(String[] args) throws IOException {
  Text text = Text.of(args);
  Model model = new Model(text.kinds(), Rng.of(1));
  Training.run(text, B, T, model.cell, List.of(model), model::read);

  Path file = Files.createTempFile("tutorial", ".safetensors");
  new TensorFile(model.state(), Map.of("symbols", new String(text.symbols(), 0, text.kinds()))).write(file);

  TensorFile saved = TensorFile.read(file);
  int[] symbols = saved.metadata().get("symbols").codePoints().toArray();
  Model restored = new Model(symbols.length, Rng.of(2)); // other weights ..
  restored.load(saved.tensors()); // .. until here
  IO.println("restored %,d parameters from %s".formatted(restored.parameterCount(), file));

  int prompt = Math.max(0, Arrays.binarySearch(symbols, 'A'));
  restored.write(symbols, prompt, 750, Rng.of(7));

  Decoder decoder = Decoder.of(Sessions.of(restored.embedding, restored.cell, restored.projection).open());
  new Sampling(1, 5, 1).symbols(decoder, new int[] {prompt}, Rng.of(7)).limit(750) // temperature 1, of the 5 likeliest
      .forEach(symbol -> IO.print(Character.toString(symbols[symbol])));
  IO.println();
}

/// What is saved together. Parts are registered by `child`, under the names that the file has.
final class Model extends Block {
  private final Embedding embedding; // weight [V, E]
  private final StackedCell<HiddenState> cell;
  private final Linear projection; // weight [V, H], bias [V]

  Model(int V, Rng rng) {
    embedding = child("embedding", new Embedding(V, E, rng.split(0)));
    cell = child("cells", new StackedCell<>(List.of(
        new GruCell(E, H, rng.split(1)), new GruCell(H, H, rng.split(2)), new GruCell(H, H, rng.split(3))), 0));
    projection = child("projection", new Linear(H, V, rng.split(4)));
  }

  /// Symbols `[B, T]` to logits `[B, T, V]`.
  Step<StackedState<HiddenState>> read(Tape tape, Tensor ids, StackedState<HiddenState> state) {
    Variable embedded = embedding.forward(tape.constant(ids)); // [B, T, E]
    Scanned<StackedState<HiddenState>> run = Recurrence.scan(cell, embedded, state); // [B, T, H]
    return new Step<>(projection.forward(run.outputs()), run.state());
  }

  /// One text (B = 1), one step at a time (T = 1): what is written is what is read next.
  void write(int[] symbols, int prompt, int length, Rng draws) {
    try (Tape tape = Tape.inference()) {
      StackedState<HiddenState> state = cell.initialState(tape, 1);
      int symbol = prompt;
      for (int n = 0; n < length; n++) {
        Step<StackedState<HiddenState>> step = read(tape, Tensor.of(new int[] {symbol}, 1, 1), state);
        state = step.state();
        Tensor.TopK likeliest = step.output().value().reshape(1, symbols.length).topK(5); // of [1, V]: [1, 5]
        Tensor choice = Tensor.categorical(draws, likeliest.values().softmax(1)); // [1], a place among the five
        symbol = (int) likeliest.indices().at(0, (int) choice.item());
        IO.print(Character.toString(symbols[symbol]));
      }
      IO.println();
    }
  }
}
