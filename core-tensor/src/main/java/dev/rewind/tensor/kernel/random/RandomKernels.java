package dev.rewind.tensor.kernel.random;

/// Random words, and what many draws make of them. Bits do not depend on the provider: [Philox] defines them.
public interface RandomKernels {
  /// Writes the outputs of [Philox] for the counters `(high, low)`, `(high, low + 1)`, ... under `key` to `out[at ...]`,
  /// four words each. Of each long, the less significant half is the earlier word of the paper's counter and key.
  void words(long key, long high, long low, int[] out, int at, int blocks);

  /// `y[yo + i]`, for `i` in `[0, n)`, is whether word `i` from `words[first]` on, an unsigned number, is below a
  /// threshold of at most 2^32.
  void below(int[] words, int first, long threshold, boolean[] y, int yo, int n);
}
