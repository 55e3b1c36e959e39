import module java.base;
import module rewind.nn;

/// The loop that BasicRnn writes out, for the programs after it. What differs between them is how a window is read.
final class Training {
  private Training() {}

  /// How a model reads a window.
  ///
  /// @param <S> the state of its cell
  interface Reader<S extends State<S>> {
    /// From symbols `[B, T]` and the state before them to logits `[B, T, V]` and the state after them.
    Step<S> read(Tape tape, Tensor ids, S state);
  }

  /// Reads the text so often as it says, and makes a step of Adam, 1e-4, after each window.
  static <S extends State<S>> void run(
      Text text, int B, int T, Cell<S> cell, List<? extends Block> parts, Reader<S> reader) {
    List<Param> parameters = parts.stream().flatMap(part -> part.parameters().stream()).toList();
    Adam optimizer = new Adam(parameters, 1e-4);
    TbpttState<S> carried = new TbpttState<>(cell, B);
    long elements = parts.stream().mapToLong(Block::parameterCount).sum();
    IO.println("%,d parameters, built in %.2f s".formatted(elements, (System.nanoTime() - text.start()) / 1e9));

    for (int epoch = 1; epoch <= text.epochs(); epoch++) {
      long start = System.nanoTime();
      carried.reset();
      double sum = 0;
      for (int i = 0; i < text.windows(B, T); i++) {
        try (Tape tape = Tape.training(Rng.of(epoch).split(i))) { // the Rng is what dropout draws from
          Step<S> read = reader.read(tape, text.inputs(i, B, T), carried.on(tape));
          Variable loss = Losses.crossEntropy(read.output(), text.targets(i, B, T));
          optimizer.step(tape.gradients(loss));
          carried.keep(read.state());
          sum += loss.item();
        }
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      IO.println("epoch %d: mean loss %.4f, %.1f s".formatted(epoch, sum / text.windows(B, T), seconds));
    }
  }
}
