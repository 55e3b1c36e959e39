package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductsTest {
  private static Tensor normal(DType dtype, int... sizes) {
    return Tensor.normal(Rng.of(sizes.length).split(sizes[0]), dtype, 0, 1, sizes);
  }

  private static RealMatrix matrix(Tensor t) {
    double[][] rows = new double[t.size(0)][t.size(1)];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = t.select(0, i).toDoubles();
    }
    return new Array2DRowRealMatrix(rows);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 7, 33", "2, 3, 5", "5, 64, 48", "50, 128, 65", "33, 300, 17", "130, 40, 200"})
  void agreesWithAnotherImplementationInEveryOrientation(int m, int k, int n) {
    for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
      Tensor a = normal(dtype, m, k);
      Tensor b = normal(dtype, k, n);
      double tolerance = (dtype == DType.FLOAT32 ? 2e-6 : 1e-14) * k;
      Tensor product = a.matmul(b);
      RealMatrix expected = matrix(a).multiply(matrix(b));
      assertThat(matrix(product).subtract(expected).getNorm()).isLessThan(tolerance * m);
      Tensor at = a.transpose().copy().transpose();
      Tensor bt = b.transpose().copy().transpose();
      assertThat(at.matmul(b)).isEqualTo(product);
      assertThat(a.matmul(bt)).isEqualTo(product);
      assertThat(at.matmul(bt)).isEqualTo(product);
      assertThat(a.flip(0).matmul(b).flip(0)).isEqualTo(product);
      assertThat(a.slice(0, m - 1, m).matmul(b)).isEqualTo(product.slice(0, m - 1, m)); // whatever the other rows
    }
  }

  @Test
  void leadingAxesBroadcastAndVectorsLoseTheirs() {
    Tensor a = normal(DType.FLOAT32, 5, 1, 2, 3);
    Tensor b = normal(DType.FLOAT32, 4, 3, 6);
    Tensor product = a.matmul(b);
    assertThat(product.shape()).isEqualTo(Shape.of(5, 4, 2, 6));
    Tensor one = a.select(0, 3).select(0, 0).matmul(b.select(0, 2));
    assertThat(product.select(0, 3).select(0, 2)).isEqualTo(one);
    Tensor v = normal(DType.FLOAT32, 3);
    assertThat(v.matmul(b).shape()).isEqualTo(Shape.of(4, 6));
    assertThat(a.matmul(v).shape()).isEqualTo(Shape.of(5, 1, 2));
    assertThat(v.matmul(v)).isEqualTo(v.dot(v));
    assertThat(v.outer(v).at(0, 2)).isEqualTo((float) (v.at(0) * v.at(2)));
    assertThat(normal(DType.FLOAT32, 4, 5, 3).matmul(b.select(0, 0)).shape()).isEqualTo(Shape.of(4, 5, 6));
  }

  @Test
  void emptyProductsAreZeros() {
    assertThat(Tensor.zeros(DType.FLOAT32, 2, 0).matmul(Tensor.zeros(DType.FLOAT32, 0, 3)))
        .isEqualTo(Tensor.zeros(DType.FLOAT32, 2, 3));
    assertThat(Tensor.zeros(DType.FLOAT64, 0, 4).matmul(normal(DType.FLOAT64, 4, 3)).shape()).isEqualTo(Shape.of(0, 3));
  }

  @Test
  void notANumberAndInfinityAreNotSkippedByZeros() {
    Tensor a = Tensor.of(new float[][] {{0, 1}, {0, 0}});
    Tensor b = Tensor.of(new float[][] {{Float.NaN, Float.POSITIVE_INFINITY}, {2, 3}});
    Tensor product = a.matmul(b);
    assertThat(product.isNaN().all().item()).isEqualTo(1);
  }

  @Test
  void sizesThatDoNotFitAreNamed() {
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> normal(DType.FLOAT32, 32, 100).matmul(normal(DType.FLOAT32, 128, 65)))
        .withMessage("matmul: inner sizes differ: [32, 100] by [128, 65]");
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> normal(DType.FLOAT32, 2, 3, 4).matmul(normal(DType.FLOAT32, 5, 4, 3)));
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> Tensor.arange(2).matmul(Tensor.arange(2)));
    assertThatExceptionOfType(DTypeException.class)
        .isThrownBy(() -> normal(DType.FLOAT32, 2, 2).matmul(normal(DType.FLOAT64, 2, 2)));
  }

  @Test
  void bitsDoNotDependOnTheNumberOfThreads() {
    int before = Threads.count();
    Tensor a = normal(DType.FLOAT32, 301, 203);
    Tensor b = normal(DType.FLOAT32, 203, 177);
    try {
      Threads.resize(1);
      Tensor one = a.matmul(b);
      Threads.resize(3);
      assertThat(a.matmul(b)).isEqualTo(one);
    } finally {
      Threads.resize(before);
    }
  }
}
