import module rewind.nn;

/// 8. An LSTM with layer normalisation of each gate and of what the memory shows, as the tutorial has it. (The library's
/// LayerNormLstmCell is the one of the paper, which normalises the two products.)
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/tutorial/LayerNormLstm.java [TEXT-FILE [EPOCHS]]
///
/// B streams, T steps, V kinds of symbols, E elements of a symbol's vector, H hidden units, F elements of a cell's input.
final int B = 32, T = 80, E = 100, H = 100;

void main(String[] args) throws IOException {
  Text text = Text.of(args);
  int V = text.kinds();
  Embedding embedding = new Embedding(V, E, Rng.of(1)); // weight [V, E]
  StackedCell<LstmState> cell = new StackedCell<>(List.of(
      new NormalizedLstm(E, H, Rng.of(2)), new NormalizedLstm(H, H, Rng.of(3)), new NormalizedLstm(H, H, Rng.of(4))), 0);
  Linear projection = new Linear(H, V, Rng.of(5)); // weight [V, H], bias [V]

  Training.run(text, B, T, cell, List.of(embedding, cell, projection), (tape, ids, state) -> {
    Variable embedded = embedding.forward(tape.constant(ids)); // [B, T] -> [B, T, E]
    Scanned<StackedState<LstmState>> run = Recurrence.scan(cell, embedded, state); // [B, T, H]
    return new Step<>(projection.forward(run.outputs()), run.state()); // [B, T, V]
  });
}

/// A state h, c `[B, H]`, an input x `[B, F]`.
static final class NormalizedLstm extends RecurrentCell<LstmState> {
  private final Linear input; // weight [4H, F]
  private final Linear hidden; // weight [4H, H]
  private final LayerNorm ofI; // each [H], epsilon 1e-5: to mean 0 and variance 1, then times a gain, plus a bias
  private final LayerNorm ofF;
  private final LayerNorm ofG;
  private final LayerNorm ofO;
  private final LayerNorm ofC;

  NormalizedLstm(int inputSize, int units, Rng rng) {
    super(inputSize, units, LstmState::zeros);
    input = child("input", Linear.withoutBias(inputSize, 4 * units, rng.split("input")));
    hidden = child("hidden", Linear.withoutBias(units, 4 * units, rng.split("hidden")));
    ofI = child("norm_i", new LayerNorm(units));
    ofF = child("norm_f", new LayerNorm(units));
    ofG = child("norm_g", new LayerNorm(units));
    ofO = child("norm_o", new LayerNorm(units));
    ofC = child("norm_c", new LayerNorm(units));
  }

  @Override
  public Variable prepare(Variable x) {
    return input.forward(x); // for all steps at once, before the loop: [T * B, F] -> [T * B, 4H]
  }

  @Override
  public Step<LstmState> stepPrepared(Variable x, LstmState state) {
    List<Variable> gates = x.plus(hidden.forward(state.h())).split(1, 4); // 4 x [B, H]
    Variable i = ofI.forward(gates.get(0)).sigmoid();
    Variable f = ofF.forward(gates.get(1)).plus(1).sigmoid(); // forget bias 1
    Variable g = ofG.forward(gates.get(2)).tanh();
    Variable o = ofO.forward(gates.get(3)).sigmoid();
    Variable c = f.times(state.c()).plus(i.times(g));
    Variable h = o.times(ofC.forward(c).tanh());
    return new Step<>(h, new LstmState(h, c));
  }
}
