package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.random.NormalQuantile;
import dev.rewind.tensor.kernel.random.Philox;
import dev.rewind.tensor.kernel.thread.ThreadPool;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;

/// A stream of random numbers, each a function of the stream (a key and a stream number) and the position in it alone.
///
/// A stream is a sequence of 32-bit words, the outputs of Philox4x32-10 (J. Salmon and others, "Parallel random
/// numbers: as easy as 1, 2, 3", 2011) for a counter whose lower half counts blocks of four words and whose upper half
/// is the stream number; the seed is the key. Every draw takes the next words, most kinds a fixed number of them:
///
/// | draw | words |
/// |---|---|
/// | int, float, Bernoulli | 1 |
/// | long, double, normal, categorical | 2 |
/// | int below a bound | 1, and 1 more each time a word is rejected (probability below `bound / 2^32`) |
/// | permutation of n | `n - 1` ints below a bound |
///
/// A `fill` equals that many single draws, bit for bit, whatever the number of threads. After 2^64 words a stream
/// repeats. It is not cryptographically secure.
///
/// An `Rng` must not be used by several threads at once: give each its own, by [#split(long)].
public final class Rng {
  private static final int BUFFER = 64;   // words, a power of two and whole blocks
  private static final long NOTHING = 1;   // where no buffer begins
  private static final int FILL_CHUNK = 1 << 14;   // elements that one task of a large fill draws
  private static final int FILL_PIECE = 1 << 10;   // elements whose words are made at once

  /// Uniform and normal draws up to which vectors are not used, by a stream that has not given more words before: a
  /// model's first parameters are drawn once, and vector code that is not compiled yet is a hundred times slower than
  /// scalar code that is not.
  private static final int FIRST_PARAMETERS = 1 << 20;
  private static final long BLOCKS = 1L << 62;   // in a stream

  private static final long SPLIT_BY_INDEX = 0x9216D5D98979FB1BL;   // digits of pi: separate keys for deriving
  private static final long SPLIT_BY_LABEL = 0xD1310BA698DFB5ACL;

  private long key;
  private long stream;
  private long position;
  private final int[] buffer = new int[BUFFER];
  private long buffered = NOTHING;   // the position of buffer[0]

  /// The complete state of an [Rng]: two in the same state draw the same numbers. Any three longs are a state.
  ///
  /// @param key      the seed, or what a split made of it
  /// @param stream   the stream under this key; 0 for a stream that is not split off
  /// @param position 32-bit words drawn, an unsigned number
  public record State(long key, long stream, long position) {
    /// The state as three longs, for files.
    public long[] toLongs() {
      return new long[] {key, stream, position};
    }

    /// The state of which [#toLongs] made `longs`.
    ///
    /// @throws IllegalArgumentException if they are not three
    public static State of(long... longs) {
      if (longs.length != 3) {
        throw new IllegalArgumentException("Rng.State: expected 3 longs, got " + longs.length);
      }
      return new State(longs[0], longs[1], longs[2]);
    }
  }

  private Rng(long key, long stream, long position) {
    this.key = key;
    this.stream = stream;
    this.position = position;
  }

  /// The stream of a seed, at its beginning; all seeds are good, neighbours too.
  public static Rng of(long seed) {
    return new Rng(seed, 0, 0);
  }

  /// A stream that continues from `state`.
  public static Rng of(State state) {
    return new Rng(state.key, state.stream, state.position);
  }

  /// The state of this stream.
  public State state() {
    return new State(key, stream, position);
  }

  /// Makes this the stream that `state` was taken from, at its position.
  public void restore(State state) {
    key = state.key;
    stream = state.stream;
    position = state.position;
    buffered = NOTHING;
  }

  /// An independent stream for `index`. It depends on this stream and on `index`, not on what was drawn: the
  /// same index gives the same stream again, so use each for one purpose.
  public Rng split(long index) {
    return derive(key ^ SPLIT_BY_INDEX, stream, index);
  }

