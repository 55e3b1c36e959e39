package dev.rewind.benchmarks;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.Arrays;
import java.util.function.UnaryOperator;
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

/// What do functions of each element cost, in the cache and out of it, beside a plain copy of the same array (on one thread)?
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx4g"})
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class ElementwiseBenchmark {
  /// What is done.
  public enum Function {
    /// `Arrays.copyOf`, the bound where memory is.
    COPY(x -> Tensor.wrap(Arrays.copyOf(x.floatArray(), x.elements()))),
    /// Arithmetic.
    PLUS(x -> x.plus(x)), TIMES_NUMBER(x -> x.times(2)),
    /// Functions.
    EXP(Tensor::exp), LOG(Tensor::log), TANH(Tensor::tanh), SIGMOID(Tensor::sigmoid);

    private final UnaryOperator<Tensor> operation;

    Function(UnaryOperator<Tensor> operation) {
      this.operation = operation;
    }
  }

  /// The function.
  @Param
  public Function function;

  /// Elements: 32 KiB, and 64 MiB.
  @Param({"8192", "16777216"})
  public int elements;

  /// Threads of the pool.
  @Param({"1", "2"})
  public int threads;

  private Tensor x;

  /// Makes the operand.
  @Setup
  public void prepare() {
    Threads.resize(threads);
    x = Tensor.uniform(Rng.of(1), DType.FLOAT32, 0.01, 3, elements);
  }

  /// The function, its new result included.
  @Benchmark
  public Tensor function() {
    return function.operation.apply(x);
  }
}
