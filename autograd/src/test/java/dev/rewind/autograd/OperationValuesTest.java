package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Values of operations that are composed of others, and what they do at the edges.
class OperationValuesTest {
  private static final Tensor X = Tensor.of(new double[] {-30, -2, -0.5, 0, 0.3, 1.7, 40});

  /// Values and gradients by PyTorch 1.13.1 in float64, such as `F.elu(x, 0.7)` and
  /// `torch.autograd.grad(F.elu(x, 0.7).sum(), x)`.
  @Test
  void activationsAreThoseOfPyTorch() {
    check(x -> x.elu(0.7), new double[] {-0.7, -0.605265302, -0.275428538, 0, 0.3, 1.7, 40},
        6.55033608e-14, 0.0947346983, 0.424571462, 0.7, 1, 1, 1);
    check(x -> x.leakyRelu(0.1), new double[] {-3, -0.2, -0.05, 0, 0.3, 1.7, 40}, 0.1, 0.1, 0.1, 0.1, 1, 1, 1);
    check(Variable::silu, new double[] {-2.80728689e-12, -0.238405844, -0.188770334, 0, 0.172332755, 1.43740905, 40},
        -2.71371066e-12, -0.0907842488, 0.260038813, 0.5, 0.64778001, 1.0675645, 1);
    check(Variable::hardtanh, new double[] {-1, -1, -0.5, 0, 0.3, 1, 1}, 0, 0, 1, 1, 1, 0, 0);
    check(Variable::mish, new double[] {-2.80728689e-12, -0.252501483, -0.220743775, 0, 0.208001372, 1.62076807, 40},
        -2.71371066e-12, -0.108355092, 0.289510678, 0.6, 0.7828273, 1.08425732, 1);
    check(Variable::logSigmoid, new double[] {-30, -2.12692801, -0.974076984, -0.693147181, -0.554355244, -0.167786029,
        -4.24835426e-18}, 1, 0.880797078, 0.622459331, 0.5, 0.425557483, 0.154465265, 4.24835426e-18);
    check(Variable::tanhGelu, new double[] {0, -0.0454023059, -0.15428599, 0, 0.185370924, 1.6241059, 40},
        0, -0.0860992566, 0.132630096, 0.5, 0.732295452, 1.11591463, 1);
  }

