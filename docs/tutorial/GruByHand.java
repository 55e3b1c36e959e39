import module rewind.nn;

/// 5. A gated recurrent unit written by hand, three layers of it.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/tutorial/GruByHand.java [TEXT-FILE [EPOCHS]]
///
/// B streams, T steps, V kinds of symbols, E elements of a symbol's vector, H hidden units, F elements of a cell's input.
final int B = 32, T = 80, E = 100, H = 100;

void main(String[] args) throws IOException {
  Text text = Text.of(args);
  int V = text.kinds();
  Embedding embedding = new Embedding(V, E, Rng.of(1)); // weight [V, E]
  StackedCell<HiddenState> cell = new StackedCell<>(
      List.of(new GatedCell(E, H, Rng.of(2)), new GatedCell(H, H, Rng.of(3)), new GatedCell(H, H, Rng.of(4))), 0);
  Linear projection = new Linear(H, V, Rng.of(5)); // weight [V, H], bias [V]

  Training.run(text, B, T, cell, List.of(embedding, cell, projection), (tape, ids, state) -> {
    Variable embedded = embedding.forward(tape.constant(ids)); // [B, T] -> [B, T, E]
    Scanned<StackedState<HiddenState>> run = Recurrence.scan(cell, embedded, state); // [B, T, H]
    return new Step<>(projection.forward(run.outputs()), run.state()); // [B, T, V]
  });
}

/// A state h `[B, H]`, an input x `[B, F]`; both stand side by side in each product, as in the tutorial.
static final class GatedCell extends RecurrentCell<HiddenState> {
  private final Linear gates; // weight [2H, F + H]: of r and z
  private final Linear candidate; // weight [H, F + H]

  GatedCell(int inputSize, int hidden, Rng rng) {
    super(inputSize, hidden, HiddenState::zeros);
    gates = child("gates", new Linear(inputSize + hidden, 2 * hidden, rng.split("gates")));
    candidate = child("candidate", new Linear(inputSize + hidden, hidden, rng.split("candidate")));
    initialize("gates.bias", rng, (draws, shape) -> Tensor.ones(DType.FLOAT32, shape)); // open at the start
  }

  @Override
  public Step<HiddenState> stepPrepared(Variable x, HiddenState state) {
    Variable h = state.h();
    List<Variable> rz = gates.forward(Variable.concat(1, List.of(x, h))).sigmoid().split(1, 2); // 2 x [B, H]
    Variable r = rz.get(0);
    Variable z = rz.get(1);
    Variable n = candidate.forward(Variable.concat(1, List.of(x, r.times(h)))).tanh(); // [B, H]
    Variable next = z.times(h).plus(z.negate().plus(1).times(n)); // z h + (1 - z) n
    return new Step<>(next, new HiddenState(next));
  }
}
