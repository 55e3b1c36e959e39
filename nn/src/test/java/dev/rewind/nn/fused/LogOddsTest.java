package dev.rewind.nn.fused;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogOddsTest {
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 3, 17", "3, 5, 33", "4, 1, 16", "2, 0, 3"})
  void hasTheBitsOfItsDefinition(int batch, int steps, int hidden) {
    Tensor x = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 30, batch, steps, 2 * hidden); // some closed, some open
    assertThat(results(x, LogOdds::of)).isEqualTo(results(x, LogOdds::definition));
  }

  /// The value, and the gradient of something made of it.
  private static List<Tensor> results(Tensor x, BinaryOperator<Variable> logOdds) {
    try (Tape tape = Tape.recording()) {
      Variable both = tape.watch(x);
      List<Variable> parts = both.split(2, 2); // views with gaps
      Variable y = logOdds.apply(parts.get(0), parts.get(1));
      return List.of(y.value(), tape.gradients(y.times(y.tanh()).sum()).of(both));
    }
  }

  @Test
  void theGradientIsRight() {
    GradientCheck
        .of(x -> LogOdds.of(x.to(DType.FLOAT32).slice(1, 0, 2), x.to(DType.FLOAT32).slice(1, 2, 4)).tanh().sum())
        .at(Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, 3, 4)).secondOrder().run().assertPasses();
  }
}
