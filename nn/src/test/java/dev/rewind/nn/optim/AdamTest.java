package dev.rewind.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdamTest {
  private static Gradients gradient(Param parameter, double derivative) {
    try (Tape tape = Tape.recording()) {
      return tape.gradients(tape.watch(parameter).times(derivative).sum());
    }
  }

  @Test
  void aLoadedStateGoesOnToTheSameBits() {
    Param one = new Param("x", Tensor.of(new float[] {1, -2}, 2));
    Param two = new Param("x", Tensor.of(new float[] {1, -2}, 2));
    Adam first = new Adam(List.of(one), 0.1);
    first.step(gradient(one, 0.5));
    Adam second = new Adam(List.of(two), 0.1);
    two.value().assign(one.value());
    second.load(first.state());
    first.step(gradient(one, -2));
    second.step(gradient(two, -2));
    assertThat(two.value()).isEqualTo(one.value());
  }

  @Test
  void gradientsThatAreNotFiniteAreRefusedByName() {
    Param x = new Param("weight", Tensor.of(new float[] {1}, 1));
    Adam adam = new Adam(List.of(x), 0.1);
    assertThatIllegalArgumentException().isThrownBy(() -> adam.step(gradient(x, Double.NaN)))
        .withMessageContaining("weight [1] is not finite");
    assertThat(x.value().at(0)).isEqualTo(1);
    assertThatIllegalArgumentException().isThrownBy(() -> adam.learningRate(-1)).withMessageContaining("-1.0");
  }
}
