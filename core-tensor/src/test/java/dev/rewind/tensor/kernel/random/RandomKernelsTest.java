package dev.rewind.tensor.kernel.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Draws on vectors have the bits of those one by one, and nothing beside them is touched.
class RandomKernelsTest {
  private final Philox scalar = Philox.SCALAR;
  private final Philox vector = new VectorRandom();

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

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 15, 16, 17, 500})
  void drawsOfAnyNumberOfWords(int n) {
    int[] words = words(2 * n);
    boolean[] truths = new boolean[n + 3];
    boolean[] sameTruths = new boolean[n + 3];
    for (long threshold : new long[] {0, 1, 1L << 31, (1L << 32) - 1, 1L << 32}) {
      scalar.below(words, 1, threshold, truths, 2, n);
      vector.below(words, 1, threshold, sameTruths, 2, n);
      assertThat(sameTruths).isEqualTo(truths);
    }
  }
}
