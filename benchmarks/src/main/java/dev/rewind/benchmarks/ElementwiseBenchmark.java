package dev.rewind.benchmarks;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.Arrays;
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

/// What do functions of each element cost, in the cache and out of it, beside a plain copy of the same array by as many
/// threads? And reductions, beside reading it? All results are new arrays in a heap whose pages were touched before:
/// what the system takes to hand out memory is not in it.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xms3g", "-Xmx3g",
    "-Xmn2g",
    "-XX:+AlwaysPreTouch"})
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class ElementwiseBenchmark {
  /// What is done.
  public enum Function {
    /// `Arrays.copyOf`, the bound where memory is, by as many threads, each with an array of its own.
    COPY(ElementwiseBenchmark::copies),
    /// Arithmetic.
    PLUS(x -> x.plus(x)), PLUS_IN_PLACE(x -> x.plusInPlace(ZERO.expand(x.shape()))), TIMES_NUMBER(x -> x.times(2)),
    /// A row added to each row of a matrix.
    PLUS_ROW(x -> x.reshape(-1, 512).plus(x.slice(0, 0, 512))),
    /// Choices.
    RELU(Tensor::relu), WHERE(x -> Tensor.where(MASK.slice(0, 0, x.elements()), x, x)), LESS(x -> x.less(1.5)),
    /// A mask that becomes numbers.
    MASK_TO_FLOAT(x -> MASK.slice(0, 0, x.elements()).to(DType.FLOAT32)),
    /// Functions.
    EXP(Tensor::exp), LOG(Tensor::log), TANH(Tensor::tanh), SIGMOID(Tensor::sigmoid), SOFTPLUS(Tensor::softplus), GELU(
        Tensor::gelu), POW(
            x -> x.pow(x)), POW_NUMBER(x -> x.pow(3)), EXP_OF_TRANSPOSED(x -> x.reshape(-1, 512).transpose().exp()),
    /// Random draws.
    UNIFORM(x -> Tensor.uniform(RNG, DType.FLOAT32, 0, 1, x.elements())), BERNOULLI(
        x -> Tensor.bernoulli(RNG, 0.5, x.elements())), NORMAL(
            x -> Tensor.normal(RNG, DType.FLOAT32, 0, 1, x.elements())),
    /// The array read once by a loop of sums of floats, by as many threads: the bound of reductions.
    READ(ElementwiseBenchmark::reads),
    /// Reductions of all elements, and of the columns of a matrix.
    SUM(Tensor::sum), NORM(Tensor::norm), MAX(Tensor::max), SUM_OF_COLUMNS(x -> x.reshape(-1, 512).sum(0));

    private final java.util.function.Function<Tensor, Object> operation;

    Function(java.util.function.Function<Tensor, Object> operation) {
      this.operation = operation;
    }
  }

  private static final Tensor ZERO = Tensor.scalar(0f);
  private static final Rng RNG = Rng.of(2);
  private static final Tensor MASK = Tensor.bernoulli(Rng.of(3), 0.5, 1 << 24);

  private static Object copies(Tensor x) {
    int part = x.elements() / Threads.count();
    float[][] copies = new float[Threads.count()][];
    Threads.forEach(copies.length, i -> copies[i] = Arrays.copyOfRange(RawAccess.floats(x), i * part, (i + 1) * part));
    return copies;
  }

  private static Object reads(Tensor x) {
    int part = x.elements() / Threads.count();
    float[] sums = new float[Threads.count()];
    Threads.forEach(sums.length, i -> sums[i] = ReadBenchmark.sum(RawAccess.floats(x), i * part, part));
    return sums;
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
  public Object function() {
    return function.operation.apply(x);
  }
}
