package dev.rewind.tensor.kernel.reduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReductionKernelsTest {
  private final ReductionKernels reductions = new ReductionKernels();
  private final ReductionKernels vectors = new VectorReductions();

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
    double centre = 0.3;
    double distances = java.util.stream.IntStream.range(3, n + 3).mapToDouble(i -> Math.pow(x[i] - centre, 2)).sum();
    assertThat(reductions.sum(x, 3, 1, n)).isCloseTo(total, within(1e-13 * magnitude));
    assertThat(reductions.sumOfProducts(x, 3, x, 3, n)).isCloseTo(squares, within(6e-8 * squares));
    assertThat(reductions.sumOfSquares(x, 3, 1, n, 0)).isCloseTo(squares, within(1e-13 * squares));
    assertThat(reductions.sumOfSquares(x, 3, 1, n, centre)).isCloseTo(distances, within(1e-13 * distances));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16, 17, 512, 1030})
  void stridesAndColumnsGiveTheBitsOfTheContiguousSum(int n) {
    int columns = 70;
    float[] x = random(n * columns);
    double centre = 0.7;
    double[] sums = new double[columns];
    vectors.sumColumns(x, 0, columns, n, columns, new double[ReductionKernels.LANES * columns], sums);
    for (int j = 0; j < columns; j++) {
      float[] column = new float[n];
      for (int i = 0; i < n; i++) {
        column[i] = x[i * columns + j];
      }
      assertThat(sums[j]).isEqualTo(reductions.sum(column, 0, 1, n)).isEqualTo(reductions.sum(x, j, columns, n));
      assertThat(reductions.sumOfSquares(x, j, columns, n, centre))
          .isEqualTo(reductions.sumOfSquares(column, 0, 1, n, centre));
    }
  }

  @Test
  void notANumberAndInfinitySpread() {
    float[] x = random(600);
    x[599] = Float.POSITIVE_INFINITY;
    assertThat(reductions.sum(x, 0, 1, 600)).isEqualTo(Double.POSITIVE_INFINITY);
    x[3] = Float.NaN;
    assertThat(reductions.sum(x, 0, 1, 600)).isNaN();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 65, 100, 511, 512, 513, 527, 1024, 5000})
  void vectorsGiveTheBitsOfTheDefinition(int n) {
    float[] x = random(n + 20);
    for (int from = 0; from < 20; from += 3) {
      assertThat(vectors.sum(x, from, 1, n)).isEqualTo(reductions.sum(x, from, 1, n));
      assertThat(vectors.sumOfProducts(x, from, x, 1, n)).isEqualTo(reductions.sumOfProducts(x, from, x, 1, n));
      assertThat(vectors.sumOfSquares(x, from, 1, n, 0)).isEqualTo(reductions.sumOfSquares(x, from, 1, n, 0));
      assertThat(vectors.sumOfSquares(x, from, 1, n, 0.7)).isEqualTo(reductions.sumOfSquares(x, from, 1, n, 0.7));
      assertThat(vectors.sum(x, from, 3, n / 3)).isEqualTo(reductions.sum(x, from, 3, n / 3));
      assertThat(vectors.sumOfSquares(x, from, 3, n / 3, 0.7))
          .isEqualTo(reductions.sumOfSquares(x, from, 3, n / 3, 0.7));
      if (n > 0) {
        assertThat(vectors.max(x, from, 1, n)).isEqualTo(reductions.max(x, from, 1, n));
        assertThat(vectors.min(x, from, 1, n)).isEqualTo(reductions.min(x, from, 1, n));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 17, 64, 128})
  void columnsOfVectorsGiveTheBitsOfTheDefinition(int columns) {
    int step = columns + 2;
    float[] x = random(9 * step + 3);
    for (int rows = 0; rows <= 9; rows++) {
      double[] expected = new Random(1).doubles(columns + 4).toArray();
      double[] actual = expected.clone();
      reductions.addRows(x, 3, step, rows, expected, 2, columns);
      vectors.addRows(x, 3, step, rows, actual, 2, columns);
      assertThat(actual).isEqualTo(expected);
    }
  }

  /// A hundred million, in calls of a million.
  @Test
  void equalFloatsAddUp() {
    int n = 1_000_000;
    float[] x = new float[n];
    java.util.Arrays.fill(x, 0.1f);
    for (ReductionKernels kernels : new ReductionKernels[] {reductions, vectors}) {
      double total = 0;
      for (int call = 0; call < 100; call++) {
        total += kernels.sum(x, 0, 1, n);
      }
      assertThat((float) total).isEqualTo(1e7f);
      assertThat(kernels.sum(x, 0, 1, n)).isCloseTo(n * (double) 0.1f, within(1e-9));
      assertThat(kernels.sumOfSquares(x, 0, 1, n, 0)).isCloseTo(n * (double) 0.1f * 0.1f, within(1e-10));
    }
  }

  @Test
  void negativeZerosAddUpAsInTheDefinition() {
    float[] zeros = new float[40];
    java.util.Arrays.fill(zeros, -0f);
    for (int n = 0; n <= 40; n++) {
      assertThat(Double.doubleToRawLongBits(vectors.sum(zeros, 0, 1, n)))
          .isEqualTo(Double.doubleToRawLongBits(reductions.sum(zeros, 0, 1, n)));
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
      java.util.Arrays.fill(x, 0f);
      x[at] = -0f;
      assertThat(Float.floatToRawIntBits(vectors.min(x, 0, 1, n))).isEqualTo(Integer.MIN_VALUE);
      java.util.Arrays.fill(x, Float.POSITIVE_INFINITY);
      x[at] = Float.intBitsToFloat(at % 2 == 0 ? 0xFFC00001 : 0x7FC00000);   // of either sign
      assertThat(vectors.max(x, 0, 1, n)).isNaN();
      assertThat(vectors.min(x, 0, 1, n)).isNaN();
    }
  }
}
