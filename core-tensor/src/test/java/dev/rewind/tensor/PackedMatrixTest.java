package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

class PackedMatrixTest {
  private final Rng rng = Rng.of(9);

  private Tensor draw(int... sizes) {
    return Tensor.normal(rng, DType.FLOAT32, 0, 1, sizes);
  }

  @Test
  void productsHaveTheBitsOfThoseWithTheMatrix() {
    for (int[] size : new int[][] {{1, 1, 1}, {3, 5, 7}, {17, 33, 65}, {50, 128, 100}, {2, 0, 3}, {0, 4, 3},
        {4, 3, 0}}) {
      Tensor a = draw(size[0], size[1]);
      Tensor b = draw(size[1], size[2]);
      assertThat(a.matmul(PackedMatrix.of(b))).isEqualTo(a.matmul(b));
      Tensor turned = draw(size[2], size[1]).transpose();
      assertThat(a.matmul(PackedMatrix.of(turned))).isEqualTo(a.matmul(turned));
    }
  }

  @Test
  void leadingAxesOfTheLeftOperandAreRowsAndVectorsAreOne() {
    Tensor b = draw(5, 4);
    Tensor a = draw(3, 2, 5);
    assertThat(a.matmul(PackedMatrix.of(b))).isEqualTo(a.matmul(b));
    assertThat(draw(5).matmul(PackedMatrix.of(b)).shape()).isEqualTo(Shape.of(4));
    Tensor turned = draw(5, 2, 3).permute(2, 1, 0);
    assertThat(turned.matmul(PackedMatrix.of(b))).isEqualTo(turned.matmul(b));
  }

  @Test
  void itKnowsTheMatrixUntilThatChanges() {
    Tensor b = draw(5, 4);
    PackedMatrix packed = PackedMatrix.of(b);
    assertThat(packed.isOf(b)).isTrue();
    assertThat(packed.isOf(b.slice(0, 0, 5))).isTrue();
    assertThat(packed.isOf(b.copy())).isFalse();
    assertThat(packed.isOf(b.flip(0))).isFalse();
    b.timesInPlace(2);
    assertThat(packed.isOf(b)).isFalse();
    assertThat(packed.pack(b).isOf(b)).isTrue();
    Tensor a = draw(6, 5);
    assertThat(a.matmul(packed)).isEqualTo(a.matmul(b));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    PackedMatrix packed = PackedMatrix.of(draw(5, 4));
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> draw(2, 3).matmul(packed))
        .withMessage("matmul: inner sizes differ: [2, 3] by [5, 4]");
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> Tensor.zeros(DType.FLOAT64, 2, 5).matmul(packed))
        .withMessageContaining("FLOAT64 with FLOAT32");
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> packed.pack(draw(4, 5)))
        .withMessage("pack: there is room for [5, 4], not [4, 5]");
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> PackedMatrix.of(draw(5)))
        .withMessageContaining("not [5]");
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> PackedMatrix.of(Tensor.zeros(DType.FLOAT64, 2, 5)))
        .withMessageContaining("not FLOAT64");
  }
}
