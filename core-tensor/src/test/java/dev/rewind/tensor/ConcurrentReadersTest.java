package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the documentation allows: any number of threads may read a tensor, and multiply by one that was laid out, while
/// the number of threads for large operations changes under them.
class ConcurrentReadersTest {
  private final Tensor x = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 300, 280);
  private final Tensor weight = Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, 280, 90);
  private final PackedMatrix laidOut = PackedMatrix.of(weight);
  private final PackedMatrix square = PackedMatrix.of(Tensor.normal(Rng.of(5), DType.FLOAT32, 0, 0.1, 90, 90));
  private final Tensor ids = Tensor.integers(Rng.of(3), 300, 500);

  private List<Tensor> results() {
    return List.of(x.matmul(weight), x.matmul(laidOut), weight.transpose().matmul(x.transpose()), x.tanh().plus(x),
        x.sum(),
        x.sum(0), x.softmax(0), x.transpose().copy(), x.gather(ids, 0), x.topK(3).values(), x.variance(1),
        x.maskedSelect(x.greater(0)), Tensor.normal(Rng.of(4), DType.FLOAT64, 0, 1, 40_000));
  }

  @Test
  void readersGetTheResultsOfOneAlone() throws Exception {
    runConcurrently(this::results);
  }

  /// Operations that wait read what is shared later, and may be run by another thread that has something waiting for
  /// it, too.
  @Test
  void programsOfSeveralThreadsMayReadTheSameTensors() throws Exception {
    runConcurrently(() -> {
      Tensor shared = x.slice(1, 0, 90);
      Tensor state = shared;
      try (RowFusion program = new RowFusion(300)) {
        program.adopt(shared);
        for (int step = 0; step < 30; step++) {
          state = state.times(shared).plus(x.slice(1, step, step + 90)).matmul(square).plus(weight.select(0, step))
              .tanh();
        }
      }
      return List.of(state);
    });
  }

  private void runConcurrently(Supplier<List<Tensor>> results) throws Exception {
    List<Tensor> alone = results.get();
    int before = Threads.count();
    try (ExecutorService readers = Executors.newFixedThreadPool(3)) {
      Callable<Boolean> reader = () -> Stream.generate(results).limit(8).allMatch(alone::equals);
      List<Future<Boolean>> same = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        same.add(readers.submit(reader));
      }
      for (int i = 0; i < 40; i++) {
        Threads.resize(1 + i % 4);
        Thread.sleep(1);
      }
      for (Future<Boolean> one : same) {
        assertThat(one.get()).isTrue();
      }
    } finally {
      Threads.resize(before);
    }
  }
}
