package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows of floats have kernels of their own: they give the bits of the same computation by operations on whole tensors.
class SoftmaxTest {
  private final int threads = Threads.count();

  @AfterEach
  void restoreThreads() {
    Threads.resize(threads);
  }

  private static Tensor normal(int... sizes) {
    return Tensor.normal(Rng.of(3), DType.FLOAT32, 0, 4, sizes);
  }

  private static void assertComposed(Tensor x) {
    Tensor shifted = x.minus(x.maxKeepDims(-1));
    Tensor exponentials = shifted.exp();
    Tensor softmax = exponentials.divide(exponentials.sumKeepDims(-1));
    assertThat(x.softmax(-1)).isEqualTo(softmax);
    // than the largest, which is 1
    Tensor others = exponentials.to(DType.FLOAT64).sumKeepDims(-1).minus(1).to(DType.FLOAT32);
    Tensor logSoftmax = shifted.minus(others.log1p());
    assertThat(x.logSoftmax(-1)).isEqualTo(logSoftmax);
    assertThat(x.logSumExp(-1)).isEqualTo(others.log1p().plus(x.maxKeepDims(-1)).squeeze(-1));
    Tensor g = x.flip(-1).times(0.25);
    assertThat(RawAccess.softmaxBackward(g, softmax, -1))
        .isEqualTo(g.minus(g.times(softmax).sumKeepDims(-1)).times(softmax));
    assertThat(RawAccess.logSoftmaxBackward(g, logSoftmax, -1))
        .isEqualTo(g.minus(logSoftmax.exp().times(g.sumKeepDims(-1))));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 65, 512, 513, 1300})
  void rowsGiveTheBitsOfTheComposition(int n) {
    assertComposed(normal(3, n));
    assertComposed(normal(n, 3).transpose());
    assertComposed(normal(2, 3, 2 * n).slice(2, 0, 2 * n, 2).transpose(0, 1));
    assertComposed(normal(1, n).expand(4, n).flip(1));
  }

  @Test
  void otherAxesGiveTheBitsOfRows() {
    Tensor x = normal(5, 130, 7);
    Tensor rows = x.transpose(1, 2).contiguous();
    assertThat(x.softmax(1)).isEqualTo(rows.softmax(-1).transpose(1, 2));
    assertThat(x.logSoftmax(1)).isEqualTo(rows.logSoftmax(-1).transpose(1, 2));
    assertThat(x.logSumExp(1)).isEqualTo(rows.logSumExp(-1));
    assertThat(RawAccess.softmaxBackward(x, x.flip(1), 1))
        .isEqualTo(RawAccess.softmaxBackward(rows, rows.flip(2), 2).transpose(1, 2));
    assertThat(RawAccess.logSoftmaxBackward(x, x.flip(1), 1))
        .isEqualTo(RawAccess.logSoftmaxBackward(rows, rows.flip(2), 2).transpose(1, 2));
    assertThat(x.logSumExp(2, 0)).isEqualTo(x.permute(1, 0, 2).reshape(130, 35).logSumExp(1));
  }

  /// More columns than are worked on together, rows that fill no block, and both dtypes.
  @Test
  void logSumExpOfColumnsGivesTheBitsOfRows() {
    for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
      for (int n : new int[] {1, 2, 15, 17, 530}) {
        float[] values = normal(n, 300).toFloats();
        for (int row = 0; row < n; row++) {
          values[row * 300 + 3] = Float.NEGATIVE_INFINITY;
        }
        values[131] = Float.POSITIVE_INFINITY;
        values[(n - 1) * 300 + 7] = Float.NaN;
        Tensor x = Tensor.of(values, n, 300).to(dtype);
        assertThat(x.logSumExp(0)).as("%d of %s", n, dtype).isEqualTo(x.transpose().contiguous().logSumExp(1));
        assertThat(x.logSumExp(0).at(3)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(x.logSumExp(0).at(131)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(x.logSumExp(0).at(7)).isNaN();
      }
    }
  }

  @Test
  void bitsDoNotDependOnTheNumberOfThreads() {
    Tensor x = normal(700, 130);
    Tensor g = normal(700, 130).flip(0);
    Threads.resize(1);
    Tensor softmax = x.softmax(1);
    Tensor logarithm = x.logSoftmax(1);
    Tensor derivative = RawAccess.softmaxBackward(g, softmax, 1);
    Threads.resize(4);
    assertThat(x.softmax(1)).isEqualTo(softmax);
    assertThat(x.logSoftmax(1)).isEqualTo(logarithm);
    assertThat(RawAccess.softmaxBackward(g, softmax, 1)).isEqualTo(derivative);
  }

  @Test
  void infinitiesAndNotANumberStayInTheirRow() {
    float inf = Float.POSITIVE_INFINITY;
    Tensor x = Tensor.of(new float[][] {
        {0, -inf, 0}, {-inf, -inf, -inf}, {inf, 0, 0}, {Float.NaN, 0, 0}, {3e38f, -3e38f, 0}
    });
    Tensor y = x.softmax(1);
    assertThat(y.select(0, 0)).isEqualTo(Tensor.of(new float[] {0.5f, 0, 0.5f}));
    assertThat(y.select(0, 4)).isEqualTo(Tensor.of(new float[] {1, 0, 0}));
    assertThat(y.slice(0, 1, 4).isNaN().any(1)).isEqualTo(Tensor.of(new boolean[] {true, true, true}));
    assertThat(x.logSumExp(1)).isEqualTo(Tensor.of(new float[] {(float) Math.log(2), -inf, inf, Float.NaN, 3e38f}));
    float half = -(float) Math.log(2);
    assertThat(x.logSoftmax(1).select(0, 0)).isEqualTo(Tensor.of(new float[] {half, -inf, half}));
  }

  /// Beside the largest, small probabilities are not lost: `log(1 + exp(-15))` is 3.059e-7.
  @Test
  void logarithmsNearZeroKeepTheirDigits() {
    for (double margin : new double[] {3, 8, 15, 20}) {
      float expected = (float) Math.log1p(Math.exp(-margin));
      Tensor x = Tensor.of(new float[][] {{0, (float) -margin}});
      for (Tensor found : new Tensor[] {x.logSumExp(1).squeeze(0), x.transpose().contiguous().logSumExp(0).squeeze(0),
          x.logSoftmax(1).select(1, 0).negate().squeeze(0), x.plus(7).logSoftmax(1).select(1, 0).negate().squeeze(0)}) {
        assertThat((float) found.item()).isCloseTo(expected, within(2 * Math.ulp(expected)));
      }
    }
  }

  @Test
  void nothingToReduce() {
    assertThat(Tensor.zeros(DType.FLOAT32, 3, 0).softmax(1).shape()).isEqualTo(Shape.of(3, 0));
    assertThat(
        RawAccess.softmaxBackward(Tensor.zeros(DType.FLOAT32, 3, 0), Tensor.zeros(DType.FLOAT32, 3, 0), 1).shape())
        .isEqualTo(Shape.of(3, 0));
    assertThat(Tensor.zeros(DType.FLOAT32, 0, 3).logSumExp(1).shape()).isEqualTo(Shape.of(0));
    assertThatThrownBy(() -> Tensor.zeros(DType.FLOAT32, 3, 0).logSumExp(1)).isInstanceOf(ShapeException.class)
        .hasMessage("logSumExp: no element along axes [1] of [3, 0]");
  }

  @Test
  void whatDoesNotFitIsNamed() {
    assertThatThrownBy(() -> Tensor.arange(3).softmax(0)).isInstanceOf(DTypeException.class)
        .hasMessage("softmax: wants FLOAT32 or FLOAT64, not INT32");
    assertThatThrownBy(() -> normal(2, 3).logSoftmax(2)).isInstanceOf(ShapeException.class)
        .hasMessage("logSoftmax: no axis 2 in [2, 3]");
    assertThatThrownBy(() -> RawAccess.softmaxBackward(normal(2, 3), normal(3, 2), 1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("softmaxBackward: gradient [2, 3] with value [3, 2]");
    assertThatThrownBy(() -> RawAccess.logSoftmaxBackward(normal(2), Tensor.zeros(DType.FLOAT64, 2), 0))
        .isInstanceOf(DTypeException.class)
        .hasMessage("logSoftmaxBackward: dtypes differ: FLOAT32 with FLOAT64; convert one of them with to(..)");
    assertThatThrownBy(() -> Tensor.scalar(1f).softmax(0)).isInstanceOf(ShapeException.class);
  }
}
