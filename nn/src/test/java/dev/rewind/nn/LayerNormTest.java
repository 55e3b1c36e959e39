package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;

class LayerNormTest {
  private final LayerNorm norm = new LayerNorm(4);

  @Test
  void vectorsHaveMeanZeroAndVarianceOneBeforeGainAndBias() {
    norm.parameters().getFirst().value().fill(2);
    norm.parameters().getLast().value().fill(5);
    Tensor x = Tensor.of(new float[][] {{1, 2, 3, 4}, {-10, 10, -10, 10}});
    double scale = 2 / Math.sqrt(1.25 + 1e-5);
    float[] first = new float[4];
    for (int i = 0; i < 4; i++) {
      first[i] = (float) (5 + (i - 1.5) * scale);
    }
    try (Tape tape = Tape.inference()) {
      Tensor y = norm.forward(tape.constant(x)).value();
      assertThat(y.select(0, 0).allClose(Tensor.of(first), 1e-6, 0)).isTrue();
      assertThat(y.select(0, 1).allClose(Tensor.of(new float[] {3, 7, 3, 7}), 1e-6, 0)).isTrue();
    }
  }

  @Test
  void constantVectorsBecomeTheBias() {
    try (Tape tape = Tape.inference()) {
      Tensor y = norm.forward(tape.constant(Tensor.full(DType.FLOAT32, 3, 2, 4))).value();
      assertThat(y).isEqualTo(Tensor.zeros(DType.FLOAT32, 2, 4));
    }
  }

  @Test
  void gradientsAgreeWithNumericalOnes() {
    GradientCheck.of(norm::forward).at(Tensor.normal(Rng.of(1), DType.FLOAT64, 0, 2, 2, 3, 4))
        .withParameters(norm.parameters()).secondOrder().run().assertPasses();
  }

  @Test
  void anotherSizeIsNamed() {
    try (Tape tape = Tape.inference()) {
      assertThatIllegalArgumentException().isThrownBy(() -> norm.forward(tape.constant(Tensor.zeros(DType.FLOAT32, 4, 3))))
          .withMessage("layer norm: wants [.., 4], not [4, 3]");
    }
  }
}
