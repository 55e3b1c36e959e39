import module rewind.nn;

/// 6. The tutorial's own cell: a gated recurrent unit whose candidate is a learned mixture of five. [MixtureCell] is its
/// code, which docs/cells.md shows; here it is checked, stacked and trained as any other cell.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/tutorial/CustomCell.java [TEXT-FILE [EPOCHS]]
///
/// B streams, T steps, V kinds of symbols, E elements of a symbol's vector, H hidden units.
final int B = 32, T = 30, E = 100, H = 100;

void main(String[] args) throws IOException {
  CellCheck.of(new MixtureCell(3, 4, 5, Rng.of(1))).run().assertPasses(); // a small one: its gradients are right
  Text text = Text.of(args);
  int V = text.kinds();
  Embedding embedding = new Embedding(V, E, Rng.of(1)); // weight [V, E]
  StackedCell<HiddenState> cell = new StackedCell<>(List.of(
      new MixtureCell(E, H, 5, Rng.of(2)), new MixtureCell(H, H, 5, Rng.of(3)), new MixtureCell(H, H, 5, Rng.of(4))), 0);
  Linear projection = new Linear(H, V, Rng.of(5)); // weight [V, H], bias [V]

  Training.run(text, B, T, cell, List.of(embedding, cell, projection), (tape, ids, state) -> {
    Variable embedded = embedding.forward(tape.constant(ids)); // [B, T] -> [B, T, E]
    Scanned<StackedState<HiddenState>> run = Recurrence.scan(cell, embedded, state); // [B, T, H]
    return new Step<>(projection.forward(run.outputs()), run.state()); // [B, T, V]
  });
}
