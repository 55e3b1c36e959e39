package dev.rewind.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoldKernelsTest {
  private final FoldKernels folds = new FoldKernels();

  private static float[] random(int n) {
    Random random = new Random(n);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 17, 511, 512, 513, 5000})
  void sumsAreThoseOfTheDefinition(int n) {
    float[] x = random(n + 3);
    double total = 0;
    double squares = 0;
    double magnitude = 1;
    for (int i = 3; i < n + 3; i++) {
      total += x[i];
      squares += (double) x[i] * x[i];
      magnitude += Math.abs(x[i]);
    }
    assertThat(folds.sum(x, 3, n)).isCloseTo(total, org.assertj.core.data.Offset.offset(2e-6 * magnitude));
    assertThat(folds.sumOfSquares(x, 3, n)).isCloseTo(squares, org.assertj.core.data.Offset.offset(2e-6 * (squares + 1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 17, 512, 1030})
  void stridesAndColumnsGiveTheBitsOfTheContiguousSum(int n) {
    int columns = 70;
    float[] x = random(n * columns);
    float[] sums = new float[columns];
    folds.sumColumns(x, 0, columns, n, columns, sums, 0);
    for (int j = 0; j < columns; j++) {
      float[] column = new float[n];
      for (int i = 0; i < n; i++) {
        column[i] = x[i * columns + j];
      }
      double expected = folds.sum(column, 0, n);
      assertThat(sums[j]).isEqualTo((float) expected);
      assertThat(folds.sum(x, j, columns, n)).isEqualTo(expected);
    }
  }

  @Test
  void notANumberAndInfinitySpread() {
    float[] x = random(600);
    x[599] = Float.POSITIVE_INFINITY;
    assertThat(folds.sum(x, 0, 600)).isEqualTo(Double.POSITIVE_INFINITY);
    x[3] = Float.NaN;
    assertThat(folds.sum(x, 0, 600)).isNaN();
  }
}
