package dev.rewind.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowsTest {
  /// `[n, 2]`, each step its number and ten times that.
  private static Tensor vectors(int n) {
    return Tensor.stack(1, List.of(Tensor.arange(n), Tensor.arange(n).times(10))).to(DType.FLOAT32);
  }

  @Test
  void streamsLieSideBySideAndTargetsAreOneStepOn() {
    Dataset<Batch> windows = Windows.streams(Tensor.arange(14), 2, 3); // 0..5 and 6..11, two windows each
    assertThat(windows).hasSize(2);
    assertThat(windows.get(0).inputs()).isEqualTo(Tensor.of(new int[][] {{0, 1, 2}, {6, 7, 8}}));
    assertThat(windows.get(0).targets()).isEqualTo(Tensor.of(new int[][] {{1, 2, 3}, {7, 8, 9}}));
    assertThat(windows.get(1).inputs()).isEqualTo(Tensor.of(new int[][] {{3, 4, 5}, {9, 10, 11}}));
    assertThat(windows.get(1).targets()).isEqualTo(Tensor.of(new int[][] {{4, 5, 6}, {10, 11, 12}}));
    assertThat(windows.get(0).lengths()).containsExactly(3, 3);
    Batch last = Windows.streams(vectors(14), 2, 3).getLast();
    assertThat(last.inputs().shape().sizes()).containsExactly(2, 3, 2);
    assertThat(last.targets().select(2, 1).toFloats()).containsExactly(40, 50, 60, 100, 110, 120);
    assertThat(Windows.streams(vectors(14).slice(1, 1, 2), 2, 3).getLast().targets().toFloats()) // not contiguous
        .containsExactly(40, 50, 60, 100, 110, 120);
  }

  @Test
  void everyWindowContinuesTheOneBefore() {
    Dataset<Batch> windows = Windows.streams(Tensor.arange(101), 3, 4);
    for (int i = 0; i + 1 < windows.size(); i++) {
      assertThat(windows.get(i + 1).inputs().select(1, 0)).isEqualTo(windows.get(i).targets().select(1, 3));
    }
  }

  @ParameterizedTest
  @CsvSource({"7,2,3,1", "2,1,1,1", "12,2,3,1", "13,2,3,2", "1003854,50,50,401", "1003854,64,64,245"})
  void countsTheWindowsOfAnEpoch(int length, int batch, int steps, int count) {
    Dataset<Batch> windows = Windows.streams(Tensor.arange(length), batch, steps);
    assertThat(windows).hasSize(count);
    assertThat(windows.getLast().targets().shape().sizes()).containsExactly(batch, steps);
  }

  @Test
  void oneStreamIsReadToItsEnd() {
    Dataset<Batch> windows = Windows.stream(Tensor.arange(8), 3);
    assertThat(windows).hasSize(3);
    assertThat(windows.get(0).inputs()).isEqualTo(Tensor.of(new int[][] {{0, 1, 2}}));
    assertThat(windows.get(0).targets()).isEqualTo(Tensor.of(new int[][] {{1, 2, 3}}));
    assertThat(windows.get(2).inputs()).isEqualTo(Tensor.of(new int[][] {{6}}));
    assertThat(windows.get(2).targets()).isEqualTo(Tensor.of(new int[][] {{7}}));
    assertThat(windows.get(2).lengths()).containsExactly(1);
    assertThat(Windows.stream(Tensor.arange(7), 3)).hasSize(2);
    assertThat(Windows.stream(Tensor.arange(2), 100)).hasSize(1);
    assertThat(Windows.stream(Tensor.arange(1), 3)).isEmpty();
    assertThat(Windows.stream(Tensor.arange(0), 3)).isEmpty();
  }

  @Test
  void slidingWindowsOverlap() {
    Dataset<Example> windows = Windows.sliding(vectors(10), 4, 2, 2);
    assertThat(windows).hasSize(3);
    assertThat(windows.get(1).input().select(1, 0).toFloats()).containsExactly(2, 3, 4, 5);
    assertThat(windows.get(1).target().select(1, 1).toFloats()).containsExactly(60, 70);
    assertThat(windows.get(2).target().toFloats()).containsExactly(8, 80, 9, 90);
    assertThat(Windows.sliding(vectors(10), 4, 2, 1)).hasSize(5);
    assertThat(Windows.sliding(vectors(6), 4, 2, 100)).hasSize(1);
    assertThat(Batch.of(windows).targets().shape().sizes()).containsExactly(3, 2, 2);
  }

  @Test
  void refusesWhatIsTooShort() {
    assertThatIllegalArgumentException().isThrownBy(() -> Windows.streams(Tensor.arange(9), 0, 1))
        .withMessage("windows: batch and steps must be at least 1, got 0 and 1");
    assertThatIllegalArgumentException().isThrownBy(() -> Windows.streams(Tensor.arange(6), 2, 3))
        .withMessage("windows: 6 steps are too few for 2 streams of 3");
    assertThatIllegalArgumentException().isThrownBy(() -> Windows.streams(Tensor.arange(0), 1, 1))
        .withMessage("windows: 0 steps are too few for 1 streams of 1");
    assertThatIllegalArgumentException().isThrownBy(() -> Windows.stream(Tensor.arange(6), 0));
    assertThatIllegalArgumentException().isThrownBy(() -> Windows.sliding(Tensor.arange(5), 4, 2, 1))
        .withMessage("windows: a series of 5 steps is too short for 4 to read and 2 to predict");
    assertThatIllegalArgumentException().isThrownBy(() -> Windows.sliding(Tensor.arange(5), 4, 0, 1))
        .withMessage("windows: steps, horizon and the distance must be at least 1, got 4, 0 and 1");
    assertThatThrownBy(() -> Windows.stream(Tensor.scalar(1), 3)).isInstanceOf(ShapeException.class)
        .hasMessage("windows: a series is [N] or [N, ..], not []");
  }
}
