package dev.rewind.benchmarks;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
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

/// How fast does a thread read an array again and again? From whichever cache holds it: the bound of a product of one
/// row, which reads its right operand once. Eight sums do not wait for one another.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx4g"})
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class ReadBenchmark {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /// Elements: the right operands of `SMALL_ONE` and `LARGE_ONE`.
  @Param({"65536", "1048576"})
  public int elements;

  private float[] x;

  /// Makes the array.
  @Setup
  public void prepare() {
    x = new float[elements];
  }

  /// Reads it once.
  @Benchmark
  public float read() {
    return sum(x, 0, x.length);
  }

  /// The sum of `x[from .. from + n - 1]`, but for a rest.
  static float sum(float[] x, int from, int n) {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    FloatVector e = a;
    FloatVector f = a;
    FloatVector g = a;
    FloatVector h = a;
    for (int i = from; i <= from + n - 8 * LANES; i += 8 * LANES) {
      a = a.add(FloatVector.fromArray(SPECIES, x, i));
      b = b.add(FloatVector.fromArray(SPECIES, x, i + LANES));
      c = c.add(FloatVector.fromArray(SPECIES, x, i + 2 * LANES));
      d = d.add(FloatVector.fromArray(SPECIES, x, i + 3 * LANES));
      e = e.add(FloatVector.fromArray(SPECIES, x, i + 4 * LANES));
      f = f.add(FloatVector.fromArray(SPECIES, x, i + 5 * LANES));
      g = g.add(FloatVector.fromArray(SPECIES, x, i + 6 * LANES));
      h = h.add(FloatVector.fromArray(SPECIES, x, i + 7 * LANES));
    }
    return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).lane(0);
  }
}
