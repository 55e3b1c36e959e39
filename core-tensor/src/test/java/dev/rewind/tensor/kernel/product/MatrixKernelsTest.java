package dev.rewind.tensor.kernel.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Both providers against the chain of [Math#fma] that defines every element, to the bit.
class MatrixKernelsTest {
  private static final int[][] SIZES = {
      {0, 3, 4}, {3, 0, 4}, {3, 4, 0}, {0, 0, 0}, {1, 1, 1}, {2, 3, 5}, {1, 9, 17}, {4, 8, 31}, {5, 193, 16},
      {7, 20, 33}, {13, 5, 64}, {50, 21, 65}, {11, 200, 97}, {121, 7, 50}, {6, 400, 15}, {3, 17, 300}, {243, 11, 129}};

  enum Provider {
    SCALAR(new MatrixKernels()), VECTOR(new VectorMatrixKernels());

    private final MatrixKernels kernels;

    Provider(MatrixKernels kernels) {
      this.kernels = kernels;
    }
  }

  @ParameterizedTest
  @EnumSource
  void packedProductsAreChainsOfFma(Provider provider) {
    for (int[] size : SIZES) {
      for (boolean accumulate : new boolean[] {false, true}) {
        Case x = new Case(size[0], size[1], size[2], accumulate);
        PackedPanels b = provider.kernels.pack(x.b, x.bo, x.brs, 1, x.k, x.n);
        provider.kernels.multiply(x.a, x.ao, x.ars, b, 0, b.panels(), x.c, x.co, x.crs, x.m, accumulate);
        x.check();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyNumberOfColumnsAndRowsHasItsTiles(Provider provider) {
    for (int n = 1; n <= 150; n++) {
      Case x = new Case(1 + n % 14, 3, n, true);
      PackedPanels b = provider.kernels.pack(x.b, x.bo, x.brs, 1, x.k, x.n);
      provider.kernels.multiply(x.a, x.ao, x.ars, b, 0, b.panels(), x.c, x.co, x.crs, x.m, true);
      x.check();
    }
  }

  @ParameterizedTest
  @EnumSource
  void thinProductsAreTheSameChains(Provider provider) {
    for (int[] size : SIZES) {
      Case x = new Case(size[0], size[1], size[2], size[1] % 2 == 0);
      provider.kernels.multiplyThin(x.m, x.n, x.k, x.a, x.ao, x.ars, 1, x.b, x.bo, x.brs, x.c, x.co, x.crs,
          x.accumulate);
      x.check();
    }
  }

  @ParameterizedTest
  @EnumSource
  void panelsWriteTheirOwnColumnsOnly(Provider provider) {
    Case x = new Case(9, 6, 300, false);
    float[] before = x.c.clone();
    PackedPanels b = provider.kernels.pack(x.b, x.bo, x.brs, 1, x.k, x.n);
    assertThat(b.panels()).isGreaterThan(2);
    provider.kernels.multiply(x.a, x.ao, x.ars, b, 1, 2, x.c, x.co, x.crs, x.m, false);
    float[] expected = before.clone();
    for (int i = 0; i < x.m; i++) {
      int row = x.co + i * x.crs;
      System.arraycopy(x.expected, row + b.firstColumn(1), expected, row + b.firstColumn(1),
          b.firstColumn(2) - b.firstColumn(1));
    }
    assertThat(bits(x.c)).isEqualTo(bits(expected));
  }

  @ParameterizedTest
  @EnumSource
  void aTransposedMatrixIsPackedBySwappedStrides(Provider provider) {
    for (int n : new int[] {1, 8, 15, 16, 17, 50, 97, 130}) {
      Case x = new Case(5, n % 2 == 0 ? 70 : 139, n, false);
      float[] transposed = new float[x.n * x.k + 3];
      for (int p = 0; p < x.k; p++) {
        for (int j = 0; j < n; j++) {
          transposed[3 + j * x.k + p] = x.b[x.bo + p * x.brs + j];
        }
      }
      PackedPanels b = provider.kernels.pack(transposed, 3, 1, x.k, x.k, n);
      provider.kernels.multiply(x.a, x.ao, x.ars, b, 0, b.panels(), x.c, x.co, x.crs, x.m, false);
      x.check();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMatrixIsTransposedWithinItsBounds(Provider provider) {
    for (int[] size : new int[][] {{1, 1}, {8, 8}, {7, 9}, {64, 16}, {65, 8}, {139, 43}, {0, 5}, {5, 0}}) {
      int m = size[0];
      int n = size[1];
      int xcs = m + 2;
      int yrs = n + 3;
      float[] x = Case.random(new Random(m + n), 4 + n * xcs);
      float[] y = new float[2 + m * yrs];
      float[] expected = y.clone();
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          expected[2 + i * yrs + j] = x[4 + i + j * xcs];
        }
      }
      provider.kernels.transpose(m, n, x, 4, xcs, y, 2, yrs);
      assertThat(bits(y)).as("[%d, %d]", m, n).isEqualTo(bits(expected));
    }
  }

  @ParameterizedTest
  @EnumSource
  void packingAgainReplacesAllOfTheMatrix(Provider provider) {
    Case x = new Case(5, 12, 100, false);
    PackedPanels b = provider.kernels.pack(new float[1200], 0, 100, 1, 12, 100);
    provider.kernels.repack(b, x.b, x.bo, x.brs, 1);
    provider.kernels.multiply(x.a, x.ao, x.ars, b, 0, b.panels(), x.c, x.co, x.crs, x.m, false);
    x.check();
  }

  @ParameterizedTest
  @EnumSource
  void rowsCanBePackedInParts(Provider provider) {
    Case x = new Case(5, 70, 97, false);
    for (int stride : new int[] {1, 3}) {
      float[] spread = new float[x.b.length * stride];
      for (int i = 0; i < x.b.length; i++) {
        spread[i * stride] = x.b[i];
      }
      PackedPanels b = provider.kernels.allocate(x.k, x.n);
      for (int[] part : new int[][] {{33, 70}, {0, 1}, {1, 33}, {33, 33}}) {
        provider.kernels.repack(b, part[0], part[1], spread, x.bo * stride, x.brs * stride, stride);
      }
      provider.kernels.multiply(x.a, x.ao, x.ars, b, 0, b.panels(), x.c, x.co, x.crs, x.m, false);
      x.check();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aZeroDoesNotHideNaNOrInfinity(Provider provider) {
    float[] b = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1};
    PackedPanels packed = provider.kernels.pack(b, 0, 4, 1, 1, 4);
    float[] c = new float[8];
    provider.kernels.multiply(new float[] {0, 2}, 0, 1, packed, 0, packed.panels(), c, 0, 4, 2, false);
    assertThat(c).containsExactly(Float.NaN, Float.NaN, Float.NaN, 0,
        Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 2);
  }

  @ParameterizedTest
  @EnumSource
  void sizesThatCannotBePackedAreRejected(Provider provider) {
    assertThatThrownBy(() -> provider.kernels.allocate(-1, 3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pack: negative number of rows: -1");
    assertThatThrownBy(() -> provider.kernels.allocate(3, -1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pack: negative number of columns: -1");
    assertThatThrownBy(() -> provider.kernels.allocate(1 << 16, 1 << 16)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pack: [65536, 65536] is too large to be packed into one array");
  }

  @Test
  void fewerRowsShareTheMemoryOfMore() {
    MatrixKernels kernels = new VectorMatrixKernels();
    PackedPanels tall = kernels.allocate(9, 70);
    PackedPanels low = tall.ofRows(4);
    assertThat(low.data()).isSameAs(tall.data());
    assertThat(low.k()).isEqualTo(4);
    assertThat(low.n()).isEqualTo(70);
    assertThatThrownBy(() -> tall.ofRows(10)).hasMessage("ofRows: there is room for 9 rows, not 10");
  }

  static int[] bits(float[] x) {
    return IntStream.range(0, x.length).map(i -> Float.floatToIntBits(x[i])).toArray();
  }

  /// Random operands with offsets and gaps between rows; what C holds around the product must survive.
  private static final class Case {
    final int m;
    final int k;
    final int n;
    final boolean accumulate;
    final int ao = 2;
    final int bo = 5;
    final int co = 3;
    final int ars;
    final int brs;
    final int crs;
    final float[] a;
    final float[] b;
    final float[] c;
    final float[] expected;

    Case(int m, int k, int n, boolean accumulate) {
      this.m = m;
      this.k = k;
      this.n = n;
      this.accumulate = accumulate;
      ars = k + 1;
      brs = n + 2;
      crs = n + 3;
      Random random = new Random(m * 31L + k * 7L + n);
      a = random(random, ao + m * ars);
      b = random(random, bo + k * brs);
      c = random(random, co + m * crs);
      expected = c.clone();
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          float sum = accumulate ? c[co + i * crs + j] : 0;
          for (int p = 0; p < k; p++) {
            sum = Math.fma(a[ao + i * ars + p], b[bo + p * brs + j], sum);
          }
          expected[co + i * crs + j] = sum;
        }
      }
    }

    void check() {
      assertThat(bits(c)).as("[%d, %d] by [%d, %d], accumulate %s", m, k, k, n, accumulate).isEqualTo(bits(expected));
    }

    private static float[] random(Random random, int n) {
      float[] x = new float[n];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) random.nextGaussian();
      }
      return x;
    }
  }
}
