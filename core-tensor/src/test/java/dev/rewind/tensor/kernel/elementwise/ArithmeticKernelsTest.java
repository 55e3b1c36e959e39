package dev.rewind.tensor.kernel.elementwise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.Rng;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArithmeticKernelsTest {
  private static final int[] SIZES = {0, 1, 3, 15, 16, 17, 100, 513, 1100};
  private static final float[] SPECIAL = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f, 1e-40f};

  private static float[] draw(Rng rng, int n) {
    float[] x = new float[n];
    rng.fillNormal(x, 0, n, 0, 1);
    for (int i = 5; i < n; i += 7) {
      x[i] = SPECIAL[i % SPECIAL.length];
    }
    return x;
  }

  @ParameterizedTest
  @EnumSource(Binary.class)
  void vectorsGiveTheBitsOfTheDefinition(Binary op) {
    Rng rng = Rng.of(op.ordinal());
    for (int n : SIZES) {
      float[] a = draw(rng, n + 3);
      float[] b = draw(rng, n + 5);
      float[] scalar = draw(rng, n + 4);
      float[] vector = scalar.clone();
      new MapKernels().binary(op, a, 1, b, 2, scalar, 3, n);
      new VectorMaps().binary(op, a, 1, b, 2, vector, 3, n);
      assertThat(vector).as("%s of %d", op, n).isEqualTo(scalar);
    }
  }

  @ParameterizedTest
  @EnumSource(Binary.class)
  void whatIsAddedIsRoundedBefore(Binary op) {
    Rng rng = Rng.of(op.ordinal());
    for (int n : SIZES) {
      float[] a = draw(rng, n + 3);
      float[] b = draw(rng, n + 5);
      float[] apart = draw(rng, n + 4);
      float[] scalar = apart.clone();
      float[] vector = apart.clone();
      float[] value = new float[n];
      new MapKernels().binary(op, a, 1, b, 2, value, 0, n);
      for (int i = 0; i < n; i++) {
        apart[3 + i] += value[i];
      }
      new MapKernels().accumulate(op, a, 1, b, 2, scalar, 3, n);
      new VectorMaps().accumulate(op, a, 1, b, 2, vector, 3, n);
      assertThat(scalar).as("%s of %d", op, n).isEqualTo(apart);
      assertThat(vector).as("%s of %d", op, n).isEqualTo(apart);
    }
  }
}
