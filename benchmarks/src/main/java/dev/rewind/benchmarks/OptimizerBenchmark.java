package dev.rewind.benchmarks;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.optim.Adam;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What do clipping and a step of Adam cost for the parameters of a char-RNN, beside a copy of as many bytes as the
/// step must move (it reads four arrays of the parameters' size and writes three)? Every call gets fresh gradients, as
/// in training, since gradients remember their norm.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx2g"})
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class OptimizerBenchmark {
  private static final int SYMBOLS = 65;

  /// Hidden size of two LSTM layers: 280 thousand and 4.3 million parameters.
  @org.openjdk.jmh.annotations.Param({"128", "512"})
  public int hidden;

  /// Threads of the pool.
  @org.openjdk.jmh.annotations.Param({"1", "2"})
  public int threads;

  private final List<Param> parameters = new ArrayList<>();
  private Adam adam;
  private Gradients whole;
  private float[] source;
  private float[] target;

  /// Makes parameters and gradients.
  @Setup
  public void prepare() {
    Threads.resize(threads);
    add(SYMBOLS, hidden);
    for (int layer = 0; layer < 2; layer++) {
      add(4 * hidden, hidden);
      add(4 * hidden, hidden);
      add(4 * hidden);
    }
    add(SYMBOLS, hidden);
    add(SYMBOLS);
    adam = new Adam(parameters, 1e-3);
    try (Tape tape = Tape.recording()) {
      Variable sum = parameters.stream().map(p -> tape.watch(p).times(tape.constant(p.value().copy())).sum())
          .reduce(Variable::plus).orElseThrow();
      whole = tape.gradients(sum);
    }
    int moved = parameters.stream().mapToInt(p -> p.value().elements()).sum() * 7 / 2;
    source = new float[moved];
    target = new float[moved];
  }

  private void add(int... sizes) {
    parameters.add(
        new Param("p" + parameters.size(), Tensor.normal(Rng.of(parameters.size()), DType.FLOAT32, 0, 0.1, sizes)));
  }

  /// A copy, on one thread.
  @Benchmark
  public float[] copy() {
    System.arraycopy(source, 0, target, 0, source.length);
    return target;
  }

  /// The norm of the gradients alone.
  @Benchmark
  public double norm() {
    return whole.to(DType.FLOAT32).norm();
  }

  /// A step alone.
  @Benchmark
  public void step() {
    adam.step(whole.to(DType.FLOAT32));
  }

  /// Clipping, which acts, and a step.
  @Benchmark
  public void clipAndStep() {
    adam.step(whole.to(DType.FLOAT32).clipByNorm(0.1));
  }
}
