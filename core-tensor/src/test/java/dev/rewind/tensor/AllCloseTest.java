package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AllCloseTest {
  private static final double NAN = Double.NaN;
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  @Test
  void toleranceIsAbsolutePlusRelativeToTheSecond() {
    Tensor a = Tensor.of(new double[] {100});
    Tensor b = Tensor.of(new double[] {128});
    assertThat(a.allClose(b, 0, 28)).isTrue();
    assertThat(a.allClose(b, 0, 27.99)).isFalse();
    assertThat(a.allClose(b, 0.25, 0)).isTrue();
    assertThat(b.allClose(a, 0.25, 0)).isFalse();
    assertThat(b.allClose(a, 0.25, 3)).isTrue();
  }

  @Test
  void theWorstElementIsTheOneFarthestBeyondItsTolerance() {
    Tensor a = Tensor.of(new float[][] {{1000, 2, 3}, {4, 5.5f, 6}});
    Tensor b = Tensor.of(new float[][] {{1001, 2, 3}, {4, 5, 6.25f}});
    assertThat(a.describeDifference(b, 0.01, 0)).isEqualTo(
        "2 of 6 elements differ; worst at [1, 1]: 5.5 against 5.0, difference 0.5, tolerance 0.05");
    assertThat(a.describeDifference(b, 0, 0)).isEqualTo(
        "3 of 6 elements differ; worst at [0, 0]: 1000.0 against 1001.0, difference 1.0, tolerance 0.0");
    assertThat(a.describeDifference(b, 0, 2)).isEqualTo("no difference beyond the tolerance in 6 elements; "
        + "worst at [0, 0]: 1000.0 against 1001.0, difference 1.0, tolerance 2.0");
    assertThat(a.describeDifference(a.copy(), 0, 0)).isEqualTo("no difference in 6 elements");
  }

  @Test
  void indicesAreThoseOfTheView() {
    Tensor a = Tensor.arange(6).reshape(2, 3).transpose();
    Tensor b = a.copy();
    b.select(0, 2).select(0, 1).fill(-7);
    assertThat(a.describeDifference(b, 0, 0)).isEqualTo(
        "1 of 6 elements differ; worst at [2, 1]: 5 against -7, difference 12.0, tolerance 0.0");
  }

  @Test
  void nanAgreesWithNanAlone() {
    assertThat(close(NAN, NAN)).isTrue();
    assertThat(close(NAN, 1)).isFalse();
    assertThat(close(1, NAN)).isFalse();
    assertThat(close(INFINITY, NAN)).isFalse();
  }

  @Test
  void anInfinityAgreesWithItselfAlone() {
    assertThat(close(INFINITY, INFINITY)).isTrue();
    assertThat(close(INFINITY, -INFINITY)).isFalse();
    assertThat(close(1, INFINITY)).isFalse();
    assertThat(close(INFINITY, 1)).isFalse();
    assertThat(Tensor.of(new float[] {1, Float.NaN, 2}).describeDifference(Tensor.of(new float[] {1, 2, 9}), 0, 0))
        .isEqualTo("2 of 3 elements differ; worst at [1]: NaN against 2.0, difference Infinity, tolerance 0.0");
  }

  @Test
  void zerosOfBothSignsAreClose() {
    assertThat(Tensor.of(new double[] {0.0}).allClose(Tensor.of(new double[] {-0.0}), 0, 0)).isTrue();
  }

  @Test
  void scalarsTruthValuesAndIntegersAreCompared() {
    assertThat(Tensor.scalar(1.5).describeDifference(Tensor.scalar(2.0), 0, 0.125))
        .isEqualTo("1 of 1 element differ; worst at []: 1.5 against 2.0, difference 0.5, tolerance 0.125");
    Tensor truth = Tensor.of(new boolean[] {true, false});
    assertThat(truth.describeDifference(truth.not(), 0, 0))
        .isEqualTo("2 of 2 elements differ; worst at [0]: true against false, difference 1.0, tolerance 0.0");
    Tensor low = Tensor.scalar(Integer.MIN_VALUE);
    assertThat(low.describeDifference(Tensor.scalar(Integer.MAX_VALUE), 0, 0)).contains("difference 4.295E9");
  }

  @Test
  void otherShapesAndDtypesAreSaidNotThrown() {
    Tensor x = Tensor.zeros(DType.FLOAT32, 2, 3);
    assertThat(x.allClose(Tensor.zeros(DType.FLOAT32, 3, 2), 1, 1)).isFalse();
    assertThat(x.describeDifference(Tensor.zeros(DType.FLOAT32, 6), 1, 1))
        .isEqualTo("shapes differ: [2, 3] against [6]");
    assertThat(x.allClose(Tensor.zeros(DType.FLOAT64, 2, 3), 1, 1)).isFalse();
    assertThat(x.describeDifference(Tensor.zeros(DType.INT32, 2, 3), 1, 1))
        .isEqualTo("dtypes differ: FLOAT32 against INT32");
  }

  @Test
  void nothingIsCloseToNothing() {
    Tensor none = Tensor.zeros(DType.FLOAT32, 0, 3);
    assertThat(none.allClose(none.copy(), 0, 0)).isTrue();
    assertThat(none.describeDifference(none.copy(), 0, 0)).isEqualTo("no difference in 0 elements");
  }

  private static boolean close(double a, double b) {
    return Tensor.of(new double[] {a}).allClose(Tensor.of(new double[] {b}), 0.5, 1e9);
  }
}
