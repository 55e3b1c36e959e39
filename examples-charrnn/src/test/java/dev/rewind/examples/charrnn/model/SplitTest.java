package dev.rewind.examples.charrnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {

  @ParameterizedTest
  @CsvSource({"1115394,0.1,1003854", "20,0.9,2", "20,0.7,6", "10,0.5,5", "4,0.5,2", "1000,0.0015,998"})
  void cutsWhereTheFractionSays(int length, double fraction, int training) {
    int[] ids = new int[length];
    ids[training] = 7;
    Split split = Split.of(ids, fraction);
    assertThat(split.training()).hasSize(training);
    assertThat(split.validation()).hasSize(length - training).startsWith(7);
    assertThat(split.holdsOut()).isTrue();
  }

  @Test
  void nothingNeedBeHeldOut() {
    Split split = Split.of(new int[] {4, 5}, 0);
    assertThat(split.training()).containsExactly(4, 5);
    assertThat(split.validation()).isEmpty();
    assertThat(split.holdsOut()).isFalse();
  }

  @Test
  void refusesATextThatIsTooShort() {
    assertThatThrownBy(() -> Split.of(new int[5], 0.1)).isInstanceOf(UserError.class)
        .hasMessage("the text of 5 symbols is "
            + "too short: holding out 0.1 of it leaves 4 to train on and 1 to validate; each needs at least 2");
    assertThatThrownBy(() -> Split.of(new int[5], 0.9)).isInstanceOf(UserError.class)
        .hasMessageContaining("leaves 0 to");
    assertThatThrownBy(() -> Split.of(new int[1], 0)).isInstanceOf(UserError.class);
    assertThatThrownBy(() -> Split.of(new int[0], 0)).isInstanceOf(UserError.class);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesWhatIsNoFraction(double fraction) {
    assertThatThrownBy(() -> Split.of(new int[100], fraction)).isInstanceOf(UserError.class)
        .hasMessage("the fraction held out must be at least 0 and less than 1, not " + fraction);
  }
}
