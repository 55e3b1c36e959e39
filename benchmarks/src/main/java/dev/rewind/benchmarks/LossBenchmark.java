package dev.rewind.benchmarks;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Losses;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.concurrent.TimeUnit;
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

/// What do the cross-entropy of a batch and its gradient cost, as one operation and composed of several?
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx2g"})
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class LossBenchmark {
  /// Positions of a batch by classes.
  @Param({"2500 x 65", "500 x 10000"})
  public String size;

  /// Threads of the pool.
  @Param({"1", "2"})
  public int threads;

  private Tensor logits;
  private Tensor targets;

  /// Makes logits and targets.
  @Setup
  public void prepare() {
    Threads.resize(threads);
    String[] sizes = size.split(" x ");
    int positions = Integer.parseInt(sizes[0]);
    int classes = Integer.parseInt(sizes[1]);
    logits = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 2, positions, classes);
    targets = Tensor.integers(Rng.of(2), classes, positions);
  }

  /// One operation.
  @Benchmark
  public Tensor fused() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(logits);
      return tape.gradients(Losses.crossEntropy(x, targets)).of(x);
    }
  }

  /// The losses of all positions, and their mean.
  @Benchmark
  public Tensor composed() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(logits);
      return tape.gradients(Losses.crossEntropies(x, targets).mean()).of(x);
    }
  }
}
