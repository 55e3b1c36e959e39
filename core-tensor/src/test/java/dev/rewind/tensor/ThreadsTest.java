package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadsTest {
  private final int before = Threads.count();

  @AfterEach
  void restoreSize() {
    Threads.resize(before);
  }

  @Test
  void countFollowsResize() {
    Threads.resize(3);
    assertThat(Threads.count()).isEqualTo(3);
    Threads.resize(1);
    assertThat(Threads.count()).isEqualTo(1);
  }

  @Test
  void forEachRunsEveryTaskOnceForEveryNumberOfThreads() {
    for (int threads = 1; threads <= 4; threads++) {
      Threads.resize(threads);
      int[] runs = new int[1001];
      Threads.forEach(runs.length, i -> runs[i]++);
      assertThat(runs).as("%d threads", threads).containsOnly(1);
    }
  }

  @Test
  void badArgumentsAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Threads.resize(0))
        .withMessage("resize: expected 1 to 16384 threads, got 0");
    assertThatIllegalArgumentException().isThrownBy(() -> Threads.forEach(-1, i -> {}))
        .withMessage("forEach: the number of tasks is negative: -1");
    assertThat(Threads.count()).isEqualTo(before);
  }
}
