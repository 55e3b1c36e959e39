package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;

class BilinearAndWeightNormTest {
  private static Tensor normal(long seed, int... sizes) {
    return Tensor.normal(Rng.of(seed), DType.FLOAT64, 0, 1, sizes);
  }

  @Test
  void aBilinearFormIsTheSumOverAllPairsOfElements() {
    Bilinear bilinear = new Bilinear(3, 4, 2, Rng.of(1));
    bilinear.to(DType.FLOAT64);
    Tensor weight = bilinear.state().get("weight");
    Tensor x1 = normal(2, 5, 3);
    Tensor x2 = normal(3, 5, 4);
    try (Tape tape = Tape.inference()) {
      Tensor y = bilinear.forward(tape.constant(x1), tape.constant(x2)).value();
      assertThat(y.shape()).isEqualTo(Shape.of(5, 2));
      for (int n = 0; n < 5; n++) {
        for (int k = 0; k < 2; k++) {
          double sum = bilinear.state().get("bias").at(k);
          for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 4; j++) {
              sum += x1.at(n, i) * weight.at(k, i, j) * x2.at(n, j);
            }
          }
          assertThat(y.at(n, k)).isCloseTo(sum, within(1e-12));
        }
      }
      assertThat(bilinear.forward(tape.constant(x1.select(0, 1)), tape.constant(x2.select(0, 1))).value()
          .allClose(y.select(0, 1), 1e-12, 1e-12)).isTrue();
      assertThat(bilinear.forward(tape.constant(x1.unsqueeze(0)), tape.constant(x2.unsqueeze(0))).value()
          .allClose(y.unsqueeze(0), 1e-12, 1e-12)).isTrue();
      assertThat(bilinear.forward(tape.constant(normal(1, 0, 3)), tape.constant(normal(1, 0, 4))).shape())
          .isEqualTo(Shape.of(0, 2));
    }
    assertThat(new Bilinear(3, 4, 2, Rng.of(1)).state().get("weight").abs().max().item())
        .isBetween(0.4, 1 / Math.sqrt(3));
    GradientCheck.of(x -> bilinear.forward(x.slice(1, 0, 3), x.slice(1, 3, 7))).at(normal(4, 5, 7))
        .withParameters(bilinear.namedParameters()).secondOrder().run().assertPasses();
  }

  @Test
  void pairsThatDoNotFitAreNamed() {
    Bilinear bilinear = new Bilinear(3, 4, 2, Rng.of(1));
    try (Tape tape = Tape.inference()) {
      Variable three = tape.constant(Tensor.zeros(DType.FLOAT32, 5, 3));
      Variable four = tape.constant(Tensor.zeros(DType.FLOAT32, 6, 4));
      assertThatIllegalArgumentException().isThrownBy(() -> bilinear.forward(three, four))
          .withMessage("bilinear: wants as many second vectors as first ones, not [6, 4] for [5, 3]");
      assertThatIllegalArgumentException().isThrownBy(() -> bilinear.forward(four, four))
          .withMessage("bilinear: the first: wants [.., 3], not [6, 4]");
      assertThatIllegalArgumentException().isThrownBy(() -> bilinear.forward(three, three))
          .withMessage("bilinear: the second: wants [.., 4], not [5, 3]");
      assertThatIllegalArgumentException().isThrownBy(() -> bilinear.forward(three, four.select(0, 0)))
          .withMessageStartingWith("bilinear: wants as many");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Bilinear(3, 0, 2, Rng.of(1)))
        .withMessage("bilinear: vectors must have at least 1 element, not 3, 0 and 2");
  }

  @Test
  void normalisedWeightsHaveTheirLengthAndDirection() {
    WeightNormLinear linear = new WeightNormLinear(3, 2, Rng.of(1));
    assertThat(linear.state().keySet()).containsExactly("bias", "weight_g", "weight_v");
    Tensor x = normal(2, 4, 3).to(DType.FLOAT32);
    try (Tape tape = Tape.inference()) {
      Tensor plain = new Linear(3, 2, Rng.of(1)).forward(tape.constant(x)).value();
      assertThat(linear.forward(tape.constant(x)).value().allClose(plain, 1e-6, 1e-6)).isTrue();
    }
    linear.to(DType.FLOAT64);
    linear.initialize("weight_g", Rng.of(3), (rng, shape) -> normal(5, shape.sizes()));
    Tensor v = linear.state().get("weight_v");
    Tensor g = linear.state().get("weight_g");
    assertThat(g.shape()).isEqualTo(Shape.of(2, 1));
    Tensor wide = normal(2, 4, 3);
    try (Tape tape = Tape.inference()) {
      Tensor y = linear.forward(tape.constant(wide)).value();
      for (int n = 0; n < 4; n++) {
        for (int k = 0; k < 2; k++) {
          double dot = 0;
          double square = 0;
          for (int i = 0; i < 3; i++) {
            dot += wide.at(n, i) * v.at(k, i);
            square += v.at(k, i) * v.at(k, i);
          }
          double expected = g.at(k, 0) * dot / Math.sqrt(square) + linear.state().get("bias").at(k);
          assertThat(y.at(n, k)).isCloseTo(expected, within(1e-12));
        }
      }
    }
    GradientCheck.of(linear::forward).at(wide).withParameters(linear.namedParameters()).secondOrder().run()
        .assertPasses();
    assertThatIllegalArgumentException().isThrownBy(() -> new WeightNormLinear(0, 2, Rng.of(1)))
        .withMessageStartingWith("linear: inputs and outputs must have at least 1 element");
  }

  @Test
  void anEmbeddingOfKnownVectorsIsACopyThatMayBeFrozen() {
    Tensor vectors = Tensor.of(new float[][] {{1, 2}, {3, 4}, {5, 6}});
    Embedding embedding = Embedding.of(vectors);
    vectors.fill(0);
    embedding.freeze("weight", true);
    try (Tape tape = Tape.recording()) {
      Variable rows = embedding.forward(tape.constant(Tensor.of(new int[] {2, 0}, 2)));
      assertThat(rows.value()).isEqualTo(Tensor.of(new float[][] {{5, 6}, {1, 2}}));
      assertThat(rows.isTracked()).isFalse();
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Embedding.of(Tensor.zeros(DType.FLOAT32, 3)))
        .withMessage("embedding: wants vectors [symbols, size], at least one, not [3]");
    assertThatIllegalArgumentException().isThrownBy(() -> Embedding.of(Tensor.zeros(DType.INT32, 3, 2)))
        .withMessageContaining("wants FLOAT32 or FLOAT64, not INT32");
  }
}
