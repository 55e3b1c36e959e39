package dev.rewind.tensor.kernel.random;

/// The definitions of [RandomKernels], draw by draw.
public final class ScalarRandom implements RandomKernels {
  public static final ScalarRandom INSTANCE = new ScalarRandom();

  private ScalarRandom() {}

  @Override
  public void words(long key, long high, long low, int[] out, int at, int blocks) {
    Philox.blocks(key, high, low, out, at, blocks);
  }

  @Override
  public void uniform(int[] words, int first, float low, float high, float[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = RandomKernels.uniform(words[first + i], low, high);
    }
  }

  @Override
  public void uniform(int[] words, int first, double low, double high, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = RandomKernels.uniform(RandomKernels.join(words[first + 2 * i], words[first + 2 * i + 1]), low, high);
    }
  }

  @Override
  public void normal(int[] words, int first, double[] space, double[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      long word = RandomKernels.join(words[first + 2 * i], words[first + 2 * i + 1]);
      y[yo + i] = NormalQuantile.at(RandomKernels.probability(word));
    }
  }

  @Override
  public void below(int[] words, int first, long threshold, boolean[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] = Integer.toUnsignedLong(words[first + i]) < threshold;
    }
  }
}
