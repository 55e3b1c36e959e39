import module rewind.nn;

/// 2. Three layers of LSTM over a list of steps, on embedded symbols.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/tutorial/ListLstm.java [TEXT-FILE [EPOCHS]]
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
    List<Variable> inputs = embedded.split(1, T).stream().map(x -> x.squeeze(1)).toList(); // T x [B, E]
    Unrolled<StackedState<LstmState>> run = Recurrence.unroll(cell, inputs, state); // T x [B, H]
    List<Variable> logits = run.outputs().stream().map(projection::forward).toList(); // T x [B, V]
    return new Step<>(Variable.stack(1, logits), run.state()); // [B, T, V]
  });
}
