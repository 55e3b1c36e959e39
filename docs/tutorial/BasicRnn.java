import module rewind.nn;

/// 1. The basic network over a list of steps, with one-hot inputs and the loop of training written out.
///
///     java -p examples-charrnn/target/lib --add-modules rewind.nn docs/tutorial/BasicRnn.java [TEXT-FILE [EPOCHS]]
///
/// B streams, T steps, V kinds of symbols, H hidden units.
final int B = 32, T = 200, H = 100;

void main(String[] args) throws IOException {
  Text text = Text.of(args);
  int V = text.kinds();
  RnnCell cell = new RnnCell(V, H, Rng.of(1)); // weight_ih [H, V], weight_hh [H, H], bias [H]
  Linear projection = new Linear(H, V, Rng.of(2)); // the tutorial's W and b: weight [V, H], bias [V]
  List<Param> parameters = Stream.of(cell, projection).flatMap(part -> part.parameters().stream()).toList();
  Adam optimizer = new Adam(parameters, 1e-4);

  for (int epoch = 1; epoch <= text.epochs(); epoch++) {
    TbpttState<HiddenState> carried = new TbpttState<>(cell, B); // zeros
    double sum = 0;
    for (int i = 0; i < text.windows(B, T); i++) {
      Tensor ids = text.inputs(i, B, T); // [B, T]
      Tensor targets = text.targets(i, B, T); // [B, T]
      try (Tape tape = Tape.recording()) {
        Variable oneHot = tape.constant(Tensor.eye(DType.FLOAT32, V).gather(ids, 0)); // [B, T, V]
        List<Variable> inputs = oneHot.split(1, T).stream().map(x -> x.squeeze(1)).toList(); // T x [B, V]
        HiddenState state = carried.on(tape); // h [B, H]
        List<Variable> logits = new ArrayList<>(); // T x [B, V]
        for (Variable x : inputs) {
          Step<HiddenState> step = cell.step(x, state);
          logits.add(projection.forward(step.output())); // [B, H] -> [B, V]
          state = step.state();
        }
        List<Tensor> labels = targets.split(1, T).stream().map(y -> y.squeeze(1)).toList(); // T x [B]
        Variable losses = Variable.stack(0, IntStream.range(0, T)
            .mapToObj(t -> Losses.crossEntropy(logits.get(t), labels.get(t))).toList()); // [T]
        Variable loss = losses.mean(); // []
        optimizer.step(tape.gradients(loss));
        carried.keep(state);
        sum += loss.item();
      }
    }
    IO.println("epoch %d: mean loss %.4f".formatted(epoch, sum / text.windows(B, T)));
  }
}
