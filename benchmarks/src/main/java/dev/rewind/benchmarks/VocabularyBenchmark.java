package dev.rewind.benchmarks;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.nn.AdaptiveSoftmax;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/// What do the last layer and the loss of many symbols cost with their gradients, in full and with an adaptive softmax?
/// A batch has 640 positions of 256 units; symbol `s` is the target about as often as `1 / (s + 1)` says (Zipf 1935).
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx2g"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class VocabularyBenchmark {
  private static final int POSITIONS = 640;
  private static final int UNITS = 256;

  /// Symbols.
  @Param({"10000", "50000"})
  public int symbols;

  /// Threads of the pool.
  @Param({"1", "2"})
  public int threads;

  private Tensor hidden;
  private Tensor targets;
  private Linear linear;
  private AdaptiveSoftmax adaptive;

  /// Makes hidden states, targets and both layers.
  @Setup
  public void prepare() {
    Threads.resize(threads);
    hidden = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, POSITIONS, UNITS);
    Rng draws = Rng.of(2);
    targets = Tensor.of(IntStream.range(0, POSITIONS)
        .map(n -> (int) Math.pow(symbols, draws.nextDouble()) - 1).toArray(), POSITIONS);
    linear = new Linear(UNITS, symbols, Rng.of(3));
    adaptive = new AdaptiveSoftmax(UNITS, symbols, new int[] {2000, 8000}, 4, Rng.of(3));
  }

  /// Scores of all symbols.
  @Benchmark
  public Gradients full() {
    try (Tape tape = Tape.recording()) {
      return tape.gradients(Losses.crossEntropy(linear.forward(tape.watch(hidden)), targets));
    }
  }

  /// Those of clusters where they occur.
  @Benchmark
  public Gradients adaptive() {
    try (Tape tape = Tape.recording()) {
      return tape.gradients(adaptive.loss(tape.watch(hidden), targets));
    }
  }
}