  /// An independent stream for `label`, under the rules of [#split(long)]; no label gives the stream of an index.
  public Rng split(String label) {
    Objects.requireNonNull(label, "split: label is null");
    Rng result = derive(key ^ SPLIT_BY_LABEL, stream, label.length());
    for (int i = 0; i < label.length(); i++) {
      result = derive(result.key, result.stream, label.charAt(i));
    }
    return result;
  }

  // One block has as many bits as a stream has names: under one key, different counters give different streams.
  private static Rng derive(long key, long high, long low) {
    int[] words = new int[Philox.WORDS];
    Philox.SCALAR.words(key, high, low, words, 0, 1);
    return new Rng(join(words, 0), join(words, 2), 0);
  }

  /// An int, all equally likely.
  public int nextInt() {
    int at = (int) position & BUFFER - 1;
    if (position - at != buffered) {
      buffered = position - at;
      blocks(Philox.SCALAR, buffered >>> 2, buffer, BUFFER / Philox.WORDS);
    }
    position++;
    return buffer[at];
  }

  /// An int of `[0, bound)`, all exactly equally likely, by D. Lemire's method ("Fast random integer generation in an
  /// interval", 2019).
  ///
  /// @throws IllegalArgumentException if `bound` is less than 1
  public int nextInt(int bound) {
    requireBound("nextInt", bound);
    long product = Integer.toUnsignedLong(nextInt()) * bound;
    if (Integer.compareUnsigned((int) product, bound) < 0) {
      int rejected = Integer.remainderUnsigned(-bound, bound);   // 2^32 modulo bound
      while (Integer.compareUnsigned((int) product, rejected) < 0) {
        product = Integer.toUnsignedLong(nextInt()) * bound;
      }
    }
    return (int) (product >>> 32);
  }

  /// A long, all equally likely; the first word is its upper half.
  public long nextLong() {
    long high = (long) nextInt() << 32;
    return high | Integer.toUnsignedLong(nextInt());
  }

  /// A multiple of 2^-24 in `[0, 1)`, all equally likely.
  public float nextFloat() {
    return (nextInt() >>> 8) * 0x1p-24f;
  }

  /// A float of `[low, high)`, or `low` if they are equal.
  ///
  /// @throws IllegalArgumentException if `low` is greater than `high`, or one of them infinite or NaN
  public float nextFloat(float low, float high) {
    requireRange("nextFloat", low, high);
    return uniform(nextInt(), low, high);
  }

  /// A multiple of 2^-53 in `[0, 1)`, all equally likely.
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /// A double of `[low, high)`, or `low` if they are equal.
  ///
  /// @throws IllegalArgumentException if `low` is greater than `high`, or `high - low` not finite
  public double nextDouble(double low, double high) {
    requireRange("nextDouble", low, high);
    return uniform(nextLong(), low, high);
  }

  /// A normal draw of mean 0 and deviation 1: the quantile function at one of 2^52 equally spaced probabilities, so
  /// between -8.3 and 8.3; the same bits on every machine.
  public double nextNormal() {
    return normal(nextLong());
  }

  /// A normal draw, `mean + deviation * nextNormal()`.
  ///
  /// @throws IllegalArgumentException if `deviation` is negative, or one of them infinite or NaN
  public double nextNormal(double mean, double deviation) {
    requireNormal("nextNormal", mean, deviation);
    return mean + deviation * nextNormal();
  }

  /// True with probability `p`, rounded to a multiple of 2^-32.
  ///
  /// @throws IllegalArgumentException if `p` is outside `[0, 1]` or NaN
  public boolean nextBernoulli(double p) {
    long threshold = threshold("nextBernoulli", p);
    return Integer.toUnsignedLong(nextInt()) < threshold;
  }

  /// An index of `[0, n)`, with probability `weights[offset + index]` divided by the sum of the `n` weights, to 53
  /// bits. A weight of zero is never drawn. The weights are read twice.
  ///
  /// @throws IllegalArgumentException if a weight is negative, infinite or NaN, or all are zero
  /// @throws IndexOutOfBoundsException if the range is not within the array
  public int nextCategorical(float[] weights, int offset, int n) {
    Objects.checkFromIndexSize(offset, n, weights.length);
    return nextCategorical(n, i -> weights[offset + i]);
  }

