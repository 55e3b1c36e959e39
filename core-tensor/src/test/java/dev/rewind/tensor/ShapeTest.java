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
  void broadcastsLikeNumPy() {
    assertThat(Shape.of(5, 1, 3).broadcast("plus", Shape.of(4, 1))).isEqualTo(Shape.of(5, 4, 3));
    assertThat(Shape.of().broadcast("plus", Shape.of(0))).isEqualTo(Shape.of(0));
    assertThatThrownBy(() -> Shape.of(2, 3).broadcast("plus", Shape.of(2)))
        .hasMessage("plus: shapes do not broadcast: [2, 3] with [2]");
  }
}
