package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.LUDecomposition;
import org.junit.jupiter.api.Test;

class DerivativesTest {
  private static final Tensor X = Tensor.of(new double[] {0.5, -1, 2});
  private static final Tensor MATRIX = Tensor.normal(Rng.of(4), DType.FLOAT64, 0, 1, 2, 3);

  /// `[3]` to `[2]`: `tanh(A x) + (A x)^2`.
  private static Variable curved(Variable x) {
    Variable product = x.tape().constant(MATRIX).matmul(x);
    return product.tanh().plus(product.square());
  }

  @Test
  void valueAndGradientAreThoseOfTheFunction() {
    Derivatives.ValueAndGradient result = Derivatives.valueAndGradient(x -> x.square().sum(), X);
    assertThat(result.value()).isEqualTo(5.25);
    assertThat(result.gradient()).isEqualTo(X.times(2));
  }

  @Test
  void jacobianOfALinearMapIsItsMatrix() {
    assertThat(Derivatives.jacobian(x -> x.tape().constant(MATRIX).matmul(x), X)).isEqualTo(MATRIX);
  }

  @Test
  void jacobianHasTheAxesOfTheResultBeforeThoseOfTheInput() {
    Tensor x = Tensor.normal(Rng.of(5), DType.FLOAT64, 0, 1, 2, 3);
    Tensor jacobian = Derivatives.jacobian(v -> v.sum(0).square(), x);
    assertThat(jacobian.shape().sizes()).containsExactly(3, 2, 3);
    double column = x.at(0, 1) + x.at(1, 1);
    assertThat(jacobian.at(1, 0, 1)).isEqualTo(2 * column);
    assertThat(jacobian.at(1, 0, 2)).isZero();
  }

  @Test
  void productsAreThoseWithTheJacobian() {
    Tensor jacobian = Derivatives.jacobian(DerivativesTest::curved, X);
    Tensor in = Tensor.of(new double[] {1, -2, 0.5});
    Tensor out = Tensor.of(new double[] {3, -1});
    Tensor forward = Derivatives.jvp(DerivativesTest::curved, X, in);
    Tensor backward = Derivatives.vjp(DerivativesTest::curved, X, out);
    assertThat(forward.allClose(jacobian.matmul(in), 1e-13, 1e-13)).isTrue();
    assertThat(backward.allClose(jacobian.transpose().matmul(out), 1e-13, 1e-13)).isTrue();
  }

  @Test
  void hvpIsTheDifferenceOfGradients() {
    Function<Variable, Variable> f = x -> curved(x).sum();
    Tensor v = Tensor.of(new double[] {1, -2, 0.5});
    Tensor product = Derivatives.hvp(f, X, v);
    double h = 1e-5;
    Tensor up = Derivatives.valueAndGradient(f, X.plus(v.times(h))).gradient();
    Tensor down = Derivatives.valueAndGradient(f, X.minus(v.times(h))).gradient();
    assertThat(product.allClose(up.minus(down).times(1 / (2 * h)), 1e-7, 1e-8)).isTrue();
    Tensor hessian = Derivatives.hessian(f, X);
    assertThat(hessian.allClose(hessian.transpose(), 1e-13, 1e-13)).isTrue();
    assertThat(hessian.matmul(v).allClose(product, 1e-13, 1e-13)).isTrue();
  }

  /// `3 x^2`, with a gradient of the first order only.
  private static Variable onceOnly(Variable x) {
    return Op.recordFused("onceOnly", List.of(x.value().square().times(3)), List.of(x),
        g -> List.of(g.getFirst().times(x).times(6)), null).getFirst();
  }

  /// `x^3`, with derivatives of two orders.
  private static Variable twiceOnly(Variable x) {
    return Op.record("twiceOnly", x.value().pow(3), Op.wrt(x, g -> g.times(onceOnly(x))));
  }

