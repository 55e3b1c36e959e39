package dev.rewind.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoldKernelsTest {
  private final FoldKernels folds = new ScalarFolds();
  private final FoldKernels vectors = new VectorFolds();

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
    assertThat(folds.sumOfProducts(x, 3, x, 3, n)).isCloseTo(squares, org.assertj.core.data.Offset.offset(2e-6 * (squares + 1)));
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

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 65, 100, 511, 512, 513, 527, 1024, 5000})
  void vectorsGiveTheBitsOfTheDefinition(int n) {
    float[] x = random(n + 20);
    for (int from = 0; from < 20; from += 3) {
      assertThat(vectors.sum(x, from, n)).isEqualTo(folds.sum(x, from, n));
      assertThat(vectors.sumOfProducts(x, from, x, 1, n)).isEqualTo(folds.sumOfProducts(x, from, x, 1, n));
      assertThat(vectors.sum(x, from, 3, n / 3)).isEqualTo(folds.sum(x, from, 3, n / 3));
      if (n > 0) {
        assertThat(vectors.max(x, from, 1, n)).isEqualTo(folds.max(x, from, 1, n));
        assertThat(vectors.min(x, from, 1, n)).isEqualTo(folds.min(x, from, 1, n));
        float some = x[from + n / 2];
        assertThat(vectors.place(x, from, 1, n, some)).isEqualTo(n / 2).isEqualTo(folds.place(x, from, 1, n, some));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 17, 64, 255, 256, 300})
  void columnsOfVectorsGiveTheBitsOfTheDefinition(int columns) {
    int rows = 530;
    float[] x = random(rows * (columns + 2) + 3);
    float[] expected = new float[columns + 1];
    float[] actual = new float[columns + 1];
    folds.sumColumns(x, 3, columns + 2, rows, columns, expected, 1);
    vectors.sumColumns(x, 3, columns + 2, rows, columns, actual, 1);
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void negativeZerosAddUpAsInTheDefinition() {
    float[] zeros = new float[40];
    java.util.Arrays.fill(zeros, -0f);
    for (int n = 0; n <= 40; n++) {
      assertThat(Double.doubleToRawLongBits(vectors.sum(zeros, 0, n)))
          .isEqualTo(Double.doubleToRawLongBits(folds.sum(zeros, 0, n)));
    }
  }

  /// Wherever they stand: in whole vectors, in the rest, and in rows too short for one.
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 16, 23, 64, 150})
  void extremesKnowTheZerosApartAndYieldToNotANumber(int n) {
    for (int at = 0; at < n; at++) {
      float[] x = new float[n];
      java.util.Arrays.fill(x, -0f);
      x[at] = 0f;
      assertThat(Float.floatToRawIntBits(vectors.max(x, 0, 1, n))).isZero();
      assertThat(vectors.place(x, 0, 1, n, 0f)).isZero();
      java.util.Arrays.fill(x, 0f);
      x[at] = -0f;
      assertThat(Float.floatToRawIntBits(vectors.min(x, 0, 1, n))).isEqualTo(Integer.MIN_VALUE);
      java.util.Arrays.fill(x, Float.POSITIVE_INFINITY);
      x[at] = Float.intBitsToFloat(at % 2 == 0 ? 0xFFC00001 : 0x7FC00000);   // of either sign
      assertThat(vectors.max(x, 0, 1, n)).isNaN();
      assertThat(vectors.min(x, 0, 1, n)).isNaN();
      assertThat(vectors.place(x, 0, 1, n, Float.NaN)).isEqualTo(at).isEqualTo(folds.place(x, 0, 1, n, Float.NaN));
    }
  }
}
