package dev.rewind.benchmarks;

import dev.rewind.examples.charrnn.model.CellKind;
import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.nn.generate.Session;
import dev.rewind.nn.generate.Sessions;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.tensor.Rng;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What does it cost to write one symbol? A step of a session of the character model, from a symbol to the logits of
/// the next: embedding, two layers, projection onto 65 symbols; for one text, and for sixteen whose sessions step
/// together. With `-prof gc`, the bytes that a step allocates.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class SamplingBenchmark {
  private static final int SYMBOLS = 65;
  private static final int TOGETHER = 16;

  /// The size of a hidden state.
  @Param({"128", "512"})
  public int hidden;

  /// The cell.
  @Param("LSTM")
  public CellKind cell;

  private Stepper one;
  private Stepper together;

  private interface Stepper {
    float[] step(int symbol);
  }

  /// Makes the model and its sessions.
  @Setup
  public void prepare() {
    CharRnn<?> model = CharRnn.of(new ModelOptions(cell, SYMBOLS, hidden, hidden, 2, 0), Rng.of(1));
    one = one(model.sessions());
    together = together(model.sessions());
  }

  private static <S extends dev.rewind.nn.rnn.State<S>> Stepper one(Sessions<StackedState<S>> sessions) {
    return sessions.open()::step;
  }

  private static <S extends dev.rewind.nn.rnn.State<S>> Stepper together(Sessions<StackedState<S>> sessions) {
    List<Session<StackedState<S>>> open = Stream.generate(sessions::open).limit(TOGETHER).toList();
    int[] symbols = new int[TOGETHER];
    return symbol -> {
      for (int k = 0; k < TOGETHER; k++) {
        symbols[k] = (symbol + k) % SYMBOLS;
      }
      sessions.step(open, symbols);
      return null;
    };
  }

  private int symbol;

  /// One text.
  @Benchmark
  public float[] one() {
    symbol = (symbol + 1) % SYMBOLS;
    return one.step(symbol);
  }

  /// Sixteen texts, a symbol each.
  @Benchmark
  public float[] sixteen() {
    symbol = (symbol + 1) % SYMBOLS;
    return together.step(symbol);
  }
}
