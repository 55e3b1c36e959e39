package dev.rewind.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.benchmarks.TaskReport.Batch;
import dev.rewind.benchmarks.TaskReport.Kind;
import dev.rewind.benchmarks.TaskReport.Result;
import dev.rewind.benchmarks.TaskReport.Setting;
import dev.rewind.benchmarks.TaskReport.Task;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TaskReportTest {
  private static final Setting TINY = new Setting(12, 16, 1e-2, 600);

  @ParameterizedTest
  @CsvSource({"ADDING, LSTM", "ADDING, MINGRU", "PARITY, SLSTM"})
  void aCellLearnsAShortTask(Task task, Kind kind) {
    assertThat(TaskReport.run(task, TINY, kind, 1)).matches(Result::solved, "solved");
  }

  /// Who remembers which symbols there were, but not their order, has 0.3 of them right.
  @Test
  void aCellBeginsToLearnTheOrderOfSymbols() {
    assertThat(TaskReport.run(Task.COPYING, new Setting(21, 32, 2e-2, 400), Kind.LSTM, 1).measure()).isGreaterThan(0.4);
  }

  @Test
  void aRunIsTheSameAgain() {
    Setting one = new Setting(12, 16, 1e-2, 100);
    assertThat(TaskReport.run(Task.PARITY, one, Kind.GRU, 2)).isEqualTo(TaskReport.run(Task.PARITY, one, Kind.GRU, 2))
        .isNotEqualTo(TaskReport.run(Task.PARITY, one, Kind.GRU, 3));
  }

  /// Its gates cannot see the state.
  @Test
  void aMinimalCellDoesNotLearnParity() {
    Result result = TaskReport.run(Task.PARITY, TINY, Kind.MINGRU, 1);

    assertThat(result.solved()).isFalse();
    assertThat(result.iterations()).isEqualTo(600);
    assertThat(result).hasToString("not in 600 (%.4f)", result.measure());
  }

  @ParameterizedTest
  @EnumSource
  void targetsAreWhatTheTaskAsksFor(Task task) {
    int steps = 23;
    Batch batch = task.draw(Rng.of(7), steps);
    Tensor inputs = batch.inputs(); // [B, T, F]
    for (int b = 0; b < inputs.size(0); b++) {
      double sum = 0;
      int ones = 0;
      for (int t = 0; t < steps; t++) {
        switch (task) {
          case ADDING -> sum += inputs.at(b, t, 0) * inputs.at(b, t, 1);
          case PARITY -> {
            ones += (int) inputs.at(b, t, 1);
            assertThat(batch.targets().at(b, t)).isEqualTo(ones % 2);
          }
          case COPYING -> {
            int wanted = t < 10 ? (int) batch.targets().at(b, t) : t == steps - 11 ? 9 : 8;
            assertThat(inputs.at(b, t, wanted)).isEqualTo(1);
            assertThat(inputs.select(0, b).select(0, t).sum().item()).isEqualTo(1);
          }
        }
      }
      if (task == Task.ADDING) {
        assertThat(batch.targets().at(b, 0, 0)).isEqualTo(sum, within(1e-6));
        assertThat(inputs.select(0, b).select(1, 1).sum().item()).isEqualTo(2);
      }
    }
  }
}
