package dev.rewind.tensor.kernel.random;

/// The counter-based generator Philox4x32-10: a keyed bijection of 128-bit counters whose outputs pass the usual
/// batteries of tests for any order of counters and keys. J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw,
/// "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public sealed class Philox permits VectorRandom {
  /// The generator: it has no state.
  public static final Philox SCALAR = new Philox();

  /// 32-bit words in a block.
  public static final int WORDS = 4;

  static final int ROUNDS = 10;
  static final long MULTIPLIER_0 = 0xD2511F53L;
  static final long MULTIPLIER_1 = 0xCD9E8D57L;
  static final int WEYL_0 = 0x9E3779B9;   // the golden ratio
  static final int WEYL_1 = 0xBB67AE85;   // the square root of 3, less 1
  private static final long LOW = 0xFFFFFFFFL;

  Philox() {}

  /// Writes the outputs for the counters `(high, low)`, `(high, low + 1)`, ... under `key` to `out[at ...]`,
  /// four words each. Of each long, the less significant half is the earlier word of the paper's counter and key.
  public void words(long key, long high, long low, int[] out, int at, int blocks) {
    for (int i = 0; i < blocks; i++) {
      block(key, high, low + i, out, at + i * WORDS);
    }
  }

  private static void block(long key, long high, long low, int[] out, int at) {
    int c0 = (int) low;
    int c1 = (int) (low >>> 32);
    int c2 = (int) high;
    int c3 = (int) (high >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = (c0 & LOW) * MULTIPLIER_0;
      long product1 = (c2 & LOW) * MULTIPLIER_1;
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[at] = c0;
    out[at + 1] = c1;
    out[at + 2] = c2;
    out[at + 3] = c3;
  }
}
