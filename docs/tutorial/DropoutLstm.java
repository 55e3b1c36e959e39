import module rewind.nn;

/// 7. Dropout before, between and after the layers, never on what a layer carries from step to step.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/tutorial/DropoutLstm.java [TEXT-FILE [EPOCHS]]
///
/// B streams, T steps, V kinds of symbols, E elements of a symbol's vector, H hidden units.
final int B = 32, T = 80, E = 100, H = 100;
final double rate = 0.1; // what is dropped; the tutorial's keep_prob is 0.9

void main(String[] args) throws IOException {
  Text text = Text.of(args);
  int V = text.kinds();
  Embedding embedding = new Embedding(V, E, Rng.of(1)); // weight [V, E]
  StackedCell<LstmState> cell = new StackedCell<>(List.of(
      new LstmCell(E, H, 1, Rng.of(2)), new LstmCell(H, H, 1, Rng.of(3)), new LstmCell(H, H, 1, Rng.of(4))), rate);
  Linear projection = new Linear(H, V, Rng.of(5)); // weight [V, H], bias [V]
  Dropout dropout = new Dropout(rate); // acts where the tape has an Rng: in training, not when the model writes

  Training.run(text, B, T, cell, List.of(embedding, cell, projection), (tape, ids, state) -> {
    Variable embedded = dropout.forward(embedding.forward(tape.constant(ids))); // [B, T] -> [B, T, E]
    Scanned<StackedState<LstmState>> run = Recurrence.scan(cell, embedded, state); // [B, T, H]
    return new Step<>(projection.forward(dropout.forward(run.outputs())), run.state()); // [B, T, V]
  });
}
