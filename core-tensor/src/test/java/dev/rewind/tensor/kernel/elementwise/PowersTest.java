package dev.rewind.tensor.kernel.elementwise;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Powers of floats against those of doubles, whose error is next to nothing beside that of rounding to float.
class PowersTest {
  private static final float[] SPECIAL = {
      0, 1, 2, 3, 0.5f, 1.5f, 1 / 3f, 7, 4097, Math.nextUp(1f), Math.nextDown(1f), (float) Math.sqrt(0.5),
      (float) Math.sqrt(2),
      Math.nextDown((float) Math.sqrt(2)), 127, 128, 126.5f, 149, 150, 151, 8388607.5f, 8388608, 8388609, 16777215,
      16777216,
      0x1p25f, 1e30f, Float.MIN_VALUE, 3 * Float.MIN_VALUE, Float.MIN_NORMAL, Float.MAX_VALUE, Float.POSITIVE_INFINITY,
      Float.NaN
  };

  /// Of either sign.
  private static float[] special() {
    float[] both = new float[2 * SPECIAL.length];
    for (int i = 0; i < SPECIAL.length; i++) {
      both[2 * i] = SPECIAL[i];
      both[2 * i + 1] = -SPECIAL[i];
    }
    return both;
  }

  private static double error(float x, float y) {
    double exact = StrictMath.pow(x, y);
    float expected = (float) exact;
    float actual = FloatPowers.pow(x, y);
    if (Float.floatToIntBits(actual) == Float.floatToIntBits(expected)) {
      return 0.5;
    }
    return expected == 0 || Float.isNaN(expected) || Float.isInfinite(expected) ? Double.POSITIVE_INFINITY
        : Math.abs(actual - exact) / Math.ulp(expected);
  }

  @Test
  void specialCasesAreThoseOfJava() {
    for (float x : special()) {
      for (float y : special()) {
        assertThat(error(x, y))
            .as("%s to the power %s is %s, %s in double", x, y, FloatPowers.pow(x, y), StrictMath.pow(x, y))
            .isLessThan(0.5001);
      }
    }
  }

  /// Bases of every exponent, and exponents such that the powers are of every size.
  @Test
  void powersAreRoundedToTheNearestFloatButForOneInThousands() {
    Random random = new Random(1);
    int n = 1_000_000;
    int wrong = 0;
    for (int i = 0; i < n; i++) {
      float x = Float.intBitsToFloat(random.nextInt(Float.floatToIntBits(Float.POSITIVE_INFINITY)));
      float y = (float) ((random.nextDouble() * 300 - 160) * Math.log(2) / Math.log(x));
      if (i % 4 == 0) {
        x = 1 + (float) random.nextGaussian() * (i % 8 == 0 ? 1e-5f : 0.3f);
        y = (float) random.nextGaussian() * 50;
      }
      if (i % 5 == 0) {
        y = Math.round(y);
        x = -x;
      }
      assertThat(error(x, y)).as("%s to the power %s", x, y).isLessThan(0.5001);
      wrong += error(x, y) == 0.5 ? 0 : 1;
    }
    assertThat(wrong).isLessThan(n / 2000);
  }

  @Test
  void integralPowersOfSmallIntegersAreExact() {
    for (int x = -12; x <= 12; x++) {
      for (int y = 0; y <= 6; y++) {
        int exact = 1;
        for (int i = 0; i < y; i++) {
          exact *= x;
        }
        assertThat(FloatPowers.pow(x, y)).isEqualTo(exact);
      }
    }
  }

  /// More than a block, of usual elements but for one at most.
  @Test
  void blocksWithoutSpecialCasesAndWithOne() {
    Random random = new Random(2);
    float[] special = special();
    for (int round = 0; round < 400; round++) {
      int n = 1 + random.nextInt(1200);
      float spread = new float[] {0.1f, 1, 20, 60}[random.nextInt(4)];
      float size = new float[] {0.5f, 4, 8, 50, 1000, 1e9f}[random.nextInt(6)];
      float[] a = new float[n];
      float[] b = new float[n];
      for (int i = 0; i < n; i++) {
        a[i] = (float) Math.exp(spread * random.nextGaussian());
        b[i] = size * (2 * random.nextFloat() - 1);
      }
      if (round % 2 == 0) {
        (random.nextBoolean() ? a : b)[random.nextInt(n)] = special[random.nextInt(special.length)];
      }
      assertSame(a, b);
    }
  }

  /// A number as the exponent of all gives what it does element by element.
  @Test
  void oneExponentForAll() {
    Random random = new Random(3);
    float[] special = special();
    for (int round = 0; round < 8; round++) {
      for (float exponent : special) {
        int n = 1 + random.nextInt(1200);
        float[] a = new float[n];
        float[] b = new float[n];
        Arrays.fill(b, exponent);
        for (int i = 0; i < n; i++) {
          a[i] = (float) random.nextGaussian() * 3;
        }
        if (round % 2 == 0) {
          a[random.nextInt(n)] = special[random.nextInt(special.length)];
        }
        assertSame(a, b);
        for (MapKernels maps : new MapKernels[] {new ScalarMaps(), new VectorMaps()}) {
          float[] actual = new float[n + 2];
          FloatLoops.binary(maps, Binary.POW, a, 0, 1, new float[] {7, exponent}, 1, 0, actual, 2, 1, n);
          assertThat(Arrays.copyOfRange(actual, 2, n + 2)).isEqualTo(powers(a, b));
        }
      }
    }
  }

  private static float[] powers(float[] a, float[] b) {
    float[] y = new float[a.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = FloatPowers.pow(a[i], b[i]);
    }
    return y;
  }

  private static void assertSame(float[] a, float[] b) {
    float[] actual = a.clone();
    new VectorMaps().binary(Binary.POW, actual, 0, b, 0, actual, 0, a.length);
    assertThat(actual).isEqualTo(powers(a, b));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 8, 9, 16, 31, 511, 512, 513, 1500})
  void vectorsGiveTheBitsOfTheDefinition(int n) {
    Random random = new Random(n);
    float[] special = special();
    for (int round = 0; round < 10; round++) {
      float[] a = new float[n + 3];
      float[] b = new float[n + 5];
      for (int i = 0; i < a.length; i++) {
        a[i] = random.nextInt(3) == 0 ? special[random.nextInt(special.length)] : (float) random.nextGaussian() * 3;
      }
      for (int i = 0; i < b.length; i++) {
        b[i] = random.nextInt(3) == 0 ? special[random.nextInt(special.length)]
            : random.nextBoolean() ? random.nextInt(9) - 4 : (float) random.nextGaussian() * 9;
      }
      float[] expected = new float[n + 4];
      float[] actual = new float[n + 4];
      new ScalarMaps().binary(Binary.POW, a, 1, b, 2, expected, 3, n);
      new VectorMaps().binary(Binary.POW, a, 1, b, 2, actual, 3, n);
      assertThat(actual).isEqualTo(expected);
    }
  }
}