  /// The twin of [#nextCategorical(float\[\], int, int)]; the sum must be finite, too.
  public int nextCategorical(double[] weights, int offset, int n) {
    Objects.checkFromIndexSize(offset, n, weights.length);
    return nextCategorical(n, i -> weights[offset + i]);
  }

  private int nextCategorical(int n, IntToDoubleFunction weight) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += requireWeight(weight.applyAsDouble(i), i);
    }
    double target = requireSum(sum, n) * nextDouble();
    int last = 0;
    double reached = 0;
    for (int i = 0; i < n && reached <= target; i++) {
      reached += weight.applyAsDouble(i);
      last = weight.applyAsDouble(i) > 0 ? i : last;   // the target may round to the sum itself
    }
    return last;
  }

  /// The numbers 0 to `n - 1` in an order of which all are equally likely (Fisher and Yates).
  ///
  /// @throws IllegalArgumentException if `n` is negative
  public int[] permutation(int n) {
    if (n < 0) {
      throw new IllegalArgumentException("permutation: the length is negative: " + n);
    }
    int[] result = new int[n];
    for (int i = 0; i < n; i++) {
      result[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int swapped = result[i];
      result[i] = result[j];
      result[j] = swapped;
    }
    return result;
  }

  /// `n` draws of [#nextFloat(float, float)] into `a[offset ...]`, under its conditions. Many are made by several
  /// threads.
  ///
  /// @throws IndexOutOfBoundsException if the range is not within the array, here and in the fills below
  public void fillUniform(float[] a, int offset, int n, float low, float high) {
    Objects.checkFromIndexSize(offset, n, a.length);
    requireRange("fillUniform", low, high);
    fill(n, 1, draws(n), (words, first, from, m) -> {
      for (int i = 0; i < m; i++) {
        a[offset + from + i] = uniform(words[first + i], low, high);
      }
    });
  }

  /// `n` draws of [#nextDouble(double, double)] into `a[offset ...]`, under its conditions.
  public void fillUniform(double[] a, int offset, int n, double low, double high) {
    Objects.checkFromIndexSize(offset, n, a.length);
    requireRange("fillUniform", low, high);
    fill(n, 2, draws(n), (words, first, from, m) -> {
      for (int i = 0; i < m; i++) {
        a[offset + from + i] = uniform(join(words, first + 2 * i), low, high);
      }
    });
  }

  /// `n` draws of [#nextNormal(double, double)], rounded to float, into `a[offset ...]`, under its conditions.
  public void fillNormal(float[] a, int offset, int n, float mean, float deviation) {
    Objects.checkFromIndexSize(offset, n, a.length);
    requireNormal("fillNormal", mean, deviation);
    fill(n, 2, draws(n), (words, first, from, m) -> {
      for (int i = 0; i < m; i++) {
        a[offset + from + i] = (float) (mean + deviation * normal(join(words, first + 2 * i)));
      }
    });
  }

  /// `n` draws of [#nextNormal(double, double)] into `a[offset ...]`, under its conditions.
  public void fillNormal(double[] a, int offset, int n, double mean, double deviation) {
    Objects.checkFromIndexSize(offset, n, a.length);
    requireNormal("fillNormal", mean, deviation);
    fill(n, 2, draws(n), (words, first, from, m) -> {
      for (int i = 0; i < m; i++) {
        a[offset + from + i] = mean + deviation * normal(join(words, first + 2 * i));
      }
    });
  }

  /// `n` draws of [#nextBernoulli(double)] into `a[offset ...]`, under its conditions.
  public void fillBernoulli(boolean[] a, int offset, int n, double p) {
    Objects.checkFromIndexSize(offset, n, a.length);
    long threshold = threshold("fillBernoulli", p);
    fill(n, 1, Kernels.active().draws(), (words, first, from, m) -> {
      for (int i = 0; i < m; i++) {
        a[offset + from + i] = Integer.toUnsignedLong(words[first + i]) < threshold;
      }
    });
  }

  @Override
  public String toString() {
    return "Rng[key=" + key + ", stream=" + stream + ", position=" + Long.toUnsignedString(position) + "]";
  }

  /// The upper 24 bits of a word as a float of `[low, high)`, or `low` if they are equal: rounding may reach the bound.
  private static float uniform(int word, float low, float high) {
    float result = (float) (low + ((double) high - low) * ((word >>> 8) * 0x1p-24f));
    return Math.min(result, low == high ? high : Math.nextDown(high));
  }

  /// The upper 53 bits of a long as a double of `[low, high)`, or `low` if they are equal.
  private static double uniform(long word, double low, double high) {
    return Math.min(low + (high - low) * ((word >>> 11) * 0x1p-53), low == high ? high : Math.nextDown(high));
  }

  /// The quantile at the upper 52 bits of a long, as one of as many equally spaced probabilities.
  private static double normal(long word) {
    return NormalQuantile.at(((word >>> 12) + 0.5) * 0x1p-52);
  }

  /// The long of two words, the first of which is its upper half.
  private static long join(int[] words, int at) {
    return (long) words[at] << 32 | Integer.toUnsignedLong(words[at + 1]);
  }

  /// Makes elements `[from, from + n)` of a fill of the words `words[first ..]`.
  private interface Part {
    void draw(int[] words, int first, int from, int n);
  }

  private Philox draws(int n) {
    boolean first = n <= FIRST_PARAMETERS && Long.compareUnsigned(position, FIRST_PARAMETERS) <= 0;
    return first ? Philox.SCALAR : Kernels.active().draws();
  }

  private void fill(int n, int wordsEach, Philox draws, Part part) {
    ThreadPool.forRanges(n, FILL_CHUNK, (from, to) -> fill(from, to, wordsEach, draws, part));
    position += (long) n * wordsEach;
  }

  /// Elements `[from, to)`, in pieces whose words stay in the cache.
  private void fill(int from, int to, int wordsEach, Philox draws, Part part) {
    int[] words = new int[Math.min(FILL_PIECE, to - from) * wordsEach + 2 * Philox.WORDS];
    for (int at = from; at < to; at += FILL_PIECE) {
      int m = Math.min(FILL_PIECE, to - at);
      long start = position + (long) at * wordsEach;
      int first = (int) start & Philox.WORDS - 1;
      blocks(draws, start >>> 2, words, (first + m * wordsEach + Philox.WORDS - 1) / Philox.WORDS);
      part.draw(words, first, at, m);
    }
  }

  /// The words of consecutive blocks; block 0 comes after the last one.
  private void blocks(Philox draws, long block, int[] words, int count) {
    int now = (int) Math.min(count, BLOCKS - block);
    draws.words(key, stream, block, words, 0, now);
    draws.words(key, stream, 0, words, now * Philox.WORDS, count - now);
  }

  private static long threshold(String operation, double p) {
    requireProbability(operation, p);
    return Math.round(p * 0x1p32);
  }

  static void requireProbability(String operation, double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException(operation + ": expected a probability in [0, 1], got " + p);
    }
  }

  static void requireRange(String operation, double low, double high) {
    if (!(low <= high) || !Double.isFinite(high - low)) {
      throw new IllegalArgumentException(
          operation + ": expected finite bounds, low <= high, got low " + low + " and high " + high);
    }
  }

  static void requireBound(String operation, int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException(operation + ": expected a bound of at least 1, got " + bound);
    }
  }

  static void requireNormal(String operation, double mean, double deviation) {
    if (!Double.isFinite(mean) || !(deviation >= 0) || Double.isInfinite(deviation)) {
      throw new IllegalArgumentException(
          operation + ": expected finite values, deviation >= 0, got mean " + mean + ", deviation " + deviation);
    }
  }

  private static double requireWeight(double weight, int i) {
    if (!(weight >= 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException("nextCategorical: weight " + i + " is not finite and >= 0: " + weight);
    }
    return weight;
  }

  private static double requireSum(double sum, int n) {
    if (!(sum > 0) || Double.isInfinite(sum)) {
      throw new IllegalArgumentException(
          "nextCategorical: the sum of " + n + " weights is not positive and finite: " + sum);
    }
    return sum;
  }
}
