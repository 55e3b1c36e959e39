package dev.rewind.benchmarks;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
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

/// What do reductions, and lookups of rows, cost? The operand is `[2500, 512]`, or a table `[50000, 128]` of which
/// 2,500 rows are looked up.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx4g"})
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class ReductionBenchmark {
  private static final Tensor IDS = Tensor.integers(Rng.of(2), 50_000, 2500);

  /// What is done.
  public enum Reduction {
    /// Sums of all elements, of columns and of rows.
    SUM(Tensor::sum), SUM_OF_COLUMNS(x -> x.sum(0)), SUM_OF_ROWS(x -> x.sum(1)),
    /// What losses need.
    MAX_OF_ROWS(x -> x.max(1)), ARGMAX_OF_ROWS(x -> x.argmax(1)), LOG_SUM_EXP(
        x -> x.logSumExp(1)), LOG_SUM_EXP_OF_COLUMNS(x -> x.logSumExp(0)), SOFTMAX(
            x -> x.softmax(1)), LOG_SOFTMAX(
                x -> x.logSoftmax(1)), SOFTMAX_BACKWARD(x -> RawAccess.softmaxBackward(x, x, 1)),
    /// What normalisation needs.
    VARIANCE_OF_ROWS(x -> x.variance(1)), VARIANCE_OF_COLUMNS(x -> x.variance(0)), NORM(Tensor::norm),
    /// Movement.
    TRANSPOSED_COPY(x -> x.transpose().contiguous()),
    /// Rows of a table.
    GATHER(table -> table.gather(IDS, 0)),
    /// Added into a table.
    SCATTER_ADD(table -> table.scatterAddInPlace(IDS, table.slice(0, 0, 2500), 0));

    private final UnaryOperator<Tensor> operation;

    Reduction(UnaryOperator<Tensor> operation) {
      this.operation = operation;
    }
  }

  /// The operation.
  @Param
  public Reduction reduction;

  /// Threads of the pool.
  @Param({"1", "2"})
  public int threads;

  private Tensor x;

  /// Makes the operand.
  @Setup
  public void prepare() {
    Threads.resize(threads);
    boolean table = reduction == Reduction.GATHER || reduction == Reduction.SCATTER_ADD;
    x = table ? Tensor.uniform(Rng.of(1), DType.FLOAT32, -1e-3, 1e-3, 50_000, 128)
        : Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 2500, 512);
  }

  /// The operation.
  @Benchmark
  public Tensor reduction() {
    return reduction.operation.apply(x);
  }
}
