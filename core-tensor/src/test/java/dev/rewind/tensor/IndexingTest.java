package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IndexingTest {
  private final Tensor x = Tensor.arange(12).to(DType.FLOAT32).reshape(3, 4);
  private final Tensor ids = Tensor.of(new int[] {2, 0, 2, 1, 1, 0}, 2, 3);

  @Test
  void gatherTakesWholeSlicesOfAnyAxisAndDType() {
    for (DType dtype : DType.values()) {
      Tensor table = x.to(dtype);
      for (Tensor source : List.of(table, table.transpose().copy().transpose())) { // rows apart, too
        Tensor rows = source.gather(ids, 0);
        Tensor columns = source.gather(ids, 1);
        assertThat(rows.shape()).isEqualTo(Shape.of(2, 3, 4));
        assertThat(columns.shape()).isEqualTo(Shape.of(3, 2, 3));
        for (int p = 0; p < 6; p++) {
          int id = (int) ids.at(p / 3, p % 3);
          assertThat(rows.select(0, p / 3).select(0, p % 3)).isEqualTo(table.select(0, id));
          assertThat(columns.select(1, p / 3).select(1, p % 3)).isEqualTo(table.select(1, id));
        }
      }
    }
  }

  @Test
  void badIndicesAreNamedWithPositionAndBound() {
    assertThatThrownBy(() -> x.gather(Tensor.of(new int[] {0, 1, 3, 0}, 2, 2), 0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("gather: index 3 at position [1, 0] is outside axis 0 of [3, 4]");
    assertThatThrownBy(() -> x.takeAlong(Tensor.of(new int[] {-1, 0, 0}, 3, 1), 1))
        .isInstanceOf(IndexOutOfBoundsException.class).hasMessageContaining("index -1 at position [0, 0]");
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> x.gather(x, 0))
        .withMessage("gather: wants INT32 indices, not FLOAT32");
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> x.takeAlong(ids, 1))
        .withMessageContaining("indices of shape [2, 3] for [3, 4]");
  }

  @Test
  void scatterAddIsTheReverseOfGatherAndAddsDuplicatesUp() {
    Tensor updates = Tensor.arange(24).to(DType.FLOAT32).reshape(2, 3, 4);
    Tensor sum = Tensor.zeros(DType.FLOAT32, 3, 4).scatterAdd(ids, updates, 0);
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 4; column++) {
        double expected = 0;
        for (int p = 0; p < 6; p++) {
          expected += ids.at(p / 3, p % 3) == row ? updates.at(p / 3, p % 3, column) : 0;
        }
        assertThat(sum.at(row, column)).isEqualTo(expected);
      }
    }
    assertThat(Tensor.zeros(DType.FLOAT32, 4, 3).transpose().scatterAdd(ids, updates, 0)).isEqualTo(sum);
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> x.scatterAdd(ids, x, 0))
        .withMessage("scatterAdd: updates of shape [3, 4], wanted [2, 3, 4]");
  }

  @Test
  void takeAlongAndItsReverseFollowTheAxis() {
    Tensor along = Tensor.of(new int[] {3, 0, 1, 1, 2, 2}, 3, 2);
    Tensor taken = x.takeAlong(along, 1);
    assertThat(taken.toFloats()).containsExactly(3, 0, 5, 5, 10, 10);
    assertThat(x.transpose().takeAlong(along.transpose(), 0)).isEqualTo(taken.transpose().copy());
    Tensor back = Tensor.zeros(DType.FLOAT32, 3, 4).scatterAddAlong(along, taken, 1);
    assertThat(back.toFloats()).containsExactly(0, 0, 0, 3, 0, 10, 0, 0, 0, 0, 20, 0);
  }

  @Test
  void masksSelectInRowMajorOrder() {
    Tensor mask = x.transpose().greater(6).transpose();
    assertThat(x.maskedSelect(mask).toFloats()).containsExactly(7, 8, 9, 10, 11);
    assertThat(x.maskedSelect(x.less(0)).elements()).isZero();
    assertThat(Tensor.where(mask, x, Tensor.scalar(-1f)).toFloats()).startsWith(-1, -1).endsWith(10, 11);
  }

  @Test
  void topKAgreesWithSortingAndPutsNaNFirst() {
    Random random = new Random(3);
    for (int n : new int[] {1, 2, 17, 300}) {
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = random.nextInt(20) - 10;
      }
      float[] sorted = values.clone();
      Arrays.sort(sorted);
      for (int k : new int[] {0, 1, n / 2, n}) {
        Tensor.TopK top = Tensor.of(values, n).topK(k);
        for (int i = 0; i < k; i++) {
          assertThat(top.values().at(i)).isEqualTo(sorted[n - 1 - i]);
          assertThat(values[(int) top.indices().at(i)]).isEqualTo(sorted[n - 1 - i]);
          if (i > 0 && top.values().at(i) == top.values().at(i - 1)) {
            assertThat(top.indices().at(i)).isGreaterThan(top.indices().at(i - 1));
          }
        }
      }
    }
    Tensor.TopK top = Tensor.of(new float[] {1, Float.NaN, Float.POSITIVE_INFINITY}, 3).topK(2);
    assertThat(top.indices().toInts()).containsExactly(1, 2);
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> x.topK(5)).withMessageContaining("topK: 5 elements");
  }

  @Test
  void concatStackAndPadPutTogether() {
    Tensor row = Tensor.of(new float[] {7, 8, 9, 10}, 1, 4);
    assertThat(Tensor.concat(0, List.of(x, row)).select(0, 3).toFloats()).containsExactly(7, 8, 9, 10);
    assertThat(Tensor.concat(-1, x.split(1, 4))).isEqualTo(x);
    assertThat(Tensor.stack(1, List.of(x, x)).shape()).isEqualTo(Shape.of(3, 2, 4));
    Tensor padded = x.pad(1, 1, 2, 5);
    assertThat(padded.select(0, 0).toFloats()).containsExactly(5, 0, 1, 2, 3, 5, 5);
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Tensor.concat(0, List.of(x, x.transpose())))
        .withMessage("concat: tensor 1 of shape [4, 3] does not fit the first, [3, 4], along axis 0");
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Tensor.concat(0, List.of()));
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> Tensor.concat(0, List.of(x, ids)));
  }
}
