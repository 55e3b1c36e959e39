package dev.rewind.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.stat.correlation.Covariance;
import org.junit.jupiter.api.Test;

/// Principal components, histograms, predictions.
class NumbersTest {
  @Test
  void principalComponentsAreTheEigenvectorsOfTheCovariance() {
    Tensor rows = Tensor.normal(Rng.of(1), DType.FLOAT64, 3, 1, 40, 7);
    PrincipalComponents found = PrincipalComponents.of(rows, 3);
    EigenDecomposition wanted = new EigenDecomposition(
        new Covariance(new Array2DRowRealMatrix(rows.toDoubleRows())).getCovarianceMatrix());
    double all = Arrays.stream(wanted.getRealEigenvalues()).sum();
    double[][] points = found.points().toDoubleRows();
    Tensor centred = rows.minus(rows.meanKeepDims(0));
    for (int k = 0; k < 3; k++) {
      assertThat(found.shares().get(k)).isCloseTo(wanted.getRealEigenvalue(k) / all, within(1e-9));
      double[] direction = wanted.getEigenvector(k).toArray();
      double[] along = centred.matmul(Tensor.of(direction, 7, 1)).toDoubles();
      double sign = Math.signum(along[0] * points[0][k]);
      for (int i = 0; i < 40; i++) {
        assertThat(points[i][k]).isCloseTo(sign * along[i], within(1e-6));
      }
    }
  }

  @Test
  void principalComponentsOfPointsThatDoNotDifferAreZero() {
    PrincipalComponents same = PrincipalComponents.of(Tensor.full(DType.FLOAT32, 2.5, 4, 3), 2);
    assertThat(same.points()).isEqualTo(Tensor.zeros(DType.FLOAT64, 4, 2));
    assertThat(same.shares()).containsExactly(0., 0.);
    PrincipalComponents line = PrincipalComponents.of(Tensor.of(new float[][] {{-1, 0}, {3, 0}}), 2);
    assertThat(line.points().toDoubleRows()).isDeepEqualTo(new double[][] {{-2, 0}, {2, 0}});
    assertThat(line.shares()).containsExactly(1., 0.);
    assertThatThrownBy(() -> PrincipalComponents.of(Tensor.zeros(DType.FLOAT32, 4, 3), 4))
        .hasMessageContaining("there can be 1 to 3 components, not 4");
    assertThatThrownBy(() -> PrincipalComponents.of(Tensor.zeros(DType.FLOAT32, 4), 1))
        .isInstanceOf(ShapeException.class);
  }

  @Test
  void aHistogramCountsEveryFiniteNumberOnce() {
    Histogram found = Histogram.of(Tensor.of(new float[] {0, 1, 2, 3, 4, 4, Float.NaN, Float.POSITIVE_INFINITY}), 4);
    assertThat(found).isEqualTo(new Histogram(0, 4, List.of(1, 1, 1, 3)));
    Histogram most = Histogram.of(Tensor.concat(0, List.of(Tensor.arange(399), Tensor.of(new int[] {100_000}))), 4);
    assertThat(most).isEqualTo(new Histogram(2, 397, List.of(101, 99, 99, 101)));
    assertThat(Histogram.of(Tensor.of(new int[] {7, 7}), 3)).isEqualTo(new Histogram(7, 7, List.of(2, 0, 0)));
    assertThat(Histogram.of(Tensor.zeros(DType.FLOAT32, 0), 2)).isEqualTo(new Histogram(0, 0, List.of(0, 0)));
    assertThatThrownBy(() -> Histogram.of(Tensor.scalar(1f), 0)).hasMessageContaining("at least 1 bin");
  }

  @Test
  void predictionsAreTheSoftmaxOfTheLogits() {
    int[] ids = new int[300];
    for (int t = 0; t < ids.length; t++) {
      ids[t] = t % 5;
    }
    Tensor outputs = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 300, 4);
    Tensor weight = Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 2, 4, 5);
    Predictions found = Predictions.of(outputs, h -> h.matmul(weight), ids, 3);
    double[][] wanted = outputs.matmul(weight).to(DType.FLOAT64).softmax(1).toDoubleRows();
    assertThat(found.bits().at(0)).isNaN();
    for (int t = 0; t < 300; t++) {
      double before = 1;
      for (int k = 0; k < 3; k++) {
        double p = found.probabilities().at(t, k);
        assertThat(p).isCloseTo(wanted[t][(int) found.symbols().at(t, k)], within(1e-12)).isLessThanOrEqualTo(before);
        before = p;
      }
      if (t > 0) {
        assertThat(found.bits().at(t)).isCloseTo(-Math.log(wanted[t - 1][ids[t]]) / Math.log(2), within(1e-9));
      }
    }
    assertThat(Predictions.of(outputs, h -> h.matmul(weight), ids, 10).symbols().size(1)).isEqualTo(5);
    assertThatThrownBy(() -> Predictions.of(outputs, h -> h, new int[3], 3)).isInstanceOf(ShapeException.class)
        .hasMessageContaining("3 symbols, but outputs [300, 4]");
  }
}
