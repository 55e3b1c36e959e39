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
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/// How many fused multiply-adds can the machine do? Twelve chains that do not wait for one another, in registers alone,
/// in the preferred vector width: the bound of every matrix product. Nanoseconds for [#FLOPS] operations on each
/// thread.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseParallelGC", "-Xmx4g"})
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class PeakBenchmark {
  static final int ROUNDS = 1000;
  /// What each call does, on each thread.
  public static final long FLOPS = 2L * 12 * ROUNDS * FloatVector.SPECIES_PREFERRED.length();

  /// Not constants, so that nothing is computed beforehand.
  private float factor = 0.999f;
  private float term = 0.001f;

  /// One thread.
  @Benchmark
  public float oneThread() {
    return chains(factor, term);
  }

  /// Two threads at once.
  @Benchmark
  @Threads(2)
  public float twoThreads() {
    return chains(factor, term);
  }

  private static float chains(float factor, float term) {
    VectorSpecies<Float> species = FloatVector.SPECIES_PREFERRED;
    FloatVector x = FloatVector.broadcast(species, factor);
    FloatVector y = FloatVector.broadcast(species, term);
    FloatVector a = y;
    FloatVector b = y;
    FloatVector c = y;
    FloatVector d = y;
    FloatVector e = y;
    FloatVector f = y;
    FloatVector g = x;
    FloatVector h = x;
    FloatVector i = x;
    FloatVector j = x;
    FloatVector k = x;
    FloatVector l = x;
    for (int round = 0; round < ROUNDS; round++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }
}
