package dev.rewind.tensor.kernel.random;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Draws on vectors have the bits of those one by one, and nothing beside them is touched.
class RandomKernelsTest {
  private final Philox scalar = Philox.SCALAR;
  private final Philox vector = new VectorRandom();

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
}