  private static void check(UnaryOperator<Variable> f, double[] values, double... gradients) {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(X);
      Variable y = f.apply(x);
      assertThat(y.value().allClose(Tensor.of(values), 1e-8, 1e-19)).as("%s", y).isTrue();
      Tensor gradient = tape.gradients(y.sum()).of(x);
      assertThat(gradient.allClose(Tensor.of(gradients), 1e-8, 1e-19)).as("%s", gradient).isTrue();
    }
  }

  @Test
  void largeNumbersDoNotMakeTheGradientOfEluNaN() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(new double[] {1000, -1000}));
      assertThat(tape.gradients(x.elu(1).sum()).of(x)).isEqualTo(Tensor.of(new double[] {1, 0}));
    }
  }

  @Test
  void wholeNumbersAreConstants() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(new double[] {-2.5, -0.2, 1.5, 2.5}));
      assertThat(x.floor().value()).isEqualTo(Tensor.of(new double[] {-3, -1, 1, 2}));
      assertThat(x.round().value()).isEqualTo(Tensor.of(new double[] {-2, -0.0, 2, 2}));
      assertThat(x.floor().isTracked() || x.round().isTracked()).isFalse();
    }
  }

  @Test
  void spreadIsDividedByAllOrByOneLess() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(new double[][] {{1, 2, 3, 6}, {5, 5, 5, 5}}));
      assertThat(x.std(1).value().allClose(Tensor.of(new double[] {Math.sqrt(3.5), 0}), 1e-14, 0)).isTrue();
      assertThat(x.unbiasedVariance(1).value().allClose(Tensor.of(new double[] {14 / 3.0, 0}), 1e-14, 0)).isTrue();
      assertThat(x.slice(1, 0, 1).unbiasedVariance(1).value().isNaN().all().item()).isEqualTo(1);
      Tensor gradient = tape.gradients(x.std(1).sum()).of(x);
      assertThat(gradient.select(0, 1)).isEqualTo(Tensor.zeros(DType.FLOAT64, 4));
    }
  }

  @Test
  void productsOfNoneAndOfMany() {
    try (Tape tape = Tape.inference()) {
      Variable none = tape.constant(Tensor.zeros(DType.FLOAT64, 2, 0));
      assertThat(none.prod(1).value()).isEqualTo(Tensor.ones(DType.FLOAT64, 2));
      assertThat(none.cumprod(1).shape()).isEqualTo(Shape.of(2, 0));
      assertThat(none.cumprod(0).shape()).isEqualTo(Shape.of(2, 0));
      for (int n = 1; n < 9; n++) {
        Tensor x = Tensor.uniform(Rng.of(n), DType.FLOAT64, 0.5, 2, 3, n);
        double[][] rows = x.toDoubleRows();
        double[][] products = new double[3][n];
        for (int i = 0; i < 3; i++) {
          for (int j = 0; j < n; j++) {
            products[i][j] = rows[i][j] * (j == 0 ? 1 : products[i][j - 1]);
          }
        }
        Tensor expected = Tensor.of(products);
        assertThat(tape.constant(x).cumprod(-1).value().allClose(expected, 1e-13, 0)).isTrue();
        assertThat(tape.constant(x).prod(-1).value().allClose(expected.select(1, n - 1), 1e-13, 0)).isTrue();
      }
    }
  }

  @Test
  void sortedElementsKeepTheirGradients() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(new double[] {2, Double.NaN, -1, 0.5}));
      Variable sorted = x.sort(0);
      assertThat(sorted.value().toDoubles()).containsExactly(-1, 0.5, 2, Double.NaN);
      Variable.TopK smallest = x.topK(2, false);
      assertThat(smallest.indices().toInts()).containsExactly(2, 3);
      assertThat(tape.gradients(sorted.slice(0, 0, 2).sum()).of(x)).isEqualTo(Tensor.of(new double[] {0, 0, 1, 1}));
    }
  }

  /// Every element by loops over all letters.
  @Test
  void contractionsAreSumsOfProducts() {
    Tensor a = Tensor.normal(Rng.of(1), DType.FLOAT64, 0, 1, 2, 3, 4); // b i j
    Tensor b = Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 1, 5, 2, 4); // k b j
    double[] sums = new double[3 * 5 * 2];
    for (int i = 0; i < 3; i++) {
      for (int k = 0; k < 5; k++) {
        for (int n = 0; n < 2; n++) {
          for (int j = 0; j < 4; j++) {
            sums[(i * 5 + k) * 2 + n] += a.at(n, i, j) * b.at(k, n, j);
          }
        }
      }
    }
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(a);
      Variable y = tape.constant(b);
      assertThat(Variable.einsum("bij, kbj -> ikb", x, y).value().allClose(Tensor.of(sums, 3, 5, 2), 1e-12, 1e-14))
          .isTrue();
      assertThat(Variable.einsum("bij,kbj->", x, y).item())
          .isCloseTo(Tensor.of(sums).sum().item(), within(1e-12));
      assertThat(Variable.einsum("ijk->kij", x).value()).isEqualTo(a.permute(2, 0, 1));
      assertThat(Variable.einsum("ijk->j", x).value()).isEqualTo(a.sum(0, 2));
      assertThat(Variable.einsum("ijk,k->ij", x, y.select(0, 0).select(0, 0)).shape()).isEqualTo(Shape.of(2, 3));
      assertThat(
          Variable.einsum("ij,jk->ik", x.reshape(6, 4).slice(1, 0, 0), tape.constant(Tensor.zeros(DType.FLOAT64, 0, 3)))
              .value())
          .isEqualTo(Tensor.zeros(DType.FLOAT64, 6, 3));
      for (String equation : new String[] {"bij,kbj", "bij,kbj->ikbb", "b.j,kbj->k", "bii,kbj->k", "bij->bi", "->"}) {
        assertThatIllegalArgumentException().isThrownBy(() -> Variable.einsum(equation, x, y))
            .withMessageStartingWith("einsum: '" + equation + "' for 2 variables; wants one or two of them");
      }
      assertThatIllegalArgumentException().isThrownBy(() -> Variable.einsum("bij,kbj->z", x, y))
          .withMessage("einsum: 'bij,kbj->z' has a letter in the result alone");
      assertThatIllegalArgumentException().isThrownBy(() -> Variable.einsum("bij,kji->b", x, y))
          .withMessage("einsum: 'bij,kji->b' does not fit [2, 3, 4] and [5, 2, 4]");
      assertThatIllegalArgumentException().isThrownBy(() -> Variable.einsum("bij,kb->b", x, y))
          .withMessage("einsum: 'bij,kb->b' does not fit [2, 3, 4] and [5, 2, 4]");
    }
  }
}
