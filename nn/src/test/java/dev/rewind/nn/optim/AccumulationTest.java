package dev.rewind.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rewind.autograd.Gradient;
import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccumulationTest {
  private final Embedding embedding = new Embedding(100, 5, Rng.of(1));
  private final Linear projection = new Linear(5, 7, Rng.of(2));
  private final Tensor ids = Tensor.integers(Rng.of(3), 100, 10, 4);
  private final Tensor targets = Tensor.integers(Rng.of(4), 7, 10, 4);
  private final Tensor mask = Tensor.bernoulli(Rng.of(5), 0.7, 10, 4);

  private Gradients gradients(int from, int to) {
    try (Tape tape = Tape.recording()) {
      return tape.gradients(Losses.crossEntropy(
          projection.forward(embedding.forward(tape.constant(ids.slice(0, from, to)))),
          targets.slice(0, from, to), mask.slice(0, from, to)));
    }
  }

  private double count(int from, int to) {
    return mask.slice(0, from, to).to(DType.INT32).sum().item();
  }

  @Test
  void unequalPartsGiveTheGradientOfTheWhole() {
    Gradients whole = gradients(0, 10);
    Accumulation accumulation = new Accumulation();
    for (int repetition = 0; repetition < 2; repetition++) { // it begins anew
      int from = 0;
      for (int to : new int[] {3, 4, 10}) {
        accumulation.add(gradients(from, to), count(from, to));
        from = to;
      }
      Gradients parts = accumulation.take();
      for (Param parameter : whole.parameters()) {
        assertThat(parts.of(parameter).allClose(whole.of(parameter), 1e-5, 1e-8)).isTrue();
      }
      assertThat(parts.gradient(embedding.weight())).isInstanceOf(Gradient.Rows.class);
    }
  }

  @Test
  void whereNothingCountsGradientsAreZero() {
    Accumulation accumulation = new Accumulation();
    accumulation.add(gradients(0, 2), 0);
    assertThat(accumulation.take().norm()).isZero();
    assertThatIllegalStateException().isThrownBy(accumulation::take).withMessageContaining("no gradients were added");
    for (double count : List.of(-1.0, Double.NaN)) {
      assertThatIllegalArgumentException().isThrownBy(() -> accumulation.add(gradients(0, 1), count))
          .withMessageEndingWith("not " + count);
    }
  }
}
