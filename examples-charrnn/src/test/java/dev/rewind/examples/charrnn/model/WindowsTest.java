package dev.rewind.examples.charrnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowsTest {
  private static int[] text(int length) {
    return IntStream.range(0, length).toArray();
  }

  @Test
  void streamsLieSideBySideAndTargetsAreOneSymbolOn() {
    Windows windows = new Windows(text(14), 2, 3); // two streams, 0..5 and 6..11, two windows each
    assertThat(windows.windowsPerEpoch()).isEqualTo(2);
    assertThat(windows.inputs(0)).containsExactly(0, 1, 2, 6, 7, 8);
    assertThat(windows.targets(0)).containsExactly(1, 2, 3, 7, 8, 9);
    assertThat(windows.inputs(1)).containsExactly(3, 4, 5, 9, 10, 11);
    assertThat(windows.targets(1)).containsExactly(4, 5, 6, 10, 11, 12);
  }

  @Test
  void anEpochBeginsAgainAtTheFirstWindow() {
    Windows windows = new Windows(text(14), 2, 3);
    assertThat(windows.inputs(2)).isEqualTo(windows.inputs(0));
    assertThat(windows.targets(5)).isEqualTo(windows.targets(1));
    assertThat(IntStream.range(0, 5).filter(windows::startsEpoch)).containsExactly(0, 2, 4);
    assertThat(windows.inputs(Integer.MAX_VALUE)).isEqualTo(windows.inputs(1));
  }

  @Test
  void everyWindowContinuesTheOneBefore() {
    Windows windows = new Windows(text(101), 3, 4);
    for (int i = 0; i + 1 < windows.windowsPerEpoch(); i++) {
      int[] targets = windows.targets(i);
      int[] next = windows.inputs(i + 1);
      for (int stream = 0; stream < 3; stream++) {
        assertThat(next[stream * 4]).isEqualTo(targets[stream * 4 + 3]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"7,2,3,1", "2,1,1,1", "12,2,3,1", "13,2,3,2", "1003854,50,50,401", "1003854,64,64,245"})
  void countsTheWindowsOfAnEpoch(int length, int batch, int steps, int count) {
    Windows windows = new Windows(text(length), batch, steps);
    assertThat(windows.windowsPerEpoch()).isEqualTo(count);
    assertThat(windows.targets(count - 1)).hasSize(batch * steps); // the last lies within the text
  }

  @Test
  void countsTheIterationsOfEpochs() {
    Windows windows = new Windows(text(12), 2, 3);
    assertThat(windows.iterations(10)).isEqualTo(10);
    assertThat(new Windows(text(13), 2, 3).iterations(10)).isEqualTo(20);
    assertThat(windows.iterations(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void refusesSizesAndIterationsThatMakeNoSense() {
    assertThatThrownBy(() -> new Windows(text(9), 0, 1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("windows: batch and steps must be at least 1, got 0 and 1");
    assertThatThrownBy(() -> new Windows(text(6), 2, 3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("windows: 6 symbols are too few for 2 streams of 3");
    assertThatThrownBy(() -> new Windows(text(9), 1, 2).inputs(-1)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("negative: -1");
  }
}
