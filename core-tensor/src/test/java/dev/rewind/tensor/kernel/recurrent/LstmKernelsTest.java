package dev.rewind.tensor.kernel.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Vectors against the definition, to the bit; the definition against formulas in double, and against numerical derivatives.
class LstmKernelsTest {
  private static final RecurrentKernels SCALAR = new RecurrentKernels();
  private static final RecurrentKernels VECTOR = new VectorRecurrent();

  /// Arrays with something before and after the row, which must survive.
  private static final class Row {
    final int n;
    final float[] gates;
    final float[] before;
    final float[] c;
    final float[] squashed;
    final float[] h;
    final float[] dh;
    final float[] dc;

    Row(int n, double scale) {
      this.n = n;
      Random random = new Random(n);
      gates = random(random, 4 * n + 9, scale);
      before = random(random, n + 7, scale);
      c = random(random, n + 7, 1);
      squashed = random(random, n + 7, 1);
      h = random(random, n + 7, 1);
      dh = random(random, n + 7, 1);
      dc = random(random, n + 7, 1);
    }

    private static float[] random(Random random, int n, double scale) {
      float[] x = new float[n];
      for (int i = 0; i < n; i++) {
        x[i] = (float) (scale * random.nextGaussian());
      }
      return x;
    }

    Row activate(RecurrentKernels kernels) {
      kernels.lstm(n, gates, 5, before, 1, c, 2, squashed, 3, h, 4);
      return this;
    }

    Row differentiate(RecurrentKernels kernels) {
      kernels.lstmBackward(n, gates, 5, before, 1, squashed, 3, dh, 5, dc, 6);
      return this;
    }

    void checkSame(Row other) {
      assertThat(gates).isEqualTo(other.gates);
      assertThat(c).isEqualTo(other.c);
      assertThat(squashed).isEqualTo(other.squashed);
      assertThat(h).isEqualTo(other.h);
      assertThat(dc).isEqualTo(other.dc);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 50, 100})
  void vectorsGiveTheBitsOfTheDefinition(int n) {
    for (double scale : new double[] {1, 30, 1e30}) {
      Row scalar = new Row(n, scale).activate(SCALAR);
      Row vector = new Row(n, scale).activate(VECTOR);
      vector.checkSame(scalar);
      vector.differentiate(VECTOR).checkSame(scalar.differentiate(SCALAR));
    }
  }

  @Test
  void nanAndInfinityPassThroughTheGatesTheyBelongTo() {
    for (RecurrentKernels kernels : new RecurrentKernels[] {SCALAR, VECTOR}) {
      Row row = new Row(20, 1);
      row.gates[5 + 3] = Float.NaN; // the input gate of element 3
      row.gates[5 + 20 + 4] = Float.NEGATIVE_INFINITY; // the forget gate of element 4
      row.activate(kernels);
      assertThat(row.h[4 + 3]).isNaN();
      assertThat(row.gates[5 + 20 + 4]).isZero();
      assertThat(row.h[4 + 4]).isFinite();
      assertThat(row.h[4 + 2]).isFinite();
    }
  }

  @Test
  void theDefinitionIsThatOfTheFormulas() {
    Row row = new Row(9, 2);
    float[] sums = row.gates.clone();
    row.activate(SCALAR);
    for (int j = 0; j < 9; j++) {
      double i = sigmoid(sums[5 + j]);
      double f = sigmoid(sums[5 + 9 + j]);
      double o = sigmoid(sums[5 + 27 + j]);
      double c = f * row.before[1 + j] + i * Math.tanh(sums[5 + 18 + j]);
      assertThat((double) row.c[2 + j]).isCloseTo(c, within(1e-6));
      assertThat((double) row.h[4 + j]).isCloseTo(o * Math.tanh(c), within(1e-6));
    }
  }

  @Test
  void gradientsAreThoseOfTheFormulas() {
    Row row = new Row(9, 1);
    float[] sums = row.gates.clone();
    float[] dcBefore = row.dc.clone();
    row.activate(SCALAR).differentiate(SCALAR);
    for (int j = 0; j < 9; j++) {
      double[] at = {sums[5 + j], sums[14 + j], sums[23 + j], sums[32 + j], row.before[1 + j]};
      double[] found = {row.gates[5 + j], row.gates[14 + j], row.gates[23 + j], row.gates[32 + j], row.dc[6 + j]};
      for (int k = 0; k < 5; k++) {
        assertThat(found[k]).isCloseTo(derivative(at, k, row.dh[5 + j], dcBefore[6 + j]), within(1e-5));
      }
    }
  }

  /// The central difference of `dh h + dc c` with respect to argument `k` of i, f, g, o before activation, and c
  /// before.
  private static double derivative(double[] at, int k, double dh, double dc) {
    double step = 1e-5;
    double[] up = at.clone();
    up[k] += step;
    double[] down = at.clone();
    down[k] -= step;
    return (value(up, dh, dc) - value(down, dh, dc)) / (2 * step);
  }

  private static double value(double[] x, double dh, double dc) {
    double c = sigmoid(x[1]) * x[4] + sigmoid(x[0]) * Math.tanh(x[2]);
    return dh * sigmoid(x[3]) * Math.tanh(c) + dc * c;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
