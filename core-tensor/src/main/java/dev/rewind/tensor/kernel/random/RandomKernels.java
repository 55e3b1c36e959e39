package dev.rewind.tensor.kernel.random;

/// Random words, and what many draws make of them. Bits do not depend on the provider.
public interface RandomKernels {
  /// The length of the memory that normal draws are made in.
  int SPACE = 3 << 7;

  /// The definitions, which are fast at once.
  static RandomKernels scalar() {
    return ScalarRandom.INSTANCE;
  }

  /// The outputs of [Philox] for the counters `(high, low)`, `(high, low + 1)`, ... into `out[at ...]`; see
  /// [Philox#blocks].
  void words(long key, long high, long low, int[] out, int at, int blocks);

  /// `y[yo + i]`, for `i` in `[0, n)`, is [#uniform(int, float, float)] of word `i` from `words[first]` on.
  void uniform(int[] words, int first, float low, float high, float[] y, int yo, int n);

  /// `y[yo + i]` is [#uniform(long, double, double)] of words `2 i` and `2 i + 1`, the first of which is the upper
  /// half.
  void uniform(int[] words, int first, double low, double high, double[] y, int yo, int n);

  /// `y[yo + i]` is the [NormalQuantile] at the [#probability] of words `2 i` and `2 i + 1`.
  ///
  /// @param space at least [#SPACE] numbers of any value, to be overwritten
  void normal(int[] words, int first, double[] space, double[] y, int yo, int n);

  /// `y[yo + i]` is whether word `i`, an unsigned number, is below a threshold of at most 2^32.
  void below(int[] words, int first, long threshold, boolean[] y, int yo, int n);

  /// The upper 24 bits of a word as a float of `[low, high)`, or `low` if they are equal.
  static float uniform(int word, float low, float high) {
    float result = (float) (low + ((double) high - low) * ((word >>> 8) * 0x1p-24f));
    return Math.min(result, greatest(low, high));
  }

  /// The upper 53 bits of a long as a double of `[low, high)`, or `low` if they are equal.
  static double uniform(long word, double low, double high) {
    return Math.min(low + (high - low) * ((word >>> 11) * 0x1p-53), greatest(low, high));
  }

  /// The upper 52 bits of a long as one of as many equally spaced numbers between 0 and 1.
  static double probability(long word) {
    return ((word >>> 12) + 0.5) * 0x1p-52;
  }

  /// The largest float of `[low, high)`: rounding may reach the bound.
  static float greatest(float low, float high) {
    return low == high ? high : Math.nextDown(high);
  }

  /// The largest double of `[low, high)`.
  static double greatest(double low, double high) {
    return low == high ? high : Math.nextDown(high);
  }

  /// The long of two words.
  static long join(int high, int low) {
    return (long) high << 32 | Integer.toUnsignedLong(low);
  }
}
