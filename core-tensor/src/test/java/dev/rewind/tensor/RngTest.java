package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.tensor.kernel.random.Philox;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.UniformRealDistribution;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.inference.TestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RngTest {
  private static final double SIGNIFICANCE = 0.001;   // of tests whose seeds are fixed: they pass always or never

  // The published known answers of Random123 for philox4x32 of 10 rounds: counter, key, output.
  @ParameterizedTest
  @CsvSource({
      "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
      "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
      "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
  })
  void blocksAreThePublishedOnes(String counter, String key, String output) {
    int[] c = words(counter);
    int[] out = new int[6];
    Philox.SCALAR.words(join(words(key), 0), join(c, 2), join(c, 0), out, 1, 1);
    assertThat(out).containsExactly(0, words(output)[0], words(output)[1], words(output)[2], words(output)[3], 0);
  }

  /// A stream that has given many words goes on with vectors, and with the same numbers.
  @Test
  void fillsFarAlongAStreamAreItsSingleDraws() {
    for (long position : new long[] {0, (1 << 20) + 1, 123_456_789_012_345L, -7}) {
      Rng fills = Rng.of(new Rng.State(5, 6, position));
      Rng single = Rng.of(new Rng.State(5, 6, position));
      float[] normal = new float[1000];
      double[] uniform = new double[1000];
      fills.fillNormal(normal, 0, 1000, 1, 2);
      for (float value : normal) {
        assertThat(value).isEqualTo((float) single.nextNormal(1, 2));
      }
      fills.fillUniform(uniform, 0, 1000, -1, 2);
      for (double value : uniform) {
        assertThat(value).isEqualTo(single.nextDouble(-1, 2));
      }
      assertThat(fills.state()).isEqualTo(single.state());
    }
  }

  @Test
  void streamIsTheBlocksInOrderAcrossTheCounterWord() {
    long nearCarry = (1L << 32) - 2;
    Rng rng = Rng.of(new Rng.State(7, 9, 4 * nearCarry));
    int[] expected = new int[16];
    Philox.SCALAR.words(7, 9, nearCarry, expected, 0, 4);
    assertThat(draws(16, rng)).containsExactly(expected);
    assertThat(Rng.of(0).nextInt()).isEqualTo(0x6627e8d5);
  }

  @Test
  void positionIsUnsignedAndWrapsAround() {
    Rng rng = Rng.of(new Rng.State(5, 0, -2));
    assertThat(rng).hasToString("Rng[key=5, stream=0, position=18446744073709551614]");
    rng.nextLong();
    assertThat(rng.state()).isEqualTo(new Rng.State(5, 0, 0));
    assertThat(rng.nextInt()).isEqualTo(Rng.of(5).nextInt());
  }

  @Test
  void stateContinuesAtAnyPosition() {
    for (int drawn = 0; drawn < 70; drawn++) {
      Rng rng = Rng.of(3).split("x");
      draws(drawn, rng);
      Rng.State state = Rng.State.of(rng.state().toLongs());
      assertThat(state.position()).isEqualTo(drawn);
      int[] next = draws(9, rng);
      assertThat(draws(9, Rng.of(state))).containsExactly(next);
      rng.restore(state);
      assertThat(draws(9, rng)).containsExactly(next);
      Rng other = Rng.of(99);
      draws(drawn, other);
      other.restore(state);
      assertThat(draws(9, other)).containsExactly(next);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Rng.State.of(1, 2))
        .withMessage("Rng.State: expected 3 longs, got 2");
  }

  @Test
  void drawsTakeTheDocumentedNumberOfWords() {
    Map<ToDoubleFunction<Rng>, Integer> draws = new HashMap<>();
    draws.put(Rng::nextInt, 1);
    draws.put(Rng::nextFloat, 1);
    draws.put(rng -> rng.nextFloat(-2, 5), 1);
    draws.put(rng -> rng.nextBernoulli(0.5) ? 1 : 0, 1);
    draws.put(rng -> rng.nextInt(1 << 8), 1);
    draws.put(rng -> rng.permutation(1).length, 0);
    draws.put(Rng::nextLong, 2);
    draws.put(Rng::nextDouble, 2);
    draws.put(rng -> rng.nextDouble(-2, 5), 2);
    draws.put(Rng::nextNormal, 2);
    draws.put(rng -> rng.nextCategorical(new float[] {1, 2}, 0, 2), 2);
    draws.put(rng -> rng.nextCategorical(new double[] {1, 2}, 0, 2), 2);
    draws.forEach((draw, words) -> {
      Rng rng = Rng.of(1);
      for (int i = 1; i <= 50; i++) {
        double _ = draw.applyAsDouble(rng);
        assertThat(rng.state().position()).isEqualTo((long) i * words);
      }
    });
  }

  @Test
  void drawsAreDefinedByTheWords() {
    Rng words = Rng.of(11);
    Rng rng = Rng.of(11);
    assertThat(rng.nextFloat()).isEqualTo((words.nextInt() >>> 8) / 16777216f);
    long joined = (long) words.nextInt() << 32 | words.nextInt() & 0xFFFFFFFFL;
    assertThat(rng.nextLong()).isEqualTo(joined);
    joined = (long) words.nextInt() << 32 | words.nextInt() & 0xFFFFFFFFL;
    assertThat(rng.nextDouble()).isEqualTo((joined >>> 11) / 9007199254740992.0);
    assertThat(rng.nextBernoulli(0.25)).isEqualTo(words.nextInt() >>> 30 == 0);
  }

  // 8192 elements and more are drawn in chunks.
  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "3, 63", "5, 65", "1, 8192", "3, 8193", "2, 30001"})
  void fillsEqualSingleDrawsForAnyNumberOfThreads(int skipped, int n) {
    int before = Threads.count();
    try {
      for (int threads = 1; threads <= 3; threads++) {
        Threads.resize(threads);
        checkFills(skipped, n);
      }
    } finally {
      Threads.resize(before);
    }
  }

  private static void checkFills(int skipped, int n) {
    Rng filling = Rng.of(21);
    Rng single = Rng.of(21);
    draws(skipped, filling);
    draws(skipped, single);
    float[] floats = new float[n + 3];
    double[] doubles = new double[n + 3];
    boolean[] booleans = new boolean[n + 3];
    float[] expectedFloats = new float[n + 3];
    double[] expectedDoubles = new double[n + 3];
    boolean[] expectedBooleans = new boolean[n + 3];

    filling.fillUniform(floats, 2, n, 0, 1);
    for (int i = 0; i < n; i++) {
      expectedFloats[2 + i] = single.nextFloat();
    }
    assertThat(floats).containsExactly(expectedFloats);
    filling.fillUniform(floats, 2, n, -0.3f, 0.7f);
    for (int i = 0; i < n; i++) {
      expectedFloats[2 + i] = single.nextFloat(-0.3f, 0.7f);
    }
    assertThat(floats).containsExactly(expectedFloats);
    filling.fillNormal(floats, 2, n, 2, 0.1f);
    for (int i = 0; i < n; i++) {
      expectedFloats[2 + i] = (float) single.nextNormal(2, 0.1f);
    }
    assertThat(floats).containsExactly(expectedFloats);

    filling.fillUniform(doubles, 2, n, 0, 1);
    for (int i = 0; i < n; i++) {
      expectedDoubles[2 + i] = single.nextDouble();
    }
    assertThat(doubles).containsExactly(expectedDoubles);
    filling.fillNormal(doubles, 2, n, 0, 1);
    for (int i = 0; i < n; i++) {
      expectedDoubles[2 + i] = single.nextNormal();
    }
    assertThat(doubles).containsExactly(expectedDoubles);

    for (double p : new double[] {0, 0x1p-32, 0.3, 0.5, 1 - 0x1p-32, 1}) {
      filling.fillBernoulli(booleans, 2, n, p);
      for (int i = 0; i < n; i++) {
        expectedBooleans[2 + i] = single.nextBernoulli(p);
      }
      assertThat(booleans).containsExactly(expectedBooleans);
    }
    assertThat(filling.state()).isEqualTo(single.state());
  }

  @Test
  void splitsDependOnTheNameAloneAndDiffer() {
    Rng rng = Rng.of(42);
    Rng.State early = rng.split("dropout").state();
    Rng.State indexed = rng.split(5).state();
    draws(5, rng);
    assertThat(rng.split("dropout").state()).isEqualTo(early);
    assertThat(rng.split(5).state()).isEqualTo(indexed);
    assertThat(rng.state().position()).isEqualTo(5);

    Set<Rng.State> seen = new HashSet<>();
    seen.add(rng.state());
    for (Rng parent : new Rng[] {rng, Rng.of(43), rng.split("a"), rng.split("b"), rng.split(0)}) {
      for (int i = -1000; i < 1000; i++) {
        assertThat(seen.add(parent.split(i).state())).isTrue();
        assertThat(seen.add(parent.split(Integer.toString(i)).state())).isTrue();
      }
    }
    for (String label : new String[] {"", "\0", "\0\0", "ab", "ba", "aab", "é", "\uD83D\uDE00"}) {
      assertThat(seen.add(rng.split(label).state())).as(label).isTrue();
    }
    assertThat(rng.split("a").split("b").state()).isNotEqualTo(rng.split("ab").state());
    assertThatNullPointerException().isThrownBy(() -> rng.split(null)).withMessage("split: label is null");
  }

  @Test
  void streamsOfNeighboursDoNotCorrelate() {
    int n = 20_000;
    Rng root = Rng.of(1);
    double[][] columns = new double[7][n];
    Rng[] streams = {
        root, Rng.of(2), root.split(0), root.split(1), root.split("0"), root.split("1"), root.split(0).split(0)
    };
    for (int k = 0; k < streams.length; k++) {
      streams[k].fillUniform(columns[k], 0, n, 0, 1);
    }
    for (int j = 0; j < streams.length; j++) {
      for (int k = 0; k < j; k++) {
        // the deviation of a correlation of independent samples is 1 / sqrt(n)
        double correlation = new PearsonsCorrelation().correlation(columns[j], columns[k]);
        assertThat(correlation).isCloseTo(0, within(4 / Math.sqrt(n)));
      }
    }
  }

  @Test
  void uniformDrawsAreUniform() {
    int n = 20_000;
    double[] doubles = new double[n];
    Rng.of(100).fillUniform(doubles, 0, n, -3, 4);
    assertThat(TestUtils.kolmogorovSmirnovTest(new UniformRealDistribution(-3, 4), doubles))
        .isGreaterThan(SIGNIFICANCE);
    float[] floats = new float[n];
    Rng.of(101).fillUniform(floats, 0, n, 0, 1);
    assertThat(TestUtils.kolmogorovSmirnovTest(new UniformRealDistribution(0, 1), widen(floats)))
        .isGreaterThan(SIGNIFICANCE);
  }

  @Test
  void uniformDrawsStayBelowTheUpperBound() {
    float above = Math.nextUp(1f);
    float[] floats = new float[10_000];
    Rng.of(1).fillUniform(floats, 0, floats.length, 1, above);
    assertThat(floats).containsOnly(1f);
    double[] doubles = new double[10_000];
    Rng.of(1).fillUniform(doubles, 0, doubles.length, -Math.nextUp(1.0), -1);
    assertThat(doubles).containsOnly(-Math.nextUp(1.0));
    Rng.of(1).fillUniform(floats, 0, floats.length, -Float.MAX_VALUE, Float.MAX_VALUE);
    assertThat(Arrays.stream(widen(floats))).allMatch(x -> x >= -Float.MAX_VALUE && x < Float.MAX_VALUE);
    assertThat(Rng.of(1).nextFloat(2, 2)).isEqualTo(2);
    assertThat(Rng.of(1).nextDouble(2, 2)).isEqualTo(2);
  }

  @Test
  void normalDrawsAreNormal() {
    int n = 20_000;
    double[] doubles = new double[n];
    Rng.of(200).fillNormal(doubles, 0, n, 5, 2);
    assertThat(TestUtils.kolmogorovSmirnovTest(new NormalDistribution(5, 2), doubles)).isGreaterThan(SIGNIFICANCE);
    float[] floats = new float[n];
    Rng.of(201).fillNormal(floats, 0, n, 0, 1);
    assertThat(TestUtils.kolmogorovSmirnovTest(new NormalDistribution(0, 1), widen(floats)))
        .isGreaterThan(SIGNIFICANCE);
    assertThat(Rng.of(1).nextNormal(3, 0)).isEqualTo(3);
  }

  // Each draw is the quantile of its own probability, so the oracle's distribution function gives that back.
  @Test
  void normalDrawsAreQuantiles() {
    NormalDistribution oracle = new NormalDistribution(null, 0, 1);
    Rng rng = Rng.of(5);
    Rng words = Rng.of(5);
    int far = 0;
    for (int i = 0; i < 200_000; i++) {
      double x = rng.nextNormal();
      double p = ((words.nextLong() >>> 12) + 0.5) / 4503599627370496.0;
      double tail = Math.min(p, 1 - p);
      assertThat(oracle.cumulativeProbability(-Math.abs(x))).isCloseTo(tail, within(1e-12 * tail));
      assertThat(x < 0).isEqualTo(p < 0.5);
      far += Math.abs(x) > 3.5 ? 1 : 0;
    }
    assertThat(far).isBetween(50, 140);   // 93 expected
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 64, 1000})
  void boundedIntsAreUniform(int bound) {
    long[] counts = new long[bound];
    Rng rng = Rng.of(300 + bound);
    for (int i = 0; i < 100 * bound; i++) {
      counts[rng.nextInt(bound)]++;
    }
    assertThat(chiSquare(counts)).isGreaterThan(SIGNIFICANCE);
  }

  // A quarter of all words must be rejected; without that, one value in three would come up a third less often.
  @Test
  void largeBoundsHaveNoBias() {
    int bound = (int) (3L << 29);
    long[] counts = new long[3];
    Rng rng = Rng.of(6);
    for (int i = 0; i < 30_000; i++) {
      counts[rng.nextInt(bound) % 3]++;
    }
    assertThat(chiSquare(counts)).isGreaterThan(SIGNIFICANCE);
    assertThat(rng.state().position()).isBetween(39_000L, 41_000L);
    assertThat(rng.nextInt(1)).isZero();
    assertThat(rng.nextInt(Integer.MAX_VALUE)).isNotNegative();
  }

  @Test
  void bytesOfIntsAreUniform() {
    long[] counts = new long[256];
    Rng rng = Rng.of(7);
    for (int i = 0; i < 20_000; i++) {
      int word = rng.nextInt();
      for (int shift = 0; shift < 32; shift += 8) {
        counts[word >>> shift & 255]++;
      }
    }
    assertThat(chiSquare(counts)).isGreaterThan(SIGNIFICANCE);
  }

  @Test
  void bernoulliHasItsProbability() {
    boolean[] draws = new boolean[40_000];
    for (double p : new double[] {0.01, 0.5, 0.9}) {
      Rng.of(8).fillBernoulli(draws, 0, draws.length, p);
      long hits = count(draws);
      assertThat(TestUtils.chiSquareTest(
          new double[] {p * draws.length, (1 - p) * draws.length}, new long[] {hits, draws.length - hits}))
          .isGreaterThan(SIGNIFICANCE);
    }
    Rng.of(8).fillBernoulli(draws, 0, draws.length, 0);
    assertThat(count(draws)).isZero();
    Rng.of(8).fillBernoulli(draws, 0, draws.length, 1);
    assertThat(count(draws)).isEqualTo(draws.length);
  }

  @Test
  void categoricalFollowsTheWeights() {
    float[] floats = {9, 0, 1, 3, 0, 6, 0, 9};
    double[] doubles = new double[floats.length];
    Arrays.setAll(doubles, i -> floats[i]);
    long[] counts = new long[6];
    Rng rng = Rng.of(9);
    Rng twin = Rng.of(9);
    for (int i = 0; i < 20_000; i++) {
      int drawn = rng.nextCategorical(floats, 1, 6);
      assertThat(twin.nextCategorical(doubles, 1, 6)).isEqualTo(drawn);
      counts[drawn]++;
    }
    assertThat(counts[0] + counts[3] + counts[5]).isZero();
    assertThat(TestUtils.chiSquareTest(new double[] {1, 3, 6}, new long[] {counts[1], counts[2], counts[4]}))
        .isGreaterThan(SIGNIFICANCE);
    assertThat(rng.nextCategorical(new float[] {0, Float.MIN_VALUE}, 0, 2)).isEqualTo(1);
    // here the product of draw and sum may round to the sum
    for (int i = 0; i < 50; i++) {
      assertThat(rng.nextCategorical(new double[] {Double.MIN_VALUE, 0}, 0, 2)).isZero();
    }
  }

  @Test
  void permutationsAreAllEquallyLikely() {
    Map<String, Integer> numbers = new HashMap<>();
    long[] counts = new long[24];
    Rng rng = Rng.of(10);
    for (int i = 0; i < 24_000; i++) {
      int[] p = rng.permutation(4);
      assertThat(p).containsExactlyInAnyOrder(0, 1, 2, 3);
      counts[numbers.computeIfAbsent(Arrays.toString(p), key -> numbers.size())]++;
    }
    assertThat(chiSquare(counts)).isGreaterThan(SIGNIFICANCE);
    assertThat(rng.permutation(0)).isEmpty();
    assertThat(rng.permutation(1)).containsExactly(0);
    assertThat(rng.permutation(1000)).doesNotHaveDuplicates().hasSize(1000);
  }

  @Test
  void badArgumentsAreNamedAndDrawNothing() {
    Rng rng = Rng.of(1);
    refuses("nextInt: expected a bound of at least 1, got 0", () -> rng.nextInt(0));
    refuses("permutation: the length is negative: -1", () -> rng.permutation(-1));
    refuses("nextBernoulli: expected a probability in [0, 1], got NaN", () -> rng.nextBernoulli(Double.NaN));
    refuses("fillBernoulli: expected a probability in [0, 1], got 1.5",
        () -> rng.fillBernoulli(new boolean[1], 0, 1, 1.5));
    refuses("fillUniform: expected finite bounds, low <= high, got low 2.0 and high 1.0",
        () -> rng.fillUniform(new float[1], 0, 1, 2, 1));
    refuses("nextDouble: expected finite bounds, low <= high, got low -1.7E308 and high 1.7E308",
        () -> rng.nextDouble(-1.7e308, 1.7e308));
    refuses("nextFloat: expected finite bounds, low <= high, got low 0.0 and high NaN",
        () -> rng.nextFloat(0, Float.NaN));
    refuses("nextNormal: expected finite values, deviation >= 0, got mean 0.0, deviation -1.0",
        () -> rng.nextNormal(0, -1));
    refuses("fillNormal: expected finite values, deviation >= 0, got mean Infinity, deviation 1.0",
        () -> rng.fillNormal(new double[1], 0, 1, Double.POSITIVE_INFINITY, 1));
    refuses("nextCategorical: weight 1 is not finite and >= 0: -1.0",
        () -> rng.nextCategorical(new float[] {5, 1, -1}, 1, 2));
    refuses("nextCategorical: weight 0 is not finite and >= 0: NaN",
        () -> rng.nextCategorical(new double[] {Double.NaN}, 0, 1));
    refuses("nextCategorical: weight 0 is not finite and >= 0: Infinity",
        () -> rng.nextCategorical(new float[] {Float.POSITIVE_INFINITY}, 0, 1));
    refuses("nextCategorical: the sum of 2 weights is not positive and finite: 0.0",
        () -> rng.nextCategorical(new float[2], 0, 2));
    refuses("nextCategorical: the sum of 0 weights is not positive and finite: 0.0",
        () -> rng.nextCategorical(new double[2], 0, 0));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> rng.fillUniform(new float[4], 2, 3, 0, 1));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> rng.nextCategorical(new float[4], -1, 2));
    assertThat(rng.state()).isEqualTo(Rng.of(1).state());
  }

  private static void refuses(String message, Runnable call) {
    assertThatIllegalArgumentException().isThrownBy(call::run).withMessage(message);
  }

  private static int[] draws(int n, Rng rng) {
    int[] result = new int[n];
    Arrays.setAll(result, i -> rng.nextInt());
    return result;
  }

  private static int[] words(String hexadecimal) {
    return Arrays.stream(hexadecimal.split(" ")).mapToInt(word -> Integer.parseUnsignedInt(word, 16)).toArray();
  }

  private static long join(int[] words, int at) {
    return (long) words[at + 1] << 32 | words[at] & 0xFFFFFFFFL;
  }

  private static double[] widen(float[] values) {
    double[] result = new double[values.length];
    Arrays.setAll(result, i -> values[i]);
    return result;
  }

  private static long count(boolean[] values) {
    long result = 0;
    for (boolean value : values) {
      result += value ? 1 : 0;
    }
    return result;
  }

  private static double chiSquare(long[] counts) {
    double[] equal = new double[counts.length];
    Arrays.fill(equal, 1);
    return TestUtils.chiSquareTest(equal, counts);
  }
}
