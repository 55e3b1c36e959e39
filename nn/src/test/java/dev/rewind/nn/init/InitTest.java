package dev.rewind.nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.nn.init.Init.Fan;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.function.Function;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.RealDistribution;
import org.apache.commons.math3.distribution.UniformRealDistribution;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;

class InitTest {
  private static void follows(RealDistribution distribution, Function<Rng, Tensor> init) {
    Tensor draws = init.apply(Rng.of(1));
    assertThat(new KolmogorovSmirnovTest().kolmogorovSmirnovTest(distribution, draws.toDoubles())).isGreaterThan(0.01);
    assertThat(init.apply(Rng.of(1))).isEqualTo(draws).isNotEqualTo(init.apply(Rng.of(2)));
    assertThat(draws.dtype()).isEqualTo(DType.FLOAT32);
  }

  private static RealDistribution upTo(double limit) {
    return new UniformRealDistribution(-limit, limit);
  }

  @Test
  void drawsFollowTheirDistributions() {
    follows(upTo(0.3), rng -> Init.uniform(rng, 0.3, 40, 50));
    follows(new NormalDistribution(0, 0.3), rng -> Init.normal(rng, 0.3, 40, 50));
    follows(upTo(Math.sqrt(6.0 / 90)), rng -> Init.glorot(rng, 40, 50));
    follows(upTo(Math.sqrt(6.0 / 50)), rng -> Init.he(rng, 40, 50));
    follows(upTo(Math.sqrt(3.0 / 50)), rng -> Init.lecun(rng, 40, 50));
    follows(new NormalDistribution(0, Math.sqrt(2.0 / 90)), rng -> Init.glorotNormal(rng, 40, 50));
    follows(new NormalDistribution(0, Math.sqrt(2.0 / 50)), rng -> Init.heNormal(rng, 40, 50));
    follows(new NormalDistribution(0, Math.sqrt(1.0 / 50)), rng -> Init.lecunNormal(rng, 40, 50));
  }

  /// `[outputs 8, inputs 10, steps 5]`: PyTorch's fans of such a weight are 50 and 40.
  @Test
  void spreadsGoByAnyFanAndGain() {
    follows(upTo(0.7 * Math.sqrt(3.0 / 50)), rng -> Init.scaledUniform(rng, 0.7, Fan.IN, 8, 10, 5));
    follows(upTo(0.7 * Math.sqrt(3.0 / 40)), rng -> Init.scaledUniform(rng, 0.7, Fan.OUT, 8, 10, 5));
    follows(upTo(0.7 * Math.sqrt(3.0 / 45)), rng -> Init.scaledUniform(rng, 0.7, Fan.AVERAGE, 8, 10, 5));
    follows(new NormalDistribution(0, 0.7 / Math.sqrt(40)), rng -> Init.scaledNormal(rng, 0.7, Fan.OUT, 8, 10, 5));
    assertThat(Init.scaledNormal(Rng.of(1), Init.gain("relu"), Fan.IN, 8, 10, 5)
        .allClose(Init.heNormal(Rng.of(1), 8, 10, 5), 1e-6, 0)).isTrue();
  }

  /// Values of `torch.nn.init.calculate_gain`.
  @Test
  void gainsAreThoseOfPyTorch() {
    assertThat(Init.gain("linear")).isEqualTo(1);
    assertThat(Init.gain("sigmoid")).isEqualTo(1);
    assertThat(Init.gain("tanh")).isEqualTo(1.6666666666666667);
    assertThat(Init.gain("relu")).isEqualTo(1.4142135623730951);
    assertThat(Init.leakyReluGain(0.1)).isCloseTo(1.4071950894605838, within(1e-15));
    assertThatIllegalArgumentException().isThrownBy(() -> Init.gain("swish")).withMessage(
        "gain: 'swish' is not linear, sigmoid, tanh or relu; for leakyRelu, use leakyReluGain(negativeSlope)");
  }

  @Test
  void aTruncatedNormalEndsAtTwoDeviations() {
    Tensor draws = Init.truncatedNormal(Rng.of(1), 0.1, 200, 300);
    assertThat(draws.abs().max().item()).isBetween(0.1999, 0.2 + 1e-8);
    assertThat(draws.mean().item()).isBetween(-1e-3, 1e-3);
    assertThat(draws.std().item()).isBetween(0.0872, 0.0888);   // 0.1 * 0.87962566
    NormalDistribution whole = new NormalDistribution(0, 0.1);
    double below = whole.cumulativeProbability(-0.2);
    for (double x : new double[] {-0.15, -0.05, 0.02, 0.1}) {
      double expected = (whole.cumulativeProbability(x) - below) / (1 - 2 * below);
      assertThat(draws.less(x).to(DType.FLOAT32).mean().item()).isCloseTo(expected, within(0.01));
    }
    assertThat(Init.truncatedNormal(Rng.of(1), 0.1, 200, 300)).isEqualTo(draws);
    assertThat(Init.truncatedNormal(Rng.of(1), 0, 3)).isEqualTo(Tensor.zeros(DType.FLOAT32, 3));
  }

