import module rewind.nn;

/// Follows one batch from symbols to loss and prints every shape on the way; then shows, in numbers, what is equal to what.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn examples/Shapes.java
///
/// All sizes differ, so that each can be told by its number: B = 2 texts, T = 3 steps, V = 5 kinds of symbols, E = 4
/// elements of a symbol's vector, H = 6 hidden units.
final int B = 2, T = 3, V = 5, E = 4, H = 6;

void main() {
  Embedding embedding = new Embedding(V, E, Rng.of(1)); // weight [V, E]
  LstmCell cell = new LstmCell(E, H, Rng.of(2)); // weight_ih [4H, E], weight_hh [4H, H], bias [4H]
  Linear projection = new Linear(H, V, Rng.of(3)); // weight [V, H], bias [V]
  Tensor ids = Tensor.of(new int[][] {{0, 1, 2}, {3, 4, 0}}); // [B, T]
  Tensor targets = Tensor.of(new int[][] {{1, 2, 3}, {4, 0, 1}}); // [B, T]: the symbols that follow

  try (Tape tape = Tape.recording()) {
    IO.println("From symbols to loss");
    Variable embedded = embedding.forward(tape.constant(ids));
    List<Variable> parts = embedded.split(1, T);
    List<Variable> inputs = parts.stream().map(x -> x.squeeze(1)).toList();
    LstmState start = cell.initialState(tape, B);
    Unrolled<LstmState> run = Recurrence.unroll(cell, inputs, start);
    List<Variable> logits = run.outputs().stream().map(projection::forward).toList();
    Variable stacked = Variable.stack(1, logits);
    Variable loss = Losses.crossEntropy(stacked, targets);
    show("ids                  [B, T]", ids.shape());
    show("embedded             [B, T, E]", embedded.shape());
    show("split         T x    [B, 1, E]", shapes(parts));
    show("squeeze       T x    [B, E]", shapes(inputs));
    show("unroll        T x    [B, H]", shapes(run.outputs()));
    show("logits        T x    [B, V]", shapes(logits));
    show("stack                [B, T, V]", stacked.shape());
    show("targets              [B, T]", targets.shape());
    show("loss                 []", loss.shape());
    show("state after T steps  h, c", run.state());
    show("the loss of a model that has learned nothing", "%.4f".formatted(loss.item()));
    show("log V", "%.4f".formatted(Math.log(V)));

    IO.println("\nThe parameters");
    embedding.namedParameters().forEach((name, p) -> show("embedding." + name, p.value().shape()));
    cell.namedParameters().forEach((name, p) -> show("cell." + name, p.value().shape()));
    projection.namedParameters().forEach((name, p) -> show("projection." + name, p.value().shape()));

    IO.println("\nThe greatest difference between ..");
    Variable oneHot = tape.constant(Tensor.eye(DType.FLOAT32, V).gather(ids, 0)); // [B, T, V]
    Variable product = oneHot.matmul(tape.watch(embedding.weight())); // [B, T, V] by [V, E] -> [B, T, E]
    show("a lookup and a product with one-hot vectors", difference(embedded, product));

    LstmState state = start;
    List<Variable> byHand = new ArrayList<>();
    for (Variable x : inputs) {
      Step<LstmState> step = cell.step(x, state);
      byHand.add(step.output());
      state = step.state();
    }
    Variable outputs = Variable.stack(1, byHand); // [B, T, H]
    show("the loop by hand and Recurrence.unroll", difference(outputs, Variable.stack(1, run.outputs())));
    Scanned<LstmState> fused = Recurrence.scan(cell, embedded, start); // [B, T, E] -> [B, T, H]
    show("the loop by hand and scan, one fused operation", difference(outputs, fused.outputs()));
    try (Tape seen = Tape.inference(TapeOptions.defaults().withObserver(new Trace()))) { // gates are seen step by step
      Scanned<LstmState> scanned = Recurrence.scan(cell, seen.constant(embedded.value()), cell.initialState(seen, B));
      show("scan in one operation and scan step by step", difference(fused.outputs(), scanned.outputs()));
    }

    Tensor kernel = tensorFlowKernel(cell); // [E + H, 4H], blocks i, j, f, o
    Tensor bias = tensorFlowBias(cell); // [4H], blocks i, j, f, o
    LstmState before = run.state(); // any state but zeros, so that both weights count
    LstmState theirs = tensorFlowStep(inputs.getFirst(), before, kernel, bias);
    LstmState ours = cell.step(inputs.getFirst(), before).state();
    show("TensorFlow's kernel " + kernel.shape() + " and our two weights: h", difference(theirs.h(), ours.h()));
    show("the same: c", difference(theirs.c(), ours.c()));

    List<Tensor> labels = targets.split(1, T).stream().map(y -> y.squeeze(1)).toList(); // T x [B]
    Variable sum = Losses.crossEntropy(logits.getFirst(), labels.getFirst());
    for (int t = 1; t < T; t++) {
      sum = sum.plus(Losses.crossEntropy(logits.get(t), labels.get(t)));
    }
    show("the mean of T losses and one loss over [B, T]", difference(sum.divide(T), loss));
  }
}

/// What TensorFlow 1 calls the kernel of an LSTMCell: both weights side by side, transposed, so that the rows of the input
/// stand above those of the hidden state, and the gates' blocks are columns: i, j, f, o. Its j is our g.
Tensor tensorFlowKernel(LstmCell cell) {
  Tensor input = cell.namedParameters().get("weight_ih").value(); // [4H, E]
  Tensor hidden = cell.namedParameters().get("weight_hh").value(); // [4H, H]
  return inTheirOrder(Tensor.concat(1, List.of(input, hidden))).transpose(); // [4H, E + H] -> [E + H, 4H]
}

/// TensorFlow adds its forget bias, 1, at every step; so the parameter holds 1 less than ours.
Tensor tensorFlowBias(LstmCell cell) {
  return inTheirOrder(cell.namedParameters().get("bias").value().minus(Init.forgetBias(1, H)));
}

/// Blocks i, f, g, o of the first axis as i, g, f, o.
Tensor inTheirOrder(Tensor blocks) {
  List<Tensor> gates = blocks.split(0, 4);
  return Tensor.concat(0, List.of(gates.get(0), gates.get(2), gates.get(1), gates.get(3)));
}

/// A step of TensorFlow's LSTMCell as it is written there: one product with the input and the hidden state side by side.
LstmState tensorFlowStep(Variable x, LstmState state, Tensor kernel, Tensor bias) {
  Tape tape = x.tape();
  Variable xh = Variable.concat(1, List.of(x, state.h())); // [B, E + H]
  List<Variable> gates = xh.matmul(tape.constant(kernel)).plus(tape.constant(bias)).split(1, 4); // 4 x [B, H]
  Variable i = gates.get(0).sigmoid();
  Variable j = gates.get(1).tanh();
  Variable f = gates.get(2).plus(1).sigmoid(); // the forget bias
  Variable o = gates.get(3).sigmoid();
  Variable c = f.times(state.c()).plus(i.times(j));
  return new LstmState(o.times(c.tanh()), c);
}

void show(String what, Object value) {
  IO.println("  %-50s %s".formatted(what, value));
}

String shapes(List<Variable> list) {
  return list.size() + " x " + list.getFirst().shape();
}

String difference(Variable a, Variable b) {
  return "%.1e".formatted(a.value().minus(b.value()).abs().max().item());
}
