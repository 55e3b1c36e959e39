package dev.rewind.benchmarks.profile;

import dev.rewind.benchmarks.PeakBenchmark;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.Supplier;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// What the machine can do at best: fused multiply-adds in registers, and moving memory by three of the loops of
/// McCalpin's STREAM (1995), which counts the bytes read and written, not those that a write reads on the way. Each
/// thread has arrays of its own. The best of several short runs counts, since others may use the machine.
final class Machine {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int RUNS = 8;
  private static final long RUN_NANOS = 60_000_000;

  private Machine() {}

  /// The loops that move memory.
  enum Stream {
    /// `sum += a[i]`.
    READ(1),
    /// `b[i] = a[i]`.
    COPY(2),
    /// `c[i] = a[i] + s * b[i]`.
    TRIAD(3);

    private final int arrays;

    Stream(int arrays) {
      this.arrays = arrays;
    }
  }

  /// Operations a second in registers, of all threads together.
  static double flops(int threads) {
    return perSecond(threads, PeakBenchmark.FLOPS, PeakBenchmark::new, PeakBenchmark::oneThread);
  }

  /// Bytes a second, of all threads together.
  ///
  /// @param touched bytes of the arrays of all threads together
  static double bytes(Stream stream, int threads, double touched) {
    int elements = (int) (touched / 4 / threads / stream.arrays) / SPECIES.length() * SPECIES.length();
    return perSecond(threads, 4.0 * stream.arrays * elements, () -> new Operands(elements), x -> x.run(stream));
  }

  /// Three arrays; those not used are never touched, and cost no memory.
  private static final class Operands {
    private final float[] a;
    private final float[] b;
    private final float[] c;

    Operands(int elements) {
      a = new float[elements];
      b = new float[elements];
      c = new float[elements];
      for (float[] array : new float[][] {a, b, c}) {
        Arrays.fill(array, 1);
      }
    }

    float run(Stream stream) {
      return switch (stream) {
        case READ -> sum(a);
        case COPY -> {
          System.arraycopy(a, 0, b, 0, a.length);
          yield b[0];
        }
        case TRIAD -> triad(a, b, c);
      };
    }
  }

  private static float sum(float[] x) {
    FloatVector p = FloatVector.zero(SPECIES);
    FloatVector q = p;
    int half = x.length / 2 / SPECIES.length() * SPECIES.length();
    for (int i = 0; i < half; i += SPECIES.length()) {
      p = p.add(FloatVector.fromArray(SPECIES, x, i));
      q = q.add(FloatVector.fromArray(SPECIES, x, half + i));
    }
    return p.add(q).lane(0);
  }

  private static float triad(float[] a, float[] b, float[] c) {
    for (int i = 0; i < c.length; i++) {
      c[i] = a[i] + 3 * b[i];
    }
    return c[0];
  }

  private interface Loop<S> {
    float run(S state);
  }

  /// @param units that one run of the loop is worth
  private static <S> double perSecond(int threads, double units, Supplier<S> states, Loop<S> loop) {
    double best = 0;
    List<S> each = java.util.stream.Stream.generate(states).limit(threads).toList();
    for (int run = 0; run < RUNS; run++) {
      DoubleAdder sum = new DoubleAdder();
      List<Thread> started = each.stream()
          .map(state -> Thread.ofPlatform().start(() -> sum.add(units * runsPerSecond(state, loop)))).toList();
      started.forEach(Machine::join);
      best = Math.max(best, sum.sum());
    }
    return best;
  }

  private static <S> double runsPerSecond(S state, Loop<S> loop) {
    long start = System.nanoTime();
    long count = 0;
    float kept = 0;
    while (System.nanoTime() - start < RUN_NANOS) {
      kept += loop.run(state);
      count++;
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return Float.isNaN(kept) ? 0 : count / seconds; // looked at, lest the loop be left out
  }

  static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while measuring the machine", e);
    }
  }
}
