package dev.rewind.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
  @ParameterizedTest
  @CsvSource({"1115394,0.1,1003854", "20,0.9,2", "20,0.7,6", "10,0.5,5", "4,0.5,2", "1000,0.0015,998"})
  void cutsWhereTheFractionSays(int size, double fraction, int training) {
    Split<Tensor> series = Split.of(Tensor.arange(size), fraction);
    assertThat(series.training().size(0)).isEqualTo(training);
    assertThat(series.validation()).isEqualTo(Tensor.arange(size).slice(0, training, size));
    Split<Dataset<Integer>> split = Split.of(Dataset.of(size, i -> i), fraction);
    assertThat(split.training()).hasSize(training);
    assertThat(split.validation()).hasSize(size - training).startsWith(training);
  }

  @Test
  void nothingNeedBeHeldOut() {
    Split<Dataset<String>> split = Split.of(List.of("a", "b"), 0);
    assertThat(split.training()).containsExactly("a", "b");
    assertThat(split.validation()).isEmpty();
    assertThat(Split.of(List.of(), 0).training()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"5,0.9,0,5", "5,1e-9,4,1", "1,0.1,0,1", "0,0.1,0,0"})
  void neitherPartIsEmpty(int size, double fraction, int training, int validation) {
    if (training > 0 && validation > 0) {
      assertThat(Split.of(Tensor.arange(size), fraction).training().size(0)).isEqualTo(training);
    } else {
      assertThatIllegalArgumentException().isThrownBy(() -> Split.of(Tensor.arange(size), fraction)).withMessage(
          "split: holding out " + fraction + " of " + size + " leaves " + training + " to train on and " + validation
              + " to validate");
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesWhatIsNoFraction(double fraction) {
    assertThatIllegalArgumentException().isThrownBy(() -> Split.of(Tensor.arange(100), fraction))
        .withMessage("split: the fraction held out must be at least 0 and less than 1, not " + fraction);
  }
}
