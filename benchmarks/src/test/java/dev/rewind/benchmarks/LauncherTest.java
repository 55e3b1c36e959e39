package dev.rewind.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Fork;

class LauncherTest {
  @Test
  void benchmarksOfTrainingHaveTheCollectorOfTheLauncher() throws Exception {
    String[] forked = TrainingBenchmark.class.getAnnotation(Fork.class).jvmArgsAppend();

    assertThat(Launcher.options()).doesNotContain("")
        .containsAll(Arrays.stream(forked).filter(option -> option.startsWith("-X")).toList())
        .startsWith("--add-modules", "jdk.incubator.vector");
  }
}
