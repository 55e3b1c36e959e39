import module rewind.nn;

/// 3. The same without a list: time stays an axis, and each layer is one operation. The numbers are those of ListLstm.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/tutorial/DynamicLstm.java [TEXT-FILE [EPOCHS]]
///
/// B streams, T steps, V kinds of symbols, E elements of a symbol's vector, H hidden units.
final int B = 32, T = 200, E = 100, H = 100;

void main(String[] args) throws IOException {
  Text text = Text.of(args);
  int V = text.kinds();
  Embedding embedding = new Embedding(V, E, Rng.of(1)); // weight [V, E]
  StackedCell<LstmState> cell = new StackedCell<>(List.of( // three objects, each with weights of its own
      new LstmCell(E, H, 1, Rng.of(2)), new LstmCell(H, H, 1, Rng.of(3)), new LstmCell(H, H, 1, Rng.of(4))), 0);
  Linear projection = new Linear(H, V, Rng.of(5)); // weight [V, H], bias [V]

  Training.run(text, B, T, cell, List.of(embedding, cell, projection), (tape, ids, state) -> {
    Variable embedded = embedding.forward(tape.constant(ids)); // [B, T] -> [B, T, E]
    Scanned<StackedState<LstmState>> run = Recurrence.scan(cell, embedded, state); // [B, T, H]
    return new Step<>(projection.forward(run.outputs()), run.state()); // [B, T, V]
  });
}
