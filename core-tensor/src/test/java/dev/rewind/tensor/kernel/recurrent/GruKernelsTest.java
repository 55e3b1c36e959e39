package dev.rewind.tensor.kernel.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GruKernelsTest {
  private static float[] random(int n, int seed) {
    Random random = new Random(seed);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian() * 3;
    }
    return x;
  }

  /// What a provider leaves of the same arrays: gates, h, derivatives, and the gradient that `before` gets directly.
  private record Result(float[] gates, float[] h, float[] derivatives, float[] dbefore) {
    static Result of(RecurrentKernels kernels, int n) {
      float[] gates = random(4 * n + 5, 1);
      gates[5] = Float.NaN;
      float[] before = random(n + 2, 2);
      float[] h = new float[n + 3];
      kernels.gru(n, gates, 5, before, 2, h, 3);
      float[] derivatives = gates.clone();
      float[] dbefore = new float[n];
      kernels.gruBackward(n, derivatives, 5, before, 2, random(n + 1, 3), 1, dbefore, 0);
      return new Result(gates, h, derivatives, dbefore);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 49, 100})
  void providersAgreeToTheBit(int n) {
    Result scalar = Result.of(new RecurrentKernels(), n);
    Result vector = Result.of(new VectorRecurrent(), n);
    assertThat(vector.gates).isEqualTo(scalar.gates);
    assertThat(vector.h).isEqualTo(scalar.h);
    assertThat(vector.derivatives).isEqualTo(scalar.derivatives);
    assertThat(vector.dbefore).isEqualTo(scalar.dbefore);
    float[] gates = random(4 * n, 1);
    float[] h = random(n, 2);
    float[] elsewhere = new float[n];
    new VectorRecurrent().gru(n, gates.clone(), 0, h, 0, elsewhere, 0);
    new VectorRecurrent().gru(n, gates, 0, h, 0, h, 0);
    assertThat(h).isEqualTo(elsewhere);
  }

  /// Against the formulas in double precision, and the derivatives against differences.
  @Test
  void valuesAndGradientsAgreeWithTheFormulas() {
    int n = 19;
    float[] sums = random(4 * n, 1);
    float[] before = random(n, 2);
    float[] gates = sums.clone();
    float[] h = new float[n];
    float[] dh = random(n, 3);
    float[] dbefore = new float[n];
    RecurrentKernels kernels = new VectorRecurrent();
    kernels.gru(n, gates, 0, before, 0, h, 0);
    kernels.gruBackward(n, gates, 0, before, 0, dh, 0, dbefore, 0);
    for (int j = 0; j < n; j++) {
      double[] x = {sums[j], sums[n + j], sums[2 * n + j], sums[3 * n + j], before[j]};
      assertThat((double) h[j]).isCloseTo(h(x), within(1e-5));
      for (int k = 0; k < 5; k++) {
        double step = 1e-5;
        double[] more = x.clone();
        double[] less = x.clone();
        more[k] += step;
        less[k] -= step;
        double derivative = dh[j] * (h(more) - h(less)) / (2 * step);
        assertThat((double) (k < 4 ? gates[k * n + j] : dbefore[j])).isCloseTo(derivative, within(1e-4));
      }
    }
  }

  private static double h(double[] x) {
    double candidate = Math.tanh(x[0] + x[3] / (1 + Math.exp(-x[1])));
    double z = 1 / (1 + Math.exp(-x[2]));
    return (1 - z) * candidate + z * x[4];
  }
}
