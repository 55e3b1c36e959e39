package dev.rewind.tensor.kernel.elementwise;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Loops on vectors give the bits of the plain ones, and touch nothing else.
class MapKernelsTest {
  private static final int MOST = 70;
  private static final float[] SPECIAL = {
      Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f, Float.MIN_VALUE, -Float.MAX_VALUE, 1, -1
  };

  private final MapKernels scalar = new MapKernels();
  private final MapKernels vector = new VectorMaps();

  private static float[] random(long seed) {
    Random random = new Random(seed);
    float[] x = new float[MOST + 10];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(3) == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : (float) random.nextGaussian();
    }
    return x;
  }

  private static float[] sevens() {
    float[] y = new float[MOST + 10];
    Arrays.fill(y, 7);
    return y;
  }

  /// Bits, but for those that tell one NaN from another.
  private static void assertSameBits(float[] actual, float[] expected) {
    for (int i = 0; i < actual.length; i++) {
      assertThat(Float.floatToIntBits(actual[i])).as("element %d", i).isEqualTo(Float.floatToIntBits(expected[i]));
    }
  }

  @ParameterizedTest
  @EnumSource(Binary.class)
  void twoOperands(Binary op) {
    for (int n = 0; n <= MOST; n++) {
      float[] a = random(n);
      float[] b = random(n + 1000);
      float[] expected = sevens();
      float[] actual = sevens();
      scalar.binary(op, a, 2, b, 5, expected, 3, n);
      vector.binary(op, a, 2, b, 5, actual, 3, n);
      assertSameBits(actual, expected);
      vector.binary(op, a, 2, b, 5, a, 2, n);
      assertSameBits(Arrays.copyOfRange(a, 2, 2 + n), Arrays.copyOfRange(expected, 3, 3 + n));
    }
  }

  @ParameterizedTest
  @EnumSource(Unary.class)
  void oneOperand(Unary op) {
    for (int n = 0; n <= MOST; n++) {
      float[] x = random(n);
      float[] expected = sevens();
      float[] actual = sevens();
      scalar.unary(op, x, 2, expected, 3, n);
      vector.unary(op, x, 2, actual, 3, n);
      assertSameBits(actual, expected);
      vector.unary(op, x, 2, x, 2, n);
      assertSameBits(Arrays.copyOfRange(x, 2, 2 + n), Arrays.copyOfRange(expected, 3, 3 + n));
    }
  }

  /// Floats and doubles must not drift apart, nor ints.
  @Test
  void functionsAreTheSameForEveryDType() {
    for (float a : new float[] {-4, -1, 0, 1, 2, 3}) {
      for (Unary op : Unary.values()) {
        assertThat(op.apply(a)).as("%s of %s", op, a).isCloseTo((float) op.apply((double) a),
            Percentage.withPercentage(1e-4));
        if (op.takesInts()) {
          assertThat(op.apply((int) a)).isEqualTo((int) op.apply((double) a));
        }
      }
      for (Binary op : Binary.values()) {
        for (float b : new float[] {-3, -0.5f, 2, 5}) {
          assertThat(op.apply(a, b)).as("%s of %s and %s", op, a, b)
              .isCloseTo((float) op.apply((double) a, b), Percentage.withPercentage(1e-4));
          if (op.takesInts() && (int) b != 0) {
            assertThat(op.apply((int) a, (int) b)).isEqualTo((int) op.apply((double) a, (int) b));
          }
        }
      }
    }
  }

  @Test
  void productsAreAddedWithOneRounding() {
    for (int n = 0; n <= MOST; n++) {
      float[] expected = sevens();
      float[] actual = sevens();
      scalar.fma(random(n), 2, random(n + 1000), 5, random(n + 2000), 1, expected, 3, n);
      vector.fma(random(n), 2, random(n + 1000), 5, random(n + 2000), 1, actual, 3, n);
      assertSameBits(actual, expected);
      if (n > 0) {
        assertThat(expected[3])
            .isEqualTo(Float.valueOf(Math.fma(random(n)[2], random(n + 1000)[5], random(n + 2000)[1])));
      }
    }
  }

  @Test
  void choices() {
    for (int n = 0; n <= MOST; n++) {
      boolean[] chosen = new boolean[MOST + 10];
      Random random = new Random(n);
      for (int i = 0; i < chosen.length; i++) {
        chosen[i] = random.nextBoolean();
      }
      float[] expected = sevens();
      float[] actual = sevens();
      scalar.where(chosen, 1, random(n), 2, random(n + 1000), 5, expected, 3, n);
      vector.where(chosen, 1, random(n), 2, random(n + 1000), 5, actual, 3, n);
      assertSameBits(actual, expected);
    }
  }

  @ParameterizedTest
  @EnumSource(Comparison.class)
  void comparisons(Comparison op) {
    for (int n = 0; n <= MOST; n++) {
      boolean[] expected = new boolean[MOST + 10];
      boolean[] actual = new boolean[MOST + 10];
      float[] a = random(n);
      float[] b = random(n + 1000);
      System.arraycopy(a, 0, b, 3, n / 2); // equal ones among them
      scalar.compare(op, a, 2, b, 5, expected, 3, n);
      vector.compare(op, a, 2, b, 5, actual, 3, n);
      assertThat(actual).isEqualTo(expected);
    }
  }
}
