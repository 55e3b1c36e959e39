package dev.rewind.benchmarks.peers;

import java.util.Arrays;
import java.util.Locale;

/// What does one small recorded operation cost, here and in PyTorch? Both sides compute the same chain of products and sums
/// of four numbers, alternately and on one thread; before anything is timed their gradients must agree.
public final class TapeComparison {
  private TapeComparison() {}

  /// One side of the comparison.
  interface Side {
    /// Records `length` operations and plays them back.
    Times run(int length);

    /// The gradient of the sum of the last result with respect to the start.
    float[] gradient(int length);
  }

  /// Nanoseconds for one operation.
  ///
  /// @param recording computing and recording it
  /// @param playing its gradient
  record Times(double recording, double playing) {
    static Times of(long start, long recorded, long played, int length) {
      return new Times((double) (recorded - start) / length, (double) (played - recorded) / length);
    }
  }

  /// Compares, and prints a table.
  public static void main(String[] arguments) {
    Side rewind = new RewindChain();
    Side pytorch = new PyTorchChain();
    requireEqual(rewind.gradient(100), pytorch.gradient(100));
    System.out.println("nanoseconds an operation: median (minimum) | Rewind | PyTorch | ratio of medians");
    compare("a chain of 1,000", rewind, pytorch, 1000, 2000);
    compare("a chain of 1,000,000", rewind, pytorch, 1_000_000, 5);
  }

  private static void requireEqual(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      if (!(Math.abs(a[i] - b[i]) <= 1e-4 * Math.abs(b[i]))) {
        throw new IllegalStateException("the gradients differ: " + Arrays.toString(a) + " and " + Arrays.toString(b));
      }
    }
  }

  private static void compare(String what, Side rewind, Side pytorch, int length, int rounds) {
    Times[] ours = new Times[rounds];
    Times[] theirs = new Times[rounds];
    for (int round = -rounds / 4; round < rounds; round++) {   // the first quarter warms up
      Times a = rewind.run(length);
      Times b = pytorch.run(length);
      ours[Math.max(0, round)] = a;
      theirs[Math.max(0, round)] = b;
    }
    print(what + ", recording", Arrays.stream(ours).mapToDouble(Times::recording).sorted().toArray(),
        Arrays.stream(theirs).mapToDouble(Times::recording).sorted().toArray());
    print(what + ", playing back", Arrays.stream(ours).mapToDouble(Times::playing).sorted().toArray(),
        Arrays.stream(theirs).mapToDouble(Times::playing).sorted().toArray());
  }

  private static void print(String what, double[] ours, double[] theirs) {
    double median = ours[ours.length / 2];
    double other = theirs[theirs.length / 2];
    System.out.printf(Locale.ROOT, "%s | %.0f (%.0f) | %.0f (%.0f) | %.1fx%n",
        what, median, ours[0], other, theirs[0], other / median);
  }
}
