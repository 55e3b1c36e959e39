package dev.rewind.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Losses;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {
  private static final Example LONG = Example.of(new int[] {1, 2, 3}, new int[] {4, 5, 6});
  private static final Example SHORT = Example.of(new int[] {7}, new int[] {8});
  private static final Example EMPTY = Example.of(new int[0], new int[0]);

  @Test
  void padsToTheLongest() {
    Batch batch = Batch.of(List.of(SHORT, LONG, EMPTY));
    assertThat(batch.inputs()).isEqualTo(Tensor.of(new int[][] {{7, 0, 0}, {1, 2, 3}, {0, 0, 0}}));
    assertThat(batch.targets()).isEqualTo(Tensor.of(new int[][] {{8, -1, -1}, {4, 5, 6}, {-1, -1, -1}}));
    assertThat(batch.lengths()).containsExactly(1, 3, 0);
    assertThat(batch.targetLengths()).containsExactly(1, 3, 0);
    assertThat(batch.mask()).isEqualTo(batch.targetMask()).isEqualTo(Tensor.of(new boolean[][] {
        {true, false, false}, {true, true, true}, {false, false, false}}));
    assertThat(batch.size()).isEqualTo(3);
    assertThat(batch.steps()).isEqualTo(4);
    assertThat(batch)
        .hasToString("Batch[inputs [3, 3] of lengths [1, 3, 0], targets [3, 3] of lengths [1, 3, 0]]");
  }

  @Test
  void padsByWhatOneChooses() {
    Batch batch = Batch.of(List.of(LONG, SHORT), 9, 7);
    assertThat(batch.inputs().select(0, 1)).isEqualTo(Tensor.of(new int[] {7, 9, 9}, 3));
    assertThat(batch.targets().select(0, 1)).isEqualTo(Tensor.of(new int[] {8, 7, 7}, 3));
  }

  @Test
  void aLossWithoutItsMaskIsRefused() {
    Batch batch = Batch.of(List.of(LONG, SHORT));
    try (Tape tape = Tape.recording()) {
      Variable logits = tape.constant(Tensor.zeros(DType.FLOAT32, 2, 3, 9));
      assertThat(Losses.crossEntropy(logits, batch.targets(), batch.mask()).item())
          .isCloseTo(Math.log(9), within(1e-6));
      assertThatThrownBy(() -> Losses.crossEntropy(logits, batch.targets())).hasMessageContaining("-1");
    }
  }

  @Test
  void oneTargetEach() {
    Batch batch = Batch.of(List.of(Example.of(new int[] {1, 2}, 5), Example.of(new int[] {3}, 6)));
    assertThat(batch.targets()).isEqualTo(Tensor.of(new int[] {5, 6}, 2));
    assertThat(batch.targetLengths()).containsExactly(1, 1);
    assertThat(batch.mask()).isEqualTo(Tensor.of(new boolean[][] {{true, true}, {true, false}}));
    assertThatIllegalArgumentException().isThrownBy(batch::targetMask)
        .withMessage("batch: targets [2] have no steps, so there is no mask");
  }

  @Test
  void vectorsAndTargetsOfAnotherLength() {
    Batch batch = Batch.of(List.of(
        new Example(Tensor.ones(DType.FLOAT32, 2, 3), Tensor.of(new int[] {1, 2, 3, 4}, 4)),
        new Example(Tensor.ones(DType.FLOAT32, 5, 3), Tensor.of(new int[] {1}, 1))));
    assertThat(batch.inputs().shape().sizes()).containsExactly(2, 5, 3);
    assertThat(batch.inputs().select(0, 0).sum().item()).isEqualTo(6);
    assertThat(batch.targets().shape().sizes()).containsExactly(2, 4);
    assertThat(batch.mask().shape().sizes()).containsExactly(2, 5);
    assertThat(batch.targetMask().shape().sizes()).containsExactly(2, 4);
    Batch forecasts = Batch.of(List.of(
        new Example(Tensor.ones(DType.FLOAT64, 2, 1), Tensor.ones(DType.FLOAT64, 1, 1)),
        new Example(Tensor.ones(DType.FLOAT64, 1, 1), Tensor.ones(DType.FLOAT64, 2, 1))));
    assertThat(forecasts.targets().toDoubles()).containsExactly(1, 0, 1, 1);
  }

  @Test
  void oneEmptySequenceHasAStepOfPadding() {
    Batch batch = Batch.of(List.of(EMPTY));
    assertThat(batch.inputs()).isEqualTo(Tensor.of(new int[][] {{0}}));
    assertThat(batch.lengths()).containsExactly(0);
    assertThat(batch.mask()).isEqualTo(Tensor.of(new boolean[][] {{false}}));
  }

  @Test
  void saysWhichExampleDoesNotFit() {
    assertThatIllegalArgumentException().isThrownBy(() -> Batch.of(List.of()))
        .withMessage("batch: there are no examples");
    Tensor class0 = Tensor.scalar(0);
    Example three = new Example(Tensor.ones(DType.FLOAT32, 4, 3), class0);
    assertThatThrownBy(() -> Batch.of(List.of(three, three, new Example(Tensor.ones(DType.FLOAT32, 4, 2), class0))))
        .isInstanceOf(ShapeException.class).hasMessage("batch: the input of example 2 is FLOAT32 [4, 2], "
            + "that of example 0 FLOAT32 [4, 3]; only the lengths may differ");
    assertThatThrownBy(() -> Batch.of(List.of(three, new Example(Tensor.ones(DType.FLOAT64, 4, 3), class0))))
        .hasMessageContaining("example 1 is FLOAT64 [4, 3]");
    assertThatThrownBy(() -> Batch.of(List.of(LONG, Example.of(new int[] {1}, 1))))
        .hasMessageContaining("the target of example 1 is INT32 []");
    assertThatThrownBy(() -> Batch.of(List.of(new Example(class0, class0))))
        .hasMessage("batch: an input has a time axis, [T, ..]; that of example 0 is []");
  }
}
