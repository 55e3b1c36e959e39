package dev.rewind.examples.charrnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.examples.charrnn.model.CellKind;
import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.tensor.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemoryNeedTest {
  private static MemoryNeed need(CellKind cell, int hidden, int batch, int steps) {
    return MemoryNeed.of(new ModelOptions(cell, 77, hidden, hidden, 2, 0), batch, steps);
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void countsTheParametersOfEveryCell(CellKind cell) {
    ModelOptions model = new ModelOptions(cell, 7, 5, 11, 3, 0);
    assertThat(MemoryNeed.of(model, 2, 3).parameters())
        .isEqualTo(CharRnn.of(model, Rng.of(1)).parameterCount());
  }

  /// Layers of 128 LSTM units: for each of 2,500 positions 4 gates and an output a unit, and twice the 77 symbols.
  @Test
  void countsTheActivations() {
    assertThat(need(CellKind.LSTM, 128, 50, 50).activations()).isEqualTo(2500.0 * (2 * (4 * 128 + 128) + 2 * 77));
  }

  @Test
  void whatFitsPassesAndWhatCannotIsRefusedByTheOptionsToChange() {
    MemoryNeed usual = need(CellKind.LSTM, 128, 50, 50);
    assertThatCode(() -> usual.requireFits(64L << 20)).doesNotThrowAnyException();
    assertThatThrownBy(() -> usual.requireFits(16L << 20)).isInstanceOf(UserError.class).hasMessage(
        "training this model takes at least 21 MB (7 MB for its 282,957 parameters, 14 MB for the activations of one "
            + "window), but "
            + "Java may use 17 MB here; choose a smaller --batch or --steps, or allow more by "
            + "JDK_JAVA_OPTIONS=-Xmx...");
    assertThatThrownBy(() -> need(CellKind.LSTM, 100_000, 50, 50).requireFits(6L << 30)).isInstanceOf(UserError.class)
        .hasMessageContainingAll("3840.4 GB for its 160,016,200,077 parameters",
            "choose a smaller --hidden, --embedding");
  }

  @Test
  void whatIsTooLongForAnArrayIsRefusedWithAnyMemory() {
    assertThatThrownBy(() -> need(CellKind.LSTM, 25_000, 1, 1).requireFits(Long.MAX_VALUE))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "the model has a tensor of 2.50e+09 numbers, an array at most 2^31 - 1; choose a smaller --hidden, "
                + "--embedding "
                + "or --layers");
    assertThatThrownBy(() -> need(CellKind.RNN, 10, 50_000, 1000).requireFits(Long.MAX_VALUE))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("choose a smaller --batch or --steps");
    assertThatThrownBy(
        () -> need(CellKind.GRU, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE).requireFits(1L << 40))
        .isInstanceOf(UserError.class);
  }
}