  @Test
  void anIdentityHasItsGainOnTheDiagonalWhateverItsSizes() {
    assertThat(Init.identity(0.5, 2, 3)).isEqualTo(Tensor.of(new float[][] {{0.5f, 0, 0}, {0, 0.5f, 0}}));
    assertThat(Init.identity(1, 3, 2)).isEqualTo(Tensor.of(new float[][] {{1, 0}, {0, 1}, {0, 0}}));
  }

  @Test
  void chronoBiasesSpreadWhatUnitsForgetOverAllSpans() {
    Tensor[] gates = Init.chronoBias(Rng.of(1), 101, 2000).split(0, 4).toArray(Tensor[]::new);
    RealDistribution spans = new UniformRealDistribution(1, 100);
    assertThat(new KolmogorovSmirnovTest().kolmogorovSmirnovTest(spans, gates[1].exp().toDoubles()))
        .isGreaterThan(0.01);
    assertThat(gates[0]).isEqualTo(gates[1].negate());
    assertThat(gates[2]).isEqualTo(gates[3]).isEqualTo(Tensor.zeros(DType.FLOAT32, 2000));
    assertThat(Init.chronoBias(Rng.of(1), 3, 5).slice(0, 5, 10).exp().less(2).all().item()).isEqualTo(1);
    assertThatIllegalArgumentException().isThrownBy(() -> Init.chronoBias(Rng.of(1), 2, 5))
        .withMessage("chronoBias: the longest dependency must be at least 3 steps, not 2");
  }

  @Test
  void theVarianceOfHeKeepsThatOfRectifiedSignals() {
    Tensor x = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 500, 256);
    Tensor rectified = x.matmul(Init.he(Rng.of(2), 256, 256).transpose()).relu();
    for (int layer = 0; layer < 4; layer++) {
      rectified = rectified.matmul(Init.he(Rng.of(3 + layer), 256, 256).transpose()).relu();
    }
    assertThat(rectified.square().mean().item()).isBetween(0.7, 1.4);   // the second moment stays that of the input
  }

  @Test
  void orthogonalRowsOrColumnsAreOrthonormal() {
    for (int[] sizes : new int[][] {{1, 1}, {5, 5}, {3, 7}, {64, 20}}) {
      Tensor q = Init.orthogonal(Rng.of(1), sizes[0], sizes[1]);
      assertThat(q.shape().sizes()).isEqualTo(sizes);
      assertIdentity(sizes[0] <= sizes[1] ? q.matmul(q.transpose()) : q.transpose().matmul(q));
    }
    assertThat(Init.orthogonal(Rng.of(1), 4, 4)).isEqualTo(Init.orthogonal(Rng.of(1), 4, 4))
        .isNotEqualTo(Init.orthogonal(Rng.of(2), 4, 4));
  }

  @Test
  void matricesOfNothingAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Init.he(Rng.of(1), 3, 0))
        .withMessage("he: wants sizes [outputs, inputs, ..] of at least 1, not [3, 0]");
    assertThatIllegalArgumentException().isThrownBy(() -> Init.glorot(Rng.of(1), 3))
        .withMessage("glorot: wants sizes [outputs, inputs, ..] of at least 1, not [3]");
    assertThatIllegalArgumentException().isThrownBy(() -> Init.scaledNormal(Rng.of(1), 1, Fan.IN, 3, 2, 0))
        .withMessageStartingWith("scaledNormal: ").withMessageEndingWith("[3, 2, 0]");
    assertThatIllegalArgumentException().isThrownBy(() -> Init.orthogonal(Rng.of(1), -1, 3))
        .withMessageStartingWith("orthogonal: ");
  }

  @Test
  void everyGateHasItsOwnOrthogonalBlock() {
    Tensor gates = Init.orthogonalGates(Rng.of(1), 3, 6);
    assertThat(gates.shape().sizes()).containsExactly(18, 6);
    for (Tensor block : gates.split(0, 3)) {
      assertIdentity(block.matmul(block.transpose()));
    }
    assertThat(gates.slice(0, 0, 6)).isNotEqualTo(gates.slice(0, 6, 12));
  }

  private static void assertIdentity(Tensor product) {
    assertThat(product.allClose(Tensor.eye(DType.FLOAT32, product.size(0)), 0, 1e-6)).isTrue();
  }

  @Test
  void biasesAreConstantButForTheForgetGate() {
    assertThat(Init.constant(0.5, 2, 2)).isEqualTo(Tensor.of(new float[][] {{0.5f, 0.5f}, {0.5f, 0.5f}}));
    assertThat(Init.forgetBias(1, 2)).isEqualTo(Tensor.of(new float[] {0, 0, 1, 1, 0, 0, 0, 0}));
  }
}
