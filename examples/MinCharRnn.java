import module rewind.nn;

/// A character model in one file: it reads a text and learns to say which symbol comes next. First with five matrices and
/// the recurrence written out, then the same with an LSTM cell. From the project's folder, once it is built:
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn examples/MinCharRnn.java [TEXT-FILE [ITERATIONS]]
///
/// Letters of the shapes: B streams of text side by side, T steps of time, V kinds of symbols, E elements of a symbol's
/// vector, H hidden units.
final int B = 16, T = 25, E = 32, H = 100;

int[] symbols; // [V], sorted
int[] text; // the whole text as numbers of symbols

void main(String[] args) throws IOException {
  read(Files.readString(Path.of(args.length > 0 ? args[0] : "examples-charrnn/target/classes/corpus/dickens.txt")));
  int iterations = args.length > 1 ? Integer.parseInt(args[1]) : 1000;
  IO.println("five matrices");
  fiveMatrices(iterations);
  IO.println("an LSTM cell");
  lstmCell(iterations);
}

/// h = tanh(x Wxh + h Whh + bh), logits = h Why + by. The product of a one-hot x with Wxh is a row of Wxh: it is looked up.
void fiveMatrices(int iterations) {
  Random random = new Random(1);
  Param wxh = matrix(random, symbols.length, H); // [V, H]: symbol to hidden, a row for each symbol: the embedding
  Param whh = matrix(random, H, H); // [H, H]: hidden to hidden
  Param bh = matrix(random, 1, H); // [1, H]
  Param why = matrix(random, H, symbols.length); // [H, V]: hidden to logits
  Param by = matrix(random, 1, symbols.length); // [1, V]
  Adagrad optimizer = new Adagrad(List.of(wxh, whh, bh, why, by), 0.05);
  Tensor carried = Tensor.zeros(DType.FLOAT64, B, H); // the state from window to window, as plain numbers

  for (int i = 0; i < iterations; i++) {
    try (Tape tape = Tape.recording()) {
      Variable embedded = tape.watch(wxh).gather(window(i, 0), 0); // [B, T] -> [B, T, H]
      List<Variable> inputs = embedded.split(1, T).stream().map(x -> x.squeeze(1)).toList(); // T x [B, H]
      List<Variable> logits = new ArrayList<>(); // T x [B, V]
      Variable h = tape.constant(carried); // [B, H]
      for (Variable x : inputs) {
        h = x.plus(h.matmul(tape.watch(whh))).plus(tape.watch(bh)).tanh(); // [B, H]
        logits.add(h.matmul(tape.watch(why)).plus(tape.watch(by))); // [B, V]: the same matrix at every step
      }
      Variable loss = Losses.crossEntropy(Variable.stack(1, logits), window(i, 1)); // [B, T, V], [B, T] -> []
      optimizer.step(tape.gradients(loss).clipByValue(5)); // back through the T steps
      carried = h.value(); // a constant of the next tape: the gradient stops between two windows
      report(i, iterations, loss);
    }
  }

  try (Tape tape = Tape.inference()) {
    Rng draws = Rng.of(1);
    Variable h = tape.constant(Tensor.zeros(DType.FLOAT64, 1, H)); // [1, H]: one text, from the start
    Tensor symbol = Tensor.of(new int[] {0}, 1); // [1]
    for (int n = 0; n < 300; n++) {
      Variable x = tape.watch(wxh).gather(symbol, 0); // [1] -> [1, H]
      h = x.plus(h.matmul(tape.watch(whh))).plus(tape.watch(bh)).tanh(); // [1, H]
      Variable p = h.matmul(tape.watch(why)).plus(tape.watch(by)).softmax(1); // [1, V], probabilities
      symbol = Tensor.categorical(draws, p.value()); // [1]
      IO.print(Character.toString(symbols[(int) symbol.item()]));
    }
    IO.println();
  }
}

/// The same with parts of the library, each of which has its matrices inside.
void lstmCell(int iterations) {
  Embedding embedding = new Embedding(symbols.length, E, Rng.of(1)); // weight [V, E]
  LstmCell cell = new LstmCell(E, H, Rng.of(2)); // weight_ih [4H, E], weight_hh [4H, H], bias [4H]
  Linear projection = new Linear(H, symbols.length, Rng.of(3)); // weight [V, H], bias [V]
  List<Param> parameters = Stream.of(embedding, cell, projection).flatMap(part -> part.parameters().stream()).toList();
  Adam optimizer = new Adam(parameters, 5e-3);
  TbpttState<LstmState> carried = new TbpttState<>(cell, B);

  for (int i = 0; i < iterations; i++) {
    try (Tape tape = Tape.recording()) {
      Variable embedded = embedding.forward(tape.constant(window(i, 0))); // [B, T] -> [B, T, E]
      List<Variable> inputs = embedded.split(1, T).stream().map(x -> x.squeeze(1)).toList(); // T x [B, E]
      List<Variable> logits = new ArrayList<>(); // T x [B, V]
      LstmState state = carried.on(tape); // h [B, H], c [B, H]
      for (Variable x : inputs) {
        Step<LstmState> step = cell.step(x, state); // output [B, H], and the next state
        state = step.state();
        logits.add(projection.forward(step.output())); // [B, V]
      }
      Variable loss = Losses.crossEntropy(Variable.stack(1, logits), window(i, 1)); // []
      optimizer.step(tape.gradients(loss).clipByNorm(5));
      carried.keep(state);
      report(i, iterations, loss);
    }
  }

  Decoder decoder = Decoder.of(Sessions.of(embedding, cell, projection).open()); // one symbol in, logits [V] out
  new Sampling(0.8, 0, 1).symbols(decoder, new int[] {0}, Rng.of(4)).limit(300)
      .forEach(symbol -> IO.print(Character.toString(symbols[symbol])));
  IO.println();
}

void read(String all) {
  symbols = all.chars().distinct().sorted().toArray();
  text = all.chars().map(symbol -> Arrays.binarySearch(symbols, symbol)).toArray();
}

/// The symbols of window i, `[B, T]`, one row for each stream; one symbol later, `shift` 1, are the targets.
Tensor window(int i, int shift) {
  int stream = (text.length - 1) / B; // symbols of a stream
  int from = i % (stream / T) * T + shift;
  int[][] rows = new int[B][];
  for (int b = 0; b < B; b++) {
    rows[b] = Arrays.copyOfRange(text, b * stream + from, b * stream + from + T);
  }
  return Tensor.of(rows);
}

Param matrix(Random random, int rows, int columns) {
  DoubleStream small = DoubleStream.generate(() -> 0.01 * random.nextGaussian()).limit(rows * columns);
  return new Param("matrix", Tensor.of(small.toArray(), rows, columns));
}

void report(int i, int iterations, Variable loss) {
  if (i < 3 || i % 250 == 0 || i == iterations - 1) {
    IO.println("%5d  loss %.10f".formatted(i + 1, loss.item()));
  }
}
