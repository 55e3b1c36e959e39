package dev.rewind.tensor.kernel.elementwise;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AffineTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 7, 8, 15, 16, 17, 65, 1000})
  void bothProvidersRoundTwiceAndLeaveTheRestAlone(int n) {
    Random random = new Random(n);
    float[] x = new float[n + 5];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    x[n + 4] = Float.NaN;
    for (MapKernels maps : new MapKernels[] {new MapKernels(), new VectorMaps()}) {
      float[] y = new float[n + 3];
      maps.affine(x, 3, 1.1f, -0.3f, y, 1, n);
      for (int i = 0; i < n; i++) {
        float product = x[3 + i] * 1.1f;
        assertThat(y[1 + i]).isEqualTo(product + -0.3f);
      }
      assertThat(new float[] {y[0], y[n + 1], y[n + 2]}).containsExactly(0, 0, 0);
      float[] same = x.clone();
      maps.affine(same, 3, 1.1f, -0.3f, same, 3, n);
      for (int i = 0; i < n; i++) {
        assertThat(same[3 + i]).isEqualTo(y[1 + i]);
      }
    }
  }
}
