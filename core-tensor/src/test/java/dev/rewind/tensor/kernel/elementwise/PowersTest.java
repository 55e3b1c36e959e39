package dev.rewind.tensor.kernel.elementwise;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

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
    float actual = FloatMath.pow(x, y);
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
            .as("%s to the power %s is %s, %s in double", x, y, FloatMath.pow(x, y), StrictMath.pow(x, y))
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
        assertThat(FloatMath.pow(x, y)).isEqualTo(exact);
      }
    }
  }
}
