import module rewind.nn;

/// 4. The same as a scan: a state goes through the steps, and each step can be looked at.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/tutorial/ScanLstm.java [TEXT-FILE [EPOCHS]]
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
    List<Variable> outputs = new ArrayList<>(); // T x [B, H]
    StackedState<LstmState> last = state;
    for (Step<StackedState<LstmState>> step : Recurrence.steps(cell, embedded, state)) {
      outputs.add(step.output()); // [B, H]
      last = step.state(); // h and c of each layer
    }
    return new Step<>(projection.forward(Variable.stack(1, outputs)), last); // [B, T, H] -> [B, T, V]
  });
}
