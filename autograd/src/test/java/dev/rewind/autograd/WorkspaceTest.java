package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkspaceTest {
  private static final Workspace.Kind<Integer, int[]> ARRAYS = Workspace.Kind.of(int[]::new);
  private static final Workspace.Kind<Integer, int[]> OTHERS = Workspace.Kind.of(n -> new int[n + 1]);

  private final Workspace workspace = new Workspace();

  private int[] borrowedByATape(Workspace.Kind<Integer, int[]> kind, int key) {
    try (Tape tape = Tape.inference(TapeOptions.defaults().withWorkspace(workspace))) {
      return tape.borrow(kind, key);
    }
  }

  @Test
  void aBufferIsUsedAgainByTheNextTapeThatWantsItsKindAndKey() {
    int[] first = borrowedByATape(ARRAYS, 3);
    assertThat(borrowedByATape(ARRAYS, 3)).isSameAs(first);
    assertThat(borrowedByATape(ARRAYS, 4)).hasSize(4);
  }

  @Test
  void buffersOfTwoKindsAreNeverMixedUpWhateverTheKey() {
    borrowedByATape(ARRAYS, 3);
    assertThat(borrowedByATape(OTHERS, 3)).hasSize(4);
  }

  @Test
  void oneTapeGetsABufferOnce() {
    try (Tape tape = Tape.inference(TapeOptions.defaults().withWorkspace(workspace))) {
      assertThat(tape.borrow(ARRAYS, 3)).isNotSameAs(tape.borrow(ARRAYS, 3));
    }
    assertThat(workspace).hasToString("workspace of 2 idle buffers");
  }

  @Test
  void whatTheLastTapesDidNotUseIsLetGo() {
    int[] first = borrowedByATape(ARRAYS, 3);
    for (int key = 100; key < 1100; key++) {
      borrowedByATape(ARRAYS, key);
    }
    assertThat(workspace).hasToString("workspace of 4 idle buffers");
    assertThat(borrowedByATape(ARRAYS, 3)).isNotSameAs(first);
  }

  /// A thousand matrices that come twice each, on one tape that stays open, as that of a service.
  @Test
  void aTapeHoldsABoundedNumberOfPackedMatrices() {
    try (Tape tape = Tape.inference(TapeOptions.defaults().withWorkspace(workspace))) {
      Variable x = tape.constant(Tensor.ones(DType.FLOAT32, 6, 3));
      for (int i = 0; i < 1000; i++) {
        Variable w = tape.constant(Tensor.ones(DType.FLOAT32, 3, 5));
        x.matmul(w);
        x.matmul(w);
      }
    }
    assertThat(Integer.parseInt(workspace.toString().split(" ")[2])).isBetween(1, 64);
  }

  @Test
  void gradientsAreAddedUpInMemoryThatStaysAsSmallAsTheLastPass() {
    BufferPool pool = new BufferPool();
    List<BufferPool.Buffer> many = java.util.stream.IntStream.range(0, 10)
        .mapToObj(i -> pool.take(DType.FLOAT32, Tensor.ones(DType.FLOAT32, 4).shape())).toList();
    many.forEach(pool::release);
    pool.end();
    BufferPool.Buffer one = pool.take(DType.FLOAT32, many.getFirst().tensor.shape());
    pool.release(one);
    pool.end();
    assertThat(pool.toString()).isEqualTo("1 idle tensors of 1 shapes");
    pool.end();
    assertThat(pool.toString()).isEqualTo("0 idle tensors of 0 shapes");
  }
}
