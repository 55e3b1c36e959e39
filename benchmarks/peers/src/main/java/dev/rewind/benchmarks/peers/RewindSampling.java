package dev.rewind.benchmarks.peers;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.examples.charrnn.CharRnn;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/// A char-RNN that writes, one symbol at a time.
final class RewindSampling implements Workload {
  private final int symbols;
  private final Writer<?> writer;

  RewindSampling(Task.Sampling task, int symbols) {
    this.symbols = symbols;
    this.writer = Writer.of(RewindTraining.model(task.layers(), task.hidden()));
  }

  private static final class Writer<S extends State<S>> {
    private final CharRnn<S> model;
    private final TapeOptions context = TapeOptions.defaults(); // one workspace for all steps
    private StackedState<S> state;
    private int symbol;
    private Tensor logits; // [1, 1, V]

    private Writer(CharRnn<S> model) {
      this.model = model;
    }

    static <S extends State<S>> Writer<S> of(CharRnn<S> model) {
      return new Writer<>(model);
    }

    int next() {
      try (Tape tape = Tape.inference(context)) {
        StackedState<S> before = state == null ? model.initialState(tape, 1) : state.on(tape);
        CharRnn.Outcome<S> outcome = model.forward(tape, Tensor.of(new int[] {symbol}, 1, 1), before);
        logits = outcome.logits().value();
        state = outcome.state();
        symbol = (int) logits.argmax(2).item();
        return symbol;
      }
    }
  }

  @Override
  public double[] check() {
    double[] written = DoubleStream.generate(writer::next).limit(20).toArray();
    float[] logits = writer.logits.toFloats();
    double[] results = Arrays.copyOf(written, written.length + logits.length);
    Arrays.setAll(results, i -> i < written.length ? written[i] : logits[i - written.length]);
    return results;
  }

  @Override
  public long run() {
    return Workload.time(() -> {
      for (int i = 0; i < symbols; i++) {
        writer.next();
      }
    });
  }
}
