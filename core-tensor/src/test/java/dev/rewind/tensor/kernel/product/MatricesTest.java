package dev.rewind.tensor.kernel.product;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Products of any strides, small ones and ones shared out over threads and blocked along k, against the chain of
/// [Math#fma] that defines every element.
class MatricesTest {
  private static final int[][] SIZES = {
      {0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {1, 1, 1}, {2, 3, 5}, {1, 40, 61}, {4, 19, 23}, {5, 31, 8}, {9, 1, 12},
      {1, 700, 1100}, {3, 900, 300}, {70, 1100, 40}, {300, 70, 130}, {33, 2100, 20}, {20, 600, 200}, {250, 1100, 30}};

  /// How an operand lies in memory.
  enum Lie { STRAIGHT, TRANSPOSED, SPREAD }

  record Case(int m, int k, int n, Lie a, Lie b, boolean accumulate) {
    int rowStride(Lie lie, int rows, int columns) {
      return lie == Lie.TRANSPOSED ? 1 : lie == Lie.STRAIGHT ? columns : 2 * columns + 1;
    }

    int columnStride(Lie lie, int rows) {
      return lie == Lie.TRANSPOSED ? rows : lie == Lie.STRAIGHT ? 1 : 2;
    }
  }

  static Stream<Case> cases() {
    return Arrays.stream(SIZES).flatMap(s -> Arrays.stream(Lie.values()).flatMap(a -> Arrays.stream(Lie.values())
        .map(b -> new Case(s[0], s[1], s[2], a, b, (a.ordinal() + b.ordinal()) % 2 == 1))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void floatsOfBothProviders(Case x) {
    int ars = x.rowStride(x.a, x.m, x.k);
    int acs = x.columnStride(x.a, x.m);
    int brs = x.rowStride(x.b, x.k, x.n);
    int bcs = x.columnStride(x.b, x.k);
    int crs = x.n + 2;
    float[] a = floats(4 + 2 * (x.m + 1) * (x.k + 1));
    float[] b = floats(5 + 2 * (x.k + 1) * (x.n + 1));
    float[] before = floats(3 + x.m * crs);
    float[] expected = before.clone();
    for (int i = 0; i < x.m; i++) {
      for (int j = 0; j < x.n; j++) {
        float sum = x.accumulate ? before[3 + i * crs + j] : 0;
        for (int p = 0; p < x.k; p++) {
          sum = Math.fma(a[2 + i * ars + p * acs], b[1 + p * brs + j * bcs], sum);
        }
        expected[3 + i * crs + j] = sum;
      }
    }
    for (MatrixKernels kernels : new MatrixKernels[] {new MatrixKernels(), new VectorMatrixKernels()}) {
      float[] c = before.clone();
      FloatMatrices.multiply(kernels, x.m, x.n, x.k, a, 2, ars, acs, b, 1, brs, bcs, c, 3, crs, x.accumulate);
      assertThat(MatrixKernelsTest.bits(c)).isEqualTo(MatrixKernelsTest.bits(expected));
      c = before.clone();
      PackedPanels packed = kernels.pack(b, 1, brs, bcs, x.k, x.n);
      FloatMatrices.multiply(kernels, x.m, a, 2, ars, acs, packed, c, 3, crs, x.accumulate);
      assertThat(MatrixKernelsTest.bits(c)).isEqualTo(MatrixKernelsTest.bits(expected));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void doubles(Case x) {
    int ars = x.rowStride(x.a, x.m, x.k);
    int acs = x.columnStride(x.a, x.m);
    int brs = x.rowStride(x.b, x.k, x.n);
    int bcs = x.columnStride(x.b, x.k);
    int crs = x.n + 2;
    double[] a = doubles(4 + 2 * (x.m + 1) * (x.k + 1));
    double[] b = doubles(5 + 2 * (x.k + 1) * (x.n + 1));
    double[] c = doubles(3 + x.m * crs);
    double[] expected = c.clone();
    for (int i = 0; i < x.m; i++) {
      for (int j = 0; j < x.n; j++) {
        double sum = x.accumulate ? c[3 + i * crs + j] : 0;
        for (int p = 0; p < x.k; p++) {
          sum = Math.fma(a[2 + i * ars + p * acs], b[1 + p * brs + j * bcs], sum);
        }
        expected[3 + i * crs + j] = sum;
      }
    }
    DoubleMatrices.multiply(x.m, x.n, x.k, a, 2, ars, acs, b, 1, brs, bcs, c, 3, crs, x.accumulate);
    assertThat(bits(c)).isEqualTo(bits(expected));
  }

  private static long[] bits(double[] x) {
    return LongStream.range(0, x.length).map(i -> Double.doubleToLongBits(x[(int) i])).toArray();
  }

  private static float[] floats(int n) {
    Random random = new Random(n);
    float[] x = new float[n];
    IntStream.range(0, n).forEach(i -> x[i] = (float) random.nextGaussian());
    return x;
  }

  private static double[] doubles(int n) {
    Random random = new Random(n);
    return random.doubles(n, -1, 1).toArray();
  }
}
