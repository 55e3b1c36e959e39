package dev.rewind.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Derivatives;
import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Op;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.junit.jupiter.api.Test;

/// The programs of docs/autograd.md, with what they must give. [GuideTest] holds both together.
class ClassicUsesTest {
  private final Param weight = new Param("weight", Tensor.normal(Rng.of(1), DType.FLOAT64, 0, 0.5, 3, 3));
  private final Tensor input = Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 1, 2, 3);

  @Test
  void gradientPenalty() {
    Tensor derivative;
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(input);
      Variable score = x.matmul(tape.watch(weight)).tanh().sum();
      Variable steepness = tape.differentiate(score, x).square().sum();   // a variable like any other
      Gradients gradients = tape.gradients(score.plus(steepness.times(0.1)));
      derivative = gradients.of(weight);
    }
    assertThat(derivative.shape().sizes()).containsExactly(3, 3);
    GradientCheck.of(x -> {
      Variable score = x.matmul(x.tape().watch(weight)).tanh().sum();
      return score.plus(x.tape().differentiate(score, x).square().sum().times(0.1));
    }).at(input).withParameters(List.of(weight)).run().assertPasses();
  }

  @Test
  void hvp() {
    Function<Variable, Variable> f = x -> x.square().times(x.exp()).sum();
    Tensor at = Tensor.of(new double[] {0.3, -0.2, 0.9});
    Tensor direction = Tensor.of(new double[] {1, 2, -1});
    Tensor curvature = Derivatives.hvp(f, at, direction);
    for (int i = 0; i < 3; i++) {   // of x^2 e^x: (x^2 + 4x + 2) e^x
      double x = at.at(i);
      assertThat(curvature.at(i)).isCloseTo((x * x + 4 * x + 2) * Math.exp(x) * direction.at(i), within(1e-13));
    }
  }

  @Test
  void newtonsMethod() {
    // The minimum of a sum of exponentials: where exp(x1 + 3 x2 - 0.1) + exp(x1 - 3 x2 - 0.1) + exp(-x1 - 0.1) is
    // least.
    Tensor exponents = Tensor.of(new double[][] {{1, 3}, {1, -3}, {-1, 0}});
    Function<Variable, Variable> f = x -> x.tape().constant(exponents).matmul(x).minus(0.1).exp().sum();
    Tensor x = Tensor.of(new double[] {-1, 0.7});
    for (int step = 0; step < 8; step++) {
      Tensor gradient = Derivatives.valueAndGradient(f, x).gradient();
      x = x.minus(solve(Derivatives.hessian(f, x), gradient));
    }
    assertThat(x.at(0)).isCloseTo(-Math.log(2) / 2, within(1e-12));   // Boyd and Vandenberghe 2004, section 9.3
    assertThat(x.at(1)).isCloseTo(0, within(1e-12));
    assertThat(Derivatives.valueAndGradient(f, x).gradient().norm().item()).isLessThan(1e-12);
  }

  private static Tensor solve(Tensor matrix, Tensor right) {
    double[][] rows = {matrix.select(0, 0).toDoubles(), matrix.select(0, 1).toDoubles()};
    return Tensor.of(new LUDecomposition(new Array2DRowRealMatrix(rows)).getSolver()
        .solve(new ArrayRealVector(right.toDoubles())).toArray());
  }

  @Test
  void oneParameterAtManyPlaces() {
    Gradients gradients;
    try (Tape tape = Tape.recording()) {
      Variable encoded = tape.constant(input).matmul(tape.watch(weight)).tanh();
      Variable decoded = encoded.matmul(tape.watch(weight).transpose());   // the same weight again
      gradients = tape.gradients(decoded.minus(tape.constant(input)).square().mean());
    }
    assertThat(gradients.parameters()).containsExactly(weight);
    GradientCheck.of(x -> x.matmul(x.tape().watch(weight)).tanh().matmul(x.tape().watch(weight).transpose())
        .minus(x).square().mean()).at(input).withParameters(List.of(weight)).run().assertPasses();
  }

  @Test
  void fiveHundredRecurrentSteps() {
    GradientCheck.of(start -> {
      Variable state = start;
      for (int step = 0; step < 500; step++) {
        state = state.matmul(start.tape().watch(weight)).plus(0.3).tanh();
      }
      return state;
    }).at(input).withParameters(List.of(weight)).run().assertPasses();
  }

  /// `log(1 + e^x)`, whose derivative is the logistic function.
  private static Variable smoothRelu(Variable x) {
    return Op.record("smoothRelu", x.value().softplus(), Op.wrt(x, g -> g.times(x.sigmoid())));
  }

  @Test
  void anOperationOfOnesOwn() {
    GradientCheck.of(ClassicUsesTest::smoothRelu).at(input).secondOrder().run().assertPasses();
  }

  @Test
  void memoryForTime() {
    Tensor derivative;
    try (Tape tape = Tape.recording()) {
      Variable state = tape.constant(input);
      for (int segment = 0; segment < 100; segment++) {
        state = tape.recompute(s -> {
          Variable inner = s;
          for (int step = 0; step < 100; step++) {
            inner = inner.matmul(inner.tape().watch(weight)).plus(0.3).tanh();
          }
          return inner;
        }, state);
      }
      derivative = tape.gradients(state.sum()).of(weight);
    }
    assertThat(derivative.norm().item()).isPositive();
  }
}
