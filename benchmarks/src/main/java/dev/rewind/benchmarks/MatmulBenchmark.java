package dev.rewind.benchmarks;

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

/// How fast are matrix products of the sizes that recurrent models have, and how much does the second thread bring? The
/// young generation is bounded so that results come to lie in memory that was touched before: where they come to lie in
/// fresh memory, whose pages the system has yet to hand out, a product of 20 microseconds takes 50.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx4g", "-Xmn256m"})
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class MatmulBenchmark {
  /// Rows of the left operand, the inner size, columns of the right one. `step`: one time step of a batch; `all`: all
  /// steps at once; `weights`: the gradient of a weight, whose left operand is a transposed view; `one`: batch 1.
  public enum Product {
    /// Small case.
    SMALL_STEP(50, 128, 512), SMALL_ALL(2500, 128, 512), SMALL_LOGITS(2500, 128, 65), SMALL_WEIGHTS(512, 2500, 128),
    /// Large case.
    LARGE_STEP(50, 512, 2048), LARGE_ALL(2500, 512, 2048), LARGE_WEIGHTS(2048, 2500, 512),
    /// Tutorial case.
    TUTORIAL_STEP(32, 100, 400), TUTORIAL_ALL(960, 100, 400), TUTORIAL_WEIGHTS(400, 960, 100),
    /// Batch 1, and a cube.
    SMALL_ONE(1, 128, 512), LARGE_ONE(1, 512, 2048), CUBE(1024, 1024, 1024);

    private final int rows;
    private final int inner;
    private final int columns;

    Product(int rows, int inner, int columns) {
      this.rows = rows;
      this.inner = inner;
      this.columns = columns;
    }

    long flops() {
      return 2L * rows * inner * columns;
    }

    /// Whether the right operand is used but once, so that reading it bounds the product.
    boolean isOneRow() {
      return rows == 1;
    }

    /// Elements of the right operand.
    int rightElements() {
      return inner * columns;
    }

    @Override
    public String toString() {
      return name() + " [" + rows + ", " + inner + "] by [" + inner + ", " + columns + "]";
    }
  }

  /// The product.
  @Param
  public Product product;

  /// Threads of the pool.
  @Param({"1", "2"})
  public int threads;

  private Tensor left;
  private Tensor right;

  /// Makes the operands.
  @Setup
  public void prepare() {
    Threads.resize(threads);
    Rng rng = Rng.of(1);
    left = product.name().endsWith("WEIGHTS")
        ? Tensor.normal(rng, DType.FLOAT32, 0, 1, product.inner, product.rows).transpose()
        : Tensor.normal(rng, DType.FLOAT32, 0, 1, product.rows, product.inner);
    right = Tensor.normal(rng, DType.FLOAT32, 0, 1, product.inner, product.columns);
  }

  /// The product, packing and the new result included.
  @Benchmark
  public Tensor matmul() {
    return left.matmul(right);
  }
}
