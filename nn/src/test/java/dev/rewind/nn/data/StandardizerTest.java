package dev.rewind.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;

class StandardizerTest {
  private final Tensor training = Tensor.of(new float[][] {{1, 10, 5}, {3, 30, 5}, {5, 20, 5}});

  @Test
  void eachFeatureGetsMeanZeroAndDeviationOne() {
    Standardizer standardizer = Standardizer.of(training);
    assertThat(standardizer.mean().toDoubles()).containsExactly(3, 20, 5);
    Tensor standard = standardizer.apply(training);
    assertThat(standard.dtype()).isEqualTo(DType.FLOAT32);
    assertThat(standard.mean(0).allClose(Tensor.zeros(DType.FLOAT32, 3), 0, 1e-6)).isTrue();
    assertThat(standard.variance(0).allClose(Tensor.of(new float[] {1, 1, 0}, 3), 1e-6, 0)).isTrue();
    assertThat(standardizer.invert(standard).allClose(training, 1e-6, 0)).isTrue();
  }

  @Test
  void takesAnyShapeAndLargeOffsets() {
    Tensor x = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 4, 50, 2).plus(1e6);
    Standardizer standardizer = Standardizer.of(x);
    assertThat(standardizer.deviation().allClose(Tensor.ones(DType.FLOAT64, 2), 0.2, 0)).isTrue();
    assertThat(standardizer.invert(standardizer.apply(x)).allClose(x, 1e-7, 0)).isTrue();
    assertThat(standardizer.apply(x.to(DType.FLOAT64)).dtype()).isEqualTo(DType.FLOAT64);
  }

  @Test
  void someFeaturesAlone() {
    Standardizer second = Standardizer.of(training).features(1);
    Tensor column = training.slice(1, 1, 2);
    assertThat(second.apply(column)).isEqualTo(Standardizer.of(training).apply(training).slice(1, 1, 2));
    assertThat(second.invert(Tensor.zeros(DType.FLOAT32, 7, 1)).toFloats()).containsOnly(20);
  }

  @Test
  void refusesWhatHasNoMean() {
    assertThatThrownBy(() -> Standardizer.of(Tensor.zeros(DType.FLOAT32, 0, 3))).isInstanceOf(ShapeException.class)
        .hasMessage("standardizer: wants at least one row, [N, F], not [0, 3]");
    assertThatThrownBy(() -> Standardizer.of(Tensor.zeros(DType.FLOAT32, 3))).isInstanceOf(ShapeException.class);
    assertThatIllegalArgumentException().isThrownBy(
        () -> Standardizer.of(Tensor.of(new float[][] {{1, 2}, {3, Float.NaN}})))
        .withMessage("standardizer: feature 1 has a NaN or an infinity");
    assertThatThrownBy(() -> Standardizer.of(training).apply(Tensor.zeros(DType.FLOAT32, 3, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("standardizer: wants FLOAT32 or FLOAT64 [.., 3], not FLOAT32 [3, 2]");
    assertThatThrownBy(() -> new Standardizer(Tensor.scalar(1.0), Tensor.scalar(1.0)))
        .hasMessageContaining("not [] and []");
  }

  @Test
  void aConstantFeatureBecomesZeroWhateverItsMeanIsRoundedTo() {
    Tensor constant = Tensor.full(DType.FLOAT64, 1234567.1, 1000, 1);
    Standardizer standardizer = Standardizer.of(constant);
    assertThat(standardizer.mean().toDoubles()).containsExactly(1234567.1);
    assertThat(standardizer.deviation().toDoubles()).containsExactly(1);
    assertThat(standardizer.apply(constant).toDoubles()).containsOnly(0);
  }
}
