package dev.rewind.benchmarks;

import dev.rewind.nn.train.Trainer;
import dev.rewind.tensor.Threads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Does a training step cost in proportion to its work? One size of the small case is varied at a time. The work of a
/// step is that of its matrix products as computed; at equal speed, time is linear in it. All values are measured in
/// turns, on one thread and on all, and medians reported, since the speed of a shared machine changes while it
/// measures. Arguments are names of [Vary], all by default.
public final class CostReport {
  private static final int ROUNDS = 5;
  private static final long TURN_NANOS = 250_000_000;
  private static final long WARM_UP_NANOS = 1_500_000_000;

  /// How much slower than the fastest is worth a remark.
  private static final double SLOW = 1.5;

  private CostReport() {}

  /// A size that is varied.
  enum Vary {
    T(t -> new TrainingSizes(2, 128, 50, t, 65), 25, 50, 100, 200, 400, 800), B(
        b -> new TrainingSizes(2, 128, b, 50, 65), 1, 2, 8, 32, 128, 512), H(h -> new TrainingSizes(2, h, 50, 50, 65),
            32, 64, 128, 256, 512, 1024), V(v -> new TrainingSizes(2, 128, 50, 50, v), 65, 1000, 10_000, 50_000);

    private final IntFunction<TrainingSizes> sizes;
    private final int[] values;

    Vary(IntFunction<TrainingSizes> sizes, int... values) {
      this.sizes = sizes;
      this.values = values;
    }
  }

  /// Measures each in a JVM of its own, with the launcher's options.
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 2 && arguments[0].equals("--here")) {
      print(Vary.valueOf(arguments[1]));
      return;
    }
    String[] names = arguments.length > 0 ? arguments
        : Arrays.stream(Vary.values()).map(Vary::name).toArray(String[]::new);
    for (String name : names) {
      Launcher.run(CostReport.class, List.of("-Xmx8g"), "--here", Vary.valueOf(name).name());
    }
  }

  /// One value, and nanoseconds of its steps by the number of threads.
  private record Measured(TrainingSizes sizes, Trainer<?> trainer, List<List<Long>> times) {
    Measured(TrainingSizes sizes) {
      this(sizes, sizes.trainer(), List.of(new ArrayList<>(), new ArrayList<>()));
    }

    /// Steps for some time, at least one, after one that is not counted.
    void turn(int kind, long nanoseconds) {
      trainer.step();
      long begin = System.nanoTime();
      for (long last = begin; last == begin || last - begin < nanoseconds;) {
        trainer.step();
        long now = System.nanoTime();
        times.get(kind).add(now - last);
        last = now;
      }
    }

    double perCharacter(int kind) {
      long[] sorted = times.get(kind).stream().mapToLong(time -> time).sorted().toArray();
      return (double) sorted[sorted.length / 2] / sizes.positions();
    }

    double gigaflops(int kind) {
      return sizes.computedFlops() / perCharacter(kind);
    }
  }

  private static void print(Vary vary) {
    int[] threads = {1, Threads.count()};
    List<Measured> all = Arrays.stream(vary.values).mapToObj(vary.sizes).map(Measured::new).toList();
    for (Measured measured : all) {
      measured.turn(1, WARM_UP_NANOS);
      measured.times.get(1).clear();
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int kind = 0; kind < threads.length; kind++) {
        Threads.resize(threads[kind]);
        for (Measured measured : all) {
          measured.turn(kind, TURN_NANOS);
        }
      }
    }
    print(
        "%n| %s | MFLOP a character | ns a character, one thread | %d threads | speed-up | GFLOP/s, one thread | %d "
            + "threads | remark |%n",
        vary, threads[1], threads[1]);
    print("|---|---|---|---|---|---|---|---|%n");
    double[] best = IntStream.range(0, threads.length)
        .mapToDouble(kind -> all.stream().mapToDouble(m -> m.gigaflops(kind)).max().orElseThrow()).toArray();
    for (int k = 0; k < vary.values.length; k++) {
      Measured m = all.get(k);
      print("| %,d | %.2f | %,.0f | %,.0f | %.2f | %.0f | %.0f | %s |%n", vary.values[k], m.sizes.computedFlops() / 1e6,
          m.perCharacter(0), m.perCharacter(1), m.perCharacter(0) / m.perCharacter(1), m.gigaflops(0), m.gigaflops(1),
          remark(m, best));
    }
  }

  private static String remark(Measured measured, double[] best) {
    double slowdown = Math.max(best[0] / measured.gigaflops(0), best[1] / measured.gigaflops(1));
    return slowdown < SLOW ? "" : String.format(Locale.ROOT, "%.1f times the time for its work", slowdown);
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
