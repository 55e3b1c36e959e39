package dev.rewind.nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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

  private static RealDistribution within(double limit) {
    return new UniformRealDistribution(-limit, limit);
  }

  @Test
  void drawsFollowTheirDistributions() {
    follows(within(0.3), rng -> Init.uniform(rng, 0.3, 40, 50));
    follows(new NormalDistribution(0, 0.3), rng -> Init.normal(rng, 0.3, 40, 50));
    follows(within(Math.sqrt(6.0 / 90)), rng -> Init.glorot(rng, 40, 50));
    follows(within(Math.sqrt(6.0 / 50)), rng -> Init.he(rng, 40, 50));
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
        .withMessage("he: wants at least 1 output and 1 input, not 3 and 0");
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
