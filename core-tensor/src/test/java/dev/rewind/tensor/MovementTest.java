package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MovementTest {
  private static void refused(Runnable call, String message) {
    assertThatExceptionOfType(ShapeException.class).isThrownBy(call::run).withMessage(message);
  }

  private static Shape inferred(Shape from, int... sizes) {
    return Movement.inferred(from, sizes);
  }

  @Test
  void oneSizeMayBeWorkedOut() {
    assertThat(inferred(Shape.of(4, 6), 3, -1)).isEqualTo(Shape.of(3, 8));
    assertThat(inferred(Shape.of(4, 6), -1)).isEqualTo(Shape.of(24));
    assertThat(inferred(Shape.of(), -1, 1)).isEqualTo(Shape.of(1, 1));
    assertThat(inferred(Shape.of(1))).isEqualTo(Shape.of());
    assertThat(inferred(Shape.of(0, 3), 3, -1)).isEqualTo(Shape.of(3, 0));
    assertThat(inferred(Shape.of(0, 3), 5, 0)).isEqualTo(Shape.of(5, 0));
  }

  @Test
  void shapesThatDoNotFitAreRefused() {
    Shape shape = Shape.of(4, 6);
    refused(() -> inferred(shape, -1, 2, -1), "reshape: [-1, 2, -1] has more than one -1 or another negative size");
    refused(() -> inferred(shape, -2, 12), "reshape: [-2, 12] has more than one -1 or another negative size");
    refused(() -> inferred(shape, 5, -1), "reshape: no size for -1 makes [5, -1] of [4, 6]");
    refused(() -> inferred(shape, 0, -1), "reshape: no size for -1 makes [0, -1] of [4, 6]");
    refused(() -> inferred(shape, 5, 5), "reshape: [4, 6] has 24 elements, [5, 5] has 25");
    refused(() -> inferred(shape), "reshape: [4, 6] has 24 elements, [] has 1");
    refused(() -> inferred(Shape.of(0, 3), 0, -1), "reshape: any size for -1 makes [0, -1] of [0, 3]");
    refused(() -> inferred(shape, 1 << 20, 1 << 20, -1),
        "reshape: no size for -1 makes [1048576, 1048576, -1] of [4, 6]");
  }

  @Test
  void partsOfAnAxis() {
    Shape shape = Shape.of(2, 6);
    assertThat(Movement.equalParts(shape, -1, 3)).containsExactly(2, 2, 2);
    assertThat(Movement.equalParts(Shape.of(0), 0, 2)).containsExactly(0, 0);
    refused(() -> Movement.equalParts(shape, 1, 4), "split: axis 1 of [2, 6] does not divide into 4 equal parts");
    refused(() -> Movement.equalParts(shape, 1, 0), "split: axis 1 of [2, 6] does not divide into 0 equal parts");
    refused(() -> Movement.equalParts(shape, 2, 1), "split: no axis 2 in [2, 6]");
    refused(() -> Movement.requireParts(shape, 1, new int[] {4, 3}),
        "split: sizes [4, 3] do not add up to axis 1 of [2, 6]");
    refused(() -> Movement.requireParts(shape, 1, new int[] {7, -1}), "split: size -1 is negative in [7, -1]");
    refused(() -> Movement.requireParts(shape, 1, new int[] {1 << 30, 1 << 30, 6}),
        "split: sizes [1073741824, 1073741824, 6] do not add up to axis 1 of [2, 6]");
  }

  @Test
  void chunksAreEqualButForTheLast() {
    assertThat(Movement.chunkSizes(Shape.of(7), 0, 3)).containsExactly(3, 3, 1);
    assertThat(Movement.chunkSizes(Shape.of(5), 0, 4)).containsExactly(2, 2, 1);
    assertThat(Movement.chunkSizes(Shape.of(6), 0, 3)).containsExactly(2, 2, 2);
    assertThat(Movement.chunkSizes(Shape.of(2), 0, 5)).containsExactly(1, 1);
    assertThat(Movement.chunkSizes(Shape.of(0), 0, 3)).containsExactly(0);
    refused(() -> Movement.chunkSizes(Shape.of(5), 0, 0), "chunk: wants at least 1 chunk, not 0");
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void concatAndPadTakeEveryDTypeAndAnyStrides(DType dtype) {
    Tensor left = Tensor.arange(12).reshape(3, 4).to(dtype).flip(1);
    Tensor right = Tensor.arange(6).reshape(2, 3).to(dtype).transpose();
    Tensor empty = Tensor.zeros(dtype, 3, 0);
    Tensor all = Tensor.concat(-1, List.of(left, empty, right));
    assertThat(all.shape()).isEqualTo(Shape.of(3, 6));
    Tensor padded = left.pad(0, 1, 2, 1);
    assertThat(padded.shape()).isEqualTo(Shape.of(6, 4));
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 6; j++) {
        assertThat(all.at(i, j)).isEqualTo(j < 4 ? left.at(i, j) : right.at(i, j - 4));
      }
    }
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 4; j++) {
        assertThat(padded.at(i, j)).isEqualTo(i >= 1 && i < 4 ? left.at(i - 1, j) : 1);
      }
    }
  }

  @Test
  void resultsAreCopies() {
    Tensor x = Tensor.of(new float[] {1, 2});
    assertThat(Tensor.concat(0, List.of(x)).sharesStorage(x)).isFalse();
    assertThat(x.pad(0, 0, 0, 9)).isEqualTo(x).satisfies(padded -> assertThat(padded.sharesStorage(x)).isFalse());
    assertThat(Tensor.zeros(DType.FLOAT32, 0).pad(0, 1, 1, 9).toFloats()).containsExactly(9, 9);
    assertThat(Tensor.stack(-1, List.of(x, x.flip(0))).toFloats()).containsExactly(1, 2, 2, 1);
  }

  @Test
  void operandsThatDoNotFitAreNamedByPosition() {
    Tensor x = Tensor.zeros(DType.FLOAT32, 3, 4);
    refused(() -> Tensor.concat(0, List.of()), "concat: no tensors");
    refused(() -> Tensor.concat(1, List.of(x, x, x.slice(0, 0, 2))),
        "concat: tensor 2 of shape [2, 4] does not fit the first, [3, 4], along axis 1");
    refused(() -> Tensor.concat(0, List.of(x, x.select(0, 0))),
        "concat: tensor 1 of shape [4] does not fit the first, [3, 4], along axis 0");
    refused(() -> Tensor.concat(2, List.of(x)), "concat: no axis 2 in [3, 4]");
    refused(() -> Tensor.concat(0, List.of(Tensor.scalar(1f))), "concat: no axis 0 in []");
    assertThatExceptionOfType(DTypeException.class)
        .isThrownBy(() -> Tensor.concat(0, List.of(x, x, x.to(DType.FLOAT64))))
        .withMessage("concat: tensor 2 is FLOAT64, the first FLOAT32; convert one of them with to(..)");
    refused(() -> Tensor.stack(0, List.of()), "stack: no tensors");
    refused(() -> Tensor.stack(3, List.of(x)), "stack: no place 3 for an axis in [3, 4]");
    refused(() -> Tensor.stack(0, List.of(x, x.transpose())),
        "stack: tensor 1 of shape [4, 3] beside the first, [3, 4]");
    Tensor half = Tensor.scalar(1f).expand(1 << 30);
    refused(() -> Tensor.concat(0, List.of(half, half)), "concat: axis 0 would have size 2147483648");
  }

  @Test
  void paddingIsBounded() {
    Tensor x = Tensor.zeros(DType.INT32, 2, 3);
    refused(() -> x.pad(1, -1, 2, 0), "pad: -1 before and 2 after must not be negative");
    refused(() -> x.pad(1, Integer.MAX_VALUE, 1, 0), "pad: axis 1 of [2, 3] would have size 2147483651");
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> x.pad(1, 1, 1, 0.5))
        .withMessage("pad: 0.5 is not an INT32 value");
  }

  /// Copies that exchange axes go by tiles: sizes within one, of several, and not divided by them.
  @ParameterizedTest
  @CsvSource({"1, 1", "3, 70", "16, 16", "17, 65", "70, 33", "300, 250"})
  void copiesOfExchangedAxesAreExact(int n, int m) {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64, DType.INT32)) {
      Tensor x = Tensor.arange(2 * n * m * 3).to(dtype).reshape(2, n, m, 3);
      Tensor copied = x.transpose(0, 3).flip(1).contiguous();   // [3, n, m, 2]
      for (int[] at : new int[][] {{0, 0, 0, 0}, {2, n - 1, m - 1, 1}, {1, n / 2, m / 3, 1}, {2, n / 3, m / 2, 0}}) {
        assertThat(copied.at(at)).isEqualTo(x.at(at[3], n - 1 - at[1], at[2], at[0]));
      }
      Tensor matrix = x.select(0, 1).select(2, 2).contiguous();
      Tensor transposed = matrix.transpose().contiguous();
      assertThat(transposed.transpose()).isEqualTo(matrix);
      assertThat(transposed.at(m - 1, 0)).isEqualTo(matrix.at(0, m - 1));
      assertThat(Tensor.zeros(dtype, m, n).assign(matrix.transpose())).isEqualTo(transposed);
    }
  }
}
