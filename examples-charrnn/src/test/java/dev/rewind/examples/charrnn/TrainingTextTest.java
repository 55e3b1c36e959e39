package dev.rewind.examples.charrnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.nn.data.Windows;
import dev.rewind.tensor.Tensor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingTextTest {
  private static int[] text(int length) {
    return IntStream.range(0, length).toArray();
  }

  @Test
  void moreIterationsThanCanBeCountedAreRefused() {
    TrainingText text = TrainingText.of(text(13), 1, 0, 2, 3);
    assertThatThrownBy(() -> text.iterations(1 << 30)).isInstanceOf(UserError.class).hasMessage(
        "--epochs 1073741824 would take 2147483648 iterations; at most 1073741823 epochs of this text can be counted");
  }

  @Test
  void aShortTextIsRefusedWithAWayOut() {
    assertThatThrownBy(() -> TrainingText.of(text(2500), 1, 0, 50, 50)).isInstanceOf(UserError.class).hasMessage(
        "the training text has 2500 symbols, but --batch 50 and --steps 50 need at least 2501; try --batch 49");
    assertThatThrownBy(() -> TrainingText.of(text(9), 1, 0, 4, 10)).isInstanceOf(UserError.class).hasMessage(
        "the training text has 9 symbols, but --batch 4 and --steps 10 need at least 41; try --batch 1 --steps 8");
    assertThatThrownBy(() -> TrainingText.of(text(2), 1, 0, 2, 1)).isInstanceOf(UserError.class).hasMessage(
        "the training text has 2 symbols, but --batch 2 and --steps 1 need at least 3; try --batch 1");
    assertThatThrownBy(() -> TrainingText.of(text(0), 1, 0, 1, 1)).isInstanceOf(UserError.class);
    assertThatThrownBy(() -> TrainingText.of(text(9), 1, 0, 100_000, 100_000)).isInstanceOf(UserError.class)
        .hasMessageContaining("need at least 10000000001;");
    assertThat(Windows.streams(Tensor.arange(2500), 49, 50)).hasSize(1); // the advice holds
    assertThat(Windows.streams(Tensor.arange(9), 1, 8)).hasSize(1);
  }

  @Test
  void theEndIsHeldOut() {
    TrainingText text = TrainingText.of(text(20), 1, 0.7, 1, 1);
    assertThat(text.split().training()).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(text.split().validation()).hasSize(14).startsWith(6).endsWith(19);
    assertThat(TrainingText.of(text(20), 1, 0, 1, 1).split().validation()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"5, 0.1, 4, 1", "5, 0.9, 0, 5", "1, 0.0, 1, 0", "0, 0.0, 0, 0"})
  void eachPartHasSomethingToPredict(int length, double fraction, int training, int validation) {
    assertThatThrownBy(() -> TrainingText.split(text(length), fraction)).isInstanceOf(UserError.class)
        .hasMessage("--validation: the text of " + length + " symbols is too short: holding out " + fraction
            + " of it leaves " + training + " to train on and " + validation + " to validate; each needs at least 2");
  }

  @Test
  void whatAnOptionMakesImpossibleIsSaidWithItsName() {
    assertThatThrownBy(() -> TrainingText.of(text(9), 2, 0, 1, 1)).isInstanceOf(UserError.class)
        .hasMessageStartingWith("--min-count: no symbol of the text is there 2 times");
    assertThatThrownBy(() -> TrainingText.of(text(9), 1, 0.9, 1, 1)).isInstanceOf(UserError.class)
        .hasMessageStartingWith("--validation: the text of 9 symbols is too short");
  }
}