  @Test
  void noHigherOrderIsAskedForThanTheResultHas() {
    Tensor v = Tensor.of(new double[] {1, -2, 0.5});
    assertThat(Derivatives.valueAndGradient(x -> onceOnly(x).sum(), X).gradient()).isEqualTo(X.times(6));
    assertThat(Derivatives.vjp(DerivativesTest::onceOnly, X, v)).isEqualTo(v.times(X).times(6));
    assertThat(Derivatives.hvp(x -> twiceOnly(x).sum(), X, v)).isEqualTo(v.times(X).times(6));
    assertThat(Derivatives.hessian(x -> twiceOnly(x).sum(), X).sum(1)).isEqualTo(X.times(6));
    assertThat(Derivatives.jvp(DerivativesTest::twiceOnly, X, v).allClose(
        v.times(X.square()).times(3), 1e-15, 0)).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> Derivatives.hessian(x -> onceOnly(x).sum(), X))
        .withMessageContaining("onceOnly");
  }

  @Test
  void whatDoesNotDependOnTheInputHasZeroDerivatives() {
    Function<Variable, Variable> constant = x -> x.tape().constant(Tensor.scalar(3.0));
    Tensor zeros = Tensor.zeros(DType.FLOAT64, 3);
    assertThat(Derivatives.valueAndGradient(constant, X).gradient()).isEqualTo(zeros);
    assertThat(Derivatives.jacobian(constant, X)).isEqualTo(zeros);
    assertThat(Derivatives.vjp(constant, X, Tensor.scalar(2.0))).isEqualTo(zeros);
    Function<Variable, Variable> ofAnother = x -> x.tape().watch(X).sum();
    assertThat(Derivatives.valueAndGradient(ofAnother, X).gradient()).isEqualTo(zeros);
    assertThat(Derivatives.vjp(ofAnother, X, Tensor.scalar(2.0))).isEqualTo(zeros);
    assertThat(Derivatives.hvp(constant, X, X)).isEqualTo(zeros);
    assertThat(Derivatives.jvp(constant, X, X).item()).isZero();
    assertThat(Derivatives.hessian(x -> x.sum(), X)).isEqualTo(Tensor.zeros(DType.FLOAT64, 3, 3));
  }

  @Test
  void emptyInputsHaveEmptyDerivatives() {
    Tensor none = Tensor.zeros(DType.FLOAT32, 0);
    assertThat(Derivatives.jacobian(Variable::exp, none).shape().sizes()).containsExactly(0, 0);
    assertThat(Derivatives.valueAndGradient(Variable::sum, none).gradient()).isEqualTo(none);
  }

  @Test
  void wrongShapesAreNamed() {
    assertThatIllegalArgumentException().isThrownBy(() -> Derivatives.valueAndGradient(x -> x, X))
        .withMessageContaining("valueAndGradient").withMessageContaining("[3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Derivatives.hvp(Variable::sum, X, Tensor.ones(DType.FLOAT64, 2)))
        .withMessage("hvp: the vector is FLOAT64 [2], the input of the function FLOAT64 [3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Derivatives.jvp(DerivativesTest::curved, X, X.to(DType.FLOAT32)))
        .withMessage("jvp: the vector is FLOAT32 [3], the input of the function FLOAT64 [3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Derivatives.vjp(DerivativesTest::curved, X, X))
        .withMessageContaining("the result of the function FLOAT64 [2]");
  }

  // ---- closed forms -------------------------------------------------------------------------------------------------

  @Test
  void gradientOfCrossEntropyIsSoftmaxMinusOneHot() {
    Tensor logits = Tensor.normal(Rng.of(6), DType.FLOAT64, 0, 2, 4, 5);
    Tensor targets = Tensor.of(new int[] {1, 4, 0, 1}, 4, 1);
    Tensor gradient = Derivatives.valueAndGradient(
        x -> x.logSoftmax(1).takeAlong(targets, 1).negate().sum(), logits).gradient();
    Tensor oneHot = Tensor.zeros(DType.FLOAT64, 4, 5)
        .scatterAddAlong(targets, Tensor.ones(DType.FLOAT64, 4, 1), 1);
    assertThat(gradient.allClose(logits.softmax(1).minus(oneHot), 1e-13, 1e-15)).isTrue();
  }

  @Test
  void gradientOfTheLogDeterminantIsTheInverseTransposed() {
    int n = 4;
    Tensor a = Tensor.normal(Rng.of(7), DType.FLOAT64, 0, 1, n, n);
    Tensor matrix = a.matmul(a.transpose()).plus(Tensor.eye(DType.FLOAT64, n));
    Derivatives.ValueAndGradient result = Derivatives.valueAndGradient(DerivativesTest::logDeterminant, matrix);
    double[][] rows = IntStream.range(0, n).mapToObj(i -> matrix.select(0, i).toDoubles()).toArray(double[][]::new);
    LUDecomposition lu = new LUDecomposition(new Array2DRowRealMatrix(rows));
    assertThat(result.value()).isCloseTo(Math.log(lu.getDeterminant()), org.assertj.core.data.Offset.offset(1e-12));
    double[][] inverse = lu.getSolver().getInverse().transpose().getData();
    for (int i = 0; i < n; i++) {
      assertThat(result.gradient().select(0, i).allClose(Tensor.of(inverse[i]), 1e-11, 1e-13)).isTrue();
    }
  }

  /// By elimination without exchanges, which serves positive definite matrices.
  private static Variable logDeterminant(Variable matrix) {
    Variable rest = matrix;
    Variable sum = matrix.tape().constant(Tensor.scalar(0.0));
    while (true) {
      Variable pivot = rest.select(0, 0).select(0, 0);
      sum = sum.plus(pivot.log());
      int n = rest.size(0);
      if (n == 1) {
        return sum;
      }
      Variable column = rest.slice(0, 1, n).select(1, 0);
      Variable row = rest.select(0, 0).slice(0, 1, n);
      rest = rest.slice(0, 1, n).slice(1, 1, n).minus(column.outer(row).divide(pivot));
    }
  }

  @Test
  void elementsThatTieShareTheGradientEqually() {
    Tensor tied = Tensor.of(new double[] {2, 5, 5, 1});
    Tensor shared = Tensor.of(new double[] {0, 0.5, 0.5, 0});
    assertThat(Derivatives.valueAndGradient(x -> x.max(), tied).gradient()).isEqualTo(shared);
    assertThat(Derivatives.valueAndGradient(x -> x.negate().min(), tied).gradient()).isEqualTo(shared.times(-1));
    assertThat(Derivatives.valueAndGradient(x -> x.maximum(x.tape().constant(tied)).sum(), tied).gradient())
        .isEqualTo(Tensor.full(DType.FLOAT64, 0.5, tied.shape()));
  }

  @Test
  void rowsOfTwoGradientsAddUpAsRows() {
    Param table = new Param("table", Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 50, 4));
    List<Gradients> both = IntStream.of(7, 9).mapToObj(row -> {
      try (Tape tape = Tape.recording()) {
        return tape.gradients(tape.watch(table).gather(Tensor.of(new int[] {row, 3}), 0).square().sum());
      }
    }).toList();
    Gradients sum = both.get(0).plus(both.get(1));
    assertThat(sum.gradient(table)).isInstanceOfSatisfying(Gradient.Rows.class,
        rows -> assertThat(rows.indices()).isEqualTo(Tensor.of(new int[] {3, 7, 9})));
    assertThat(sum.of(table)).isEqualTo(both.get(0).of(table).plus(both.get(1).of(table)));
  }
}
