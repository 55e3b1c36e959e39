package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ConcurrentTapesTest {
  private static final int HIDDEN = 33;
  private final Param weight = new Param("weight",
      Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 0.2, HIDDEN, HIDDEN));
  private final Workspace workspace = new Workspace();

  @Test
  void tapesOfSeveralThreadsGiveTheBitsOfOneAfterTheOther() throws InterruptedException, ExecutionException {
    int tasks = 64;
    List<Tensor> alone = new ArrayList<>();
    for (int task = 0; task < tasks; task++) {
      alone.add(gradient(task));
    }
    List<Future<Tensor>> together = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int task = 0; task < tasks; task++) {
        int seed = task;
        together.add(threads.submit(() -> gradient(seed)));
      }
    }
    for (int task = 0; task < tasks; task++) {
      assertThat(together.get(task).get()).isEqualTo(alone.get(task));
    }
  }

  /// Large enough that products are shared out over the pool, which the tapes then compete for.
  private Tensor gradient(int seed) {
    Tensor start = Tensor.normal(Rng.of(seed), DType.FLOAT32, 0, 1, 300, HIDDEN);
    TapeOptions options = TapeOptions.defaults().withWorkspace(workspace).withRng(Rng.of(seed));
    try (Tape tape = Tape.recording(options)) {
      Variable state = tape.constant(start);
      for (int step = 0; step < 8; step++) {
        Tensor noise = Tensor.normal(tape.rng("noise").orElseThrow(), DType.FLOAT32, 0, 0.1, HIDDEN);
        state = state.matmul(tape.watch(weight)).plus(tape.constant(noise)).tanh();
      }
      return tape.gradients(state.square().mean()).of(weight);
    }
  }
}
