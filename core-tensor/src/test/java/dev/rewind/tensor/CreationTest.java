package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Tensors from nothing, from arrays and from draws; and back to arrays.
class CreationTest {
  @Test
  void constantsHaveTheirShapeAndType() {
    assertThat(Tensor.full(DType.INT32, 7, 2, 0).shape().sizes()).containsExactly(2, 0);
    assertThat(Tensor.full(DType.FLOAT64, 2.5, 2)).isEqualTo(Tensor.of(new double[] {2.5, 2.5}));
    assertThat(Tensor.full(DType.FLOAT32, 1)).isEqualTo(Tensor.scalar(1f));
    assertThat(Tensor.ones(DType.BOOL, Shape.of(2))).isEqualTo(Tensor.of(new boolean[] {true, true}));
    assertThat(Tensor.eye(DType.FLOAT32, 2)).isEqualTo(Tensor.of(new float[][] {{1, 0}, {0, 1}}));
    assertThat(Tensor.arange(0).elements()).isZero();
  }

  @Test
  void rowsGoInAndOut() {
    double[][] rows = {{1, 2, 3}, {4, 5, 6}};
    assertThat(Tensor.of(rows).toDoubleRows()).isDeepEqualTo(rows);
    assertThat(Tensor.of(rows).transpose().toDoubleRows()).isDeepEqualTo(new double[][] {{1, 4}, {2, 5}, {3, 6}});
    assertThat(Tensor.of(new float[][] {{1.5f}}).toFloatRows()).isDeepEqualTo(new float[][] {{1.5f}});
    assertThat(Tensor.of(new int[][] {{1}, {2}}).toIntRows()).isDeepEqualTo(new int[][] {{1}, {2}});
    assertThat(Tensor.zeros(DType.FLOAT32, 0, 3).toFloatRows()).isEmpty();
    assertThat(Tensor.zeros(DType.FLOAT32, 2, 0).toFloatRows()).isDeepEqualTo(new float[2][0]);
  }

  @Test
  void truthValuesAndMatricesGoInAndOut() {
    boolean[][] truths = {{true, false, true}, {false, false, true}};
    assertThat(Tensor.of(truths)).isEqualTo(Tensor.of(new boolean[] {true, false, true, false, false, true}, 2, 3));
    assertThat(Tensor.of(truths).toBooleanRows()).isDeepEqualTo(truths);
    float[][][] floats = {{{1, 2, 3}, {4, 5, 6}}};
    double[][][] doubles = {{{1, 2, 3}}, {{4, 5, 6}}};
    int[][][] ints = {{{1}, {2}, {3}}, {{4}, {5}, {6}}};
    boolean[][][] masks = {truths, {{true, true, true}, {false, true, false}}};
    assertThat(Tensor.of(floats)).isEqualTo(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 2, 3));
    assertThat(Tensor.of(ints)).isEqualTo(Tensor.arange(6).plus(1).reshape(2, 3, 1));
    assertThat(Tensor.of(masks).shape()).isEqualTo(Shape.of(2, 2, 3));
    assertThat(Arrays.deepEquals(Tensor.of(floats).toFloatMatrices(), floats)).isTrue();
    assertThat(Arrays.deepEquals(Tensor.of(doubles).toDoubleMatrices(), doubles)).isTrue();
    assertThat(Arrays.deepEquals(Tensor.of(floats).transpose(0, 1).toDoubleMatrices(), doubles)).isTrue();
    assertThat(Arrays.deepEquals(Tensor.of(ints).toIntMatrices(), ints)).isTrue();
    assertThat(Arrays.deepEquals(Tensor.of(masks).toBooleanMatrices(), masks)).isTrue();
    assertThat(Tensor.of(new int[0][][]).shape()).isEqualTo(Shape.of(0, 0, 0));
    assertThat(Tensor.of(new double[2][0][]).shape()).isEqualTo(Shape.of(2, 0, 0));
    floats[0][0][0] = 7;
    assertThat(Tensor.of(floats).at(0, 0, 0)).isEqualTo(7);
  }

  @Test
  void matricesAreEquallyLarge() {
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Tensor.of(new float[][][] {{{1, 2}}, {{1}, {2}}}))
        .withMessage("of: matrix 1 is [2, 1], matrix 0 is [1, 2]");
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Tensor.of(new int[][][] {{{1, 2}, {3}}}))
        .withMessage("of: row 1 has 1 values, row 0 has 2");
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Tensor.of(new boolean[][] {{true}, {}}));
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Tensor.arange(6).reshape(2, 3).toIntMatrices())
        .withMessage("toIntMatrices: wants three axes, not [2, 3]");
    assertThatExceptionOfType(DTypeException.class)
        .isThrownBy(() -> Tensor.ones(DType.BOOL, 1, 1, 1).toFloatMatrices());
  }

  @Test
  void onlyMatricesHaveRows() {
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Tensor.arange(3).toIntRows())
        .withMessage("toIntRows: wants a matrix, not [3]");
    assertThatExceptionOfType(DTypeException.class)
        .isThrownBy(() -> Tensor.zeros(DType.FLOAT32, 1, 1).toIntRows()).withMessageContaining("FLOAT32");
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Tensor.of(new float[][] {{1}, {2, 3}}));
  }

  @Test
  void integersAreBelowTheirBoundAndAllOccur() {
    int[] draws = Tensor.integers(Rng.of(1), 5, 20, 10).toInts();
    assertThat(Arrays.stream(draws).distinct().sorted().toArray()).containsExactly(0, 1, 2, 3, 4);
    assertThat(Tensor.integers(Rng.of(1), 5, 20, 10).toInts()).isEqualTo(draws);
    assertThatIllegalArgumentException().isThrownBy(() -> Tensor.integers(Rng.of(1), 0, 2));
  }

  @Test
  void categoriesAreDrawnInProportionToTheirWeights() {
    Tensor weights = Tensor.of(new double[][] {{0, 1, 0}, {1, 0, 3}}).unsqueeze(0).expand(1000, 2, 3);
    Tensor draws = Tensor.categorical(Rng.of(2), weights);
    assertThat(draws.shape().sizes()).containsExactly(1000, 2);
    assertThat(draws.select(1, 0)).isEqualTo(Tensor.full(DType.INT32, 1, 1000));
    assertThat(draws.select(1, 1).equalTo(1).any().item()).isZero();
    assertThat(draws.select(1, 1).equalTo(2).to(DType.INT32).sum().item()).isBetween(700.0, 800.0); // 750 +- 3.6 sigma
  }

  @Test
  void permutationsHaveEveryNumberOnce() {
    int[] drawn = Tensor.permutation(Rng.of(3), 100).toInts();
    assertThat(drawn).isNotEqualTo(Tensor.arange(100).toInts());
    Arrays.sort(drawn);
    assertThat(drawn).isEqualTo(Tensor.arange(100).toInts());
  }
}
