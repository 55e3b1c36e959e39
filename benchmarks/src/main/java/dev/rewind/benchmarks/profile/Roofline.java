package dev.rewind.benchmarks.profile;

import dev.rewind.benchmarks.CustomCellBenchmark;
import dev.rewind.benchmarks.Launcher;
import dev.rewind.benchmarks.TrainingSizes;
import dev.rewind.tensor.Threads;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// How far is each part of a training step from what the machine can do (Williams, Waterman and Patterson 2009)? A part
/// needs at least the time for its operations at the peak of fused multiply-adds, or for its bytes at the bandwidth of
/// as much memory as the step touches, whichever is longer. Times are those of all threads added up: a step of 10 ms on
/// two threads has 20 thread-milliseconds, to which the rows add up. Arguments are cases of the yardstick, all by
/// default, or sizes as `L,H,B,T,V`; `CUSTOM:` before one stands for an LSTM of primitive operations.
public final class Roofline {
  private static final double WARM_UP_SECONDS = 5;
  private static final double SECONDS = 15;
  private static final double FEW = 25; // samples
  private static final String CUSTOM = "CUSTOM:";
  private static final double BEYOND_CACHES = 400e6; // bytes

  private Roofline() {}

  /// Measures each case in a JVM of its own, with the launcher's options.
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> stale = TrainingPart.stalePlaces();
    if (!stale.isEmpty()) {
      throw new IllegalStateException("TrainingPart names methods that are no more: " + stale);
    }
    if (arguments.length == 2 && arguments[0].equals("--here")) {
      report(arguments[1]);
      return;
    }
    for (String name : arguments.length == 0 ? new String[] {"SMALL", "LARGE", "TUTORIAL"} : arguments) {
      Launcher.run(Roofline.class, List.of("-XX:FlightRecorderOptions=stackdepth=128"), "--here", name);
    }
  }

  private static void report(String name) throws IOException {
    boolean custom = name.startsWith(CUSTOM);
    TrainingSizes sizes = TrainingSizes.of(custom ? name.substring(CUSTOM.length()) : name);
    List<TrainingPart> parts = custom ? TrainingPart.CUSTOM : TrainingPart.FUSED;
    double flops = custom ? sizes.writtenFlops() : sizes.computedFlops();
    int threads = Threads.count();
    double[] before = {Machine.flops(1), Machine.flops(threads)};
    double roundTrip = RoundTrip.nanoseconds();
    StepProfile profile = StepProfile.of(custom ? CustomCellBenchmark.of(sizes)::step : sizes.trainer()::step, parts,
        WARM_UP_SECONDS, SECONDS);
    double roundTripAfter = RoundTrip.nanoseconds();
    double[] peak = {Math.max(before[0], Machine.flops(1)), Math.max(before[1], Machine.flops(threads))};
    double touched = sizes.touchedBytes();
    double bandwidth = Arrays.stream(Machine.Stream.values())
        .mapToDouble(stream -> Machine.bytes(stream, threads, touched)).max().orElseThrow();
    print("%n%s: %s%n%n", name, sizes);
    print("- work: %.2f MFLOP a character as the layers are written, %.2f as computed%n",
        sizes.writtenFlops() / 1e6, flops / 1e6);
    print("- FMA peak: %.0f GFLOP/s on one thread, %.0f on %d%n", peak[0] / 1e9, peak[1] / 1e9, threads);
    for (Machine.Stream stream : Machine.Stream.values()) {
      print("- %s: %.0f GB/s on one thread, %.0f on %d; beyond the caches %.0f and %.0f%n",
          stream.name().toLowerCase(Locale.ROOT), Machine.bytes(stream, 1, touched) / 1e9,
          Machine.bytes(stream, threads, touched) / 1e9, threads, Machine.bytes(stream, 1, BEYOND_CACHES) / 1e9,
          Machine.bytes(stream, threads, BEYOND_CACHES) / 1e9);
    }
    print("- a cache line from one thread to another and back: %.0f ns before, %.0f after%n", roundTrip,
        roundTripAfter);
    double rate = flops * sizes.positions() / profile.median();
    print("- step: median %.2f ms, minimum %.2f, of %d; %,.0f characters a second, %.0f GFLOP/s, %.0f %% of the peak%n",
        profile.median() / 1e6, profile.minimum() / 1e6, profile.steps(), sizes.positions() * 1e9 / profile.median(),
        rate,
        100e9 * rate / peak[1]);
    double each = profile.threads() * profile.median() / profile.available() / 1e6;
    print("- of that the first thread is %.2f ms outside of shared tasks; the collector takes %.2f more%n%n",
        profile.serial() * each, profile.stopped());
    new Table(sizes, parts, flops, profile, peak[1] / threads, bandwidth / threads).print();
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }

  /// @param peak operations a second of one thread while all compute
  /// @param bandwidth bytes a second, likewise
  private record Table(TrainingSizes sizes, List<TrainingPart> parts, double flops, StepProfile profile, double peak,
      double bandwidth) {
    private static final String NONE = " | | | | |";

    void print() {
      Roofline.print("| part | thread-ms | share | GFLOP | MB | bound, thread-ms | by | x bound |%n");
      Roofline.print("|---|---|---|---|---|---|---|---|%n");
      double idle = profile.available() - profile.unseen();
      double bounds = 0;
      for (TrainingPart part : TrainingPart.all(parts)) {
        double spent = profile.spent().getOrDefault(part, 0.0);
        idle -= spent;
        String few = profile.samples().getOrDefault(part, 0.0) < FEW ? " (few samples)" : "";
        switch (part) {
          case TrainingPart.Overhead overhead -> row(overhead.name() + few, spent, NONE);
          case TrainingPart.Computation computation -> {
            row(computation.name() + few, spent, bound(computation, milliseconds(spent)));
            bounds += Math.max(arithmetic(computation), memory(computation));
          }
        }
      }
      row("samples that could not be taken", profile.unseen(), NONE);
      row("first thread not running", profile.mainIdle(), NONE);
      row("helpers not running", idle - profile.mainIdle(), NONE);
      row("all", profile.available(), String.format(Locale.ROOT, " %.2f | | %.2f | | %.1f |",
          flops * sizes.positions() / 1e9, bounds, milliseconds(profile.available()) / bounds));
    }

    /// Of a median step, from nanoseconds in all.
    private double milliseconds(double spent) {
      return spent / profile.available() * profile.threads() * profile.median() / 1e6;
    }

    private void row(String name, double spent, String more) {
      Roofline.print("| %s | %.2f | %.1f %% |%s%n", name, milliseconds(spent), 100 * spent / profile.available(), more);
    }

    private double arithmetic(TrainingPart.Computation part) {
      return part.flops().applyAsDouble(sizes) / peak * 1e3;
    }

    private double memory(TrainingPart.Computation part) {
      return part.bytes().applyAsDouble(sizes) / bandwidth * 1e3;
    }

    private String bound(TrainingPart.Computation part, double milliseconds) {
      double bound = Math.max(arithmetic(part), memory(part));
      return String.format(Locale.ROOT, " %.3f | %.2f | %.3f | %s | %.1f |", part.flops().applyAsDouble(sizes) / 1e9,
          part.bytes().applyAsDouble(sizes) / 1e6, bound, arithmetic(part) > memory(part) ? "FMA" : "memory",
          milliseconds / bound);
    }
  }
}
