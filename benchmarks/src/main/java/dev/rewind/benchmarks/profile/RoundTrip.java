package dev.rewind.benchmarks.profile;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/// How far two processors are from each other: the time of a cache line from one to the other and back. On virtual
/// machines it changes as their processors are moved about, within a shared cache or out of it, and with it what a
/// second thread is worth.
final class RoundTrip {
  private static final int RUNS = 9;
  private static final int TRIPS = 20_000;

  private RoundTrip() {}

  /// Nanoseconds there and back, the median of some short runs; NaN on a machine of one processor.
  static double nanoseconds() {
    if (Runtime.getRuntime().availableProcessors() == 1) {
      return Double.NaN;
    }
    double[] runs = new double[RUNS];
    for (int run = 0; run < RUNS; run++) {
      runs[run] = (double) run() / TRIPS;
    }
    Arrays.sort(runs);
    return runs[RUNS / 2];
  }

  private static long run() {
    AtomicInteger ball = new AtomicInteger(); // odd on its way there, even on its way back
    Thread other = Thread.ofPlatform().daemon().start(() -> {
      for (int trip = 0; trip < TRIPS; trip++) {
        await(ball, 2 * trip + 1);
        ball.set(2 * trip + 2);
      }
    });
    ball.set(1);
    await(ball, 2);
    long start = System.nanoTime();
    for (int trip = 1; trip < TRIPS; trip++) {
      ball.set(2 * trip + 1);
      await(ball, 2 * trip + 2);
    }
    long time = System.nanoTime() - start;
    Machine.join(other);
    return time;
  }

  private static void await(AtomicInteger ball, int value) {
    while (ball.get() != value) {
      Thread.onSpinWait();
    }
  }
}
