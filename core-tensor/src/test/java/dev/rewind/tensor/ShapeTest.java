package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void countsElements() {
    assertThat(Shape.of().elements()).isEqualTo(1);
    assertThat(Shape.of(2, 3, 4).elements()).isEqualTo(24);
    assertThat(Shape.of(1 << 20, 1 << 20, 0).elements()).isZero();
  }

  @Test
  void refusesNegativeSizesAndOverflow() {
    assertThatThrownBy(() -> Shape.of(2, -1)).isInstanceOf(ShapeException.class).hasMessageContaining("[2, -1]");
    assertThatThrownBy(() -> Shape.of(1 << 16, 1 << 16)).hasMessageContaining("2^31 - 1");
  }

  @Test
  void axesCountFromBothEnds() {
    Shape shape = Shape.of(2, 3, 4);
    assertThat(shape.size(-1)).isEqualTo(4);
    assertThat(shape.axis("sum", -3)).isZero();
    assertThatThrownBy(() -> shape.axis("sum", 3)).hasMessage("sum: no axis 3 in [2, 3, 4]");
  }

  @Test
  void elementsAreCountedInRowMajorOrder() {
    Shape shape = Shape.of(2, 3, 4);
    int[] index = new int[3];
    for (int element = 0; element < 24; element++) {
      assertThat(shape.index(element)).isEqualTo(index);
      index[2] = (index[2] + 1) % 4;
      index[1] = index[2] > 0 ? index[1] : (index[1] + 1) % 3;
      index[0] += index[1] == 0 && index[2] == 0 ? 1 : 0;
    }
    assertThat(Shape.of().index(0)).isEmpty();
    assertThatThrownBy(() -> shape.index(24)).isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("index: no element 24 in [2, 3, 4], which has 24");
    assertThatThrownBy(() -> shape.index(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Shape.of(2, 0).index(0)).hasMessage("index: no element 0 in [2, 0], which has 0");
  }

  @Test
  void broadcastsLikeNumPy() {
    assertThat(Shape.of(5, 1, 3).broadcast("plus", Shape.of(4, 1))).isEqualTo(Shape.of(5, 4, 3));
    assertThat(Shape.of().broadcast("plus", Shape.of(0))).isEqualTo(Shape.of(0));
    assertThatThrownBy(() -> Shape.of(2, 3).broadcast("plus", Shape.of(2)))
        .hasMessage("plus: shapes do not broadcast: [2, 3] with [2]");
  }
}
