package dev.rewind.tensor.kernel.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Draws on vectors have the bits of those one by one, and nothing beside them is touched.
class RandomKernelsTest {
  private final RandomKernels scalar = ScalarRandom.INSTANCE;
  private final RandomKernels vector = new VectorRandom();
  private final double[] space = new Random(1).doubles(RandomKernels.SPACE).toArray();

  /// Random words, with those among them that lie at bounds.
  private static int[] words(int n) {
    Random random = new Random(n);
    int[] words = random.ints(n + 3).toArray();
    for (int i = 0; i < n; i += 7) {
      words[i] = new int[] {0, -1, 1, Integer.MIN_VALUE, Integer.MAX_VALUE, 0xFF}[random.nextInt(6)];
    }
    return words;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 7, 8, 9, 16, 17, 31, 128})
  void wordsForAnyKeyAndCounter(int blocks) {
    for (long low : new long[] {0, 5, 0xFFFFFFFDL, 0x7FFFFFFFFFFFFFFDL, -3}) {
      for (long key : new long[] {0, -1, 0x299F31D0A4093822L}) {
        int[] expected = new int[blocks * Philox.WORDS + 5];
        int[] actual = expected.clone();
        scalar.words(key, ~key * 3, low, expected, 2, blocks);
        vector.words(key, ~key * 3, low, actual, 2, blocks);
        assertThat(actual).isEqualTo(expected);
      }
    }
  }

  /// Tails of every size and either side, the ways that the logarithm goes in them, and more of them in a row than are
  /// collected.
  @Test
  void normalDrawsFarFromTheMean() {
    Random random = new Random(1);
    int n = 60_000;
    int[] words = new int[2 * n];
    for (int i = 0; i < n; i++) {
      double p = i % 3 == 0 ? Math.scalb(1 + random.nextDouble(), -4 - random.nextInt(48))
          : i % 3 == 1 ? Math.scalb(1, -4 - random.nextInt(40)) * (1 + (random.nextInt(9) - 4) * 0x1p-20)
              : random.nextDouble();
      long word = (long) (p * 0x1p52) << 12;
      word = random.nextBoolean() ? word : ~word;
      words[2 * i] = (int) (word >>> 32);
      words[2 * i + 1] = (int) word;
    }
    double[] expected = new double[n];
    double[] actual = new double[n];
    scalar.normal(words, 0, space, expected, 0, n);
    vector.normal(words, 0, space, actual, 0, n);
    assertThat(actual).isEqualTo(expected);
    assertThat(java.util.Arrays.stream(expected).filter(y -> Math.abs(y) > 7).count()).isPositive();
  }

  /// Ranges around zero, of a single number, and of the least and the greatest there are.
  @Test
  void uniformDrawsOfEveryRange() {
    int n = 512;
    int[] words = words(n);
    float[] ends = {-Float.MAX_VALUE, -3, -Float.MIN_VALUE, -0f, 0, Float.MIN_VALUE, 3 * Float.MIN_VALUE, 1,
        Math.nextUp(1f), 1e30f,
        Float.MAX_VALUE};
    float[] expected = new float[n];
    float[] actual = new float[n];
    for (float low : ends) {
      for (float high : ends) {
        if (low <= high) {
          scalar.uniform(words, 0, low, high, expected, 0, n);
          vector.uniform(words, 0, low, high, actual, 0, n);
          assertThat(actual).as("from %s to %s", low, high).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 15, 16, 17, 500})
  void drawsOfAnyNumberOfWords(int n) {
    int[] words = words(2 * n);
    float[] floats = new float[n + 3];
    float[] sameFloats = new float[n + 3];
    double[] doubles = new double[n + 3];
    double[] sameDoubles = new double[n + 3];
    boolean[] truths = new boolean[n + 3];
    boolean[] sameTruths = new boolean[n + 3];
    for (float high : new float[] {-1.5f, Math.nextUp(-1.5f), 3, 1e30f}) {
      scalar.uniform(words, 1, -1.5f, high, floats, 2, n);
      vector.uniform(words, 1, -1.5f, high, sameFloats, 2, n);
      assertThat(sameFloats).isEqualTo(floats);
      scalar.uniform(words, 1, -1.5, (double) high, doubles, 2, n);
      vector.uniform(words, 1, -1.5, (double) high, sameDoubles, 2, n);
      assertThat(sameDoubles).isEqualTo(doubles);
    }
    scalar.normal(words, 1, space, doubles, 2, n);
    vector.normal(words, 1, space, sameDoubles, 2, n);
    assertThat(sameDoubles).isEqualTo(doubles);
    for (long threshold : new long[] {0, 1, 1L << 31, (1L << 32) - 1, 1L << 32}) {
      scalar.below(words, 1, threshold, truths, 2, n);
      vector.below(words, 1, threshold, sameTruths, 2, n);
      assertThat(sameTruths).isEqualTo(truths);
    }
  }
}
