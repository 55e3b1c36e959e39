package dev.rewind.autograd.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.check.CheckResult.Verdict;
import dev.rewind.tensor.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FunctionCheckTest {
  private static final double[] X = {0.7, -1.2, 2.1};

  private static double rosenbrock(double[] x) {
    double sum = 0;
    for (int i = 0; i + 1 < x.length; i++) {
      sum += 100 * Math.pow(x[i + 1] - x[i] * x[i], 2) + Math.pow(1 - x[i], 2);
    }
    return sum;
  }

  private static double[] gradient(double[] x) {
    double[] g = new double[x.length];
    for (int i = 0; i + 1 < x.length; i++) {
      double inner = x[i + 1] - x[i] * x[i];
      g[i] += -400 * x[i] * inner - 2 * (1 - x[i]);
      g[i + 1] += 200 * inner;
    }
    return g;
  }

  private static double[][] hessian(double[] x) {
    double[][] h = new double[x.length][x.length];
    for (int i = 0; i + 1 < x.length; i++) {
      h[i][i] += 1200 * x[i] * x[i] - 400 * x[i + 1] + 2;
      h[i][i + 1] -= 400 * x[i];
      h[i + 1][i] -= 400 * x[i];
      h[i + 1][i + 1] += 200;
    }
    return h;
  }

  private static double[] product(double[][] matrix, double[] v) {
    return Arrays.stream(matrix).mapToDouble(row -> Comparer.inner(row, v)).toArray();
  }

  private static double[][] transposed(double[][] matrix) {
    double[][] result = new double[matrix[0].length][matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      for (int j = 0; j < matrix[0].length; j++) {
        result[j][i] = matrix[i][j];
      }
    }
    return result;
  }

  /// Three numbers to two.
  private static double[] map(double[] x) {
    return new double[] {x[0] * Math.sin(x[1]), Math.exp(x[0]) * x[2] + x[1]};
  }

  private static double[][] jacobian(double[] x) {
    return new double[][] {
        {Math.sin(x[1]), x[0] * Math.cos(x[1]), 0}, {Math.exp(x[0]) * x[2], 1, Math.exp(x[0])}};
  }

  private static double[] scaled(double factor, double[] x) {
    return Arrays.stream(x).map(value -> factor * value).toArray();
  }

  private static final FunctionCheck SCALAR = GradientCheck.ofFunction(FunctionCheckTest::rosenbrock).at(X);
  private static final FunctionCheck VECTOR = GradientCheck.ofVectorFunction(FunctionCheckTest::map).at(X);

  @Test
  void rightDerivativesPass() {
    CheckResult scalar = SCALAR.against(FunctionCheckTest::gradient).hessian(FunctionCheckTest::hessian)
        .hvp((x, v) -> product(hessian(x), v)).run().assertPasses();
    assertThat(scalar.verdict()).isEqualTo(Verdict.RIGHT);
    assertThat(scalar.compared()).isEqualTo(3 + 9 + 2 * 3);
    CheckResult vector = VECTOR.jacobian(FunctionCheckTest::jacobian).jvp((x, v) -> product(jacobian(x), v))
        .vjp((x, u) -> product(transposed(jacobian(x)), u)).run().assertPasses();
    assertThat(vector.verdict()).isEqualTo(Verdict.RIGHT);
    assertThat(vector.compared()).isEqualTo(6 + 2 * 2 + 2 * 3 + 1);
    assertThat(vector.warnings()).isEmpty();
  }

  @Test
  void aWrongGradientIsNamedWithHowFarItIsOff() {
    CheckResult result = GradientCheck.ofFunction(FunctionCheckTest::rosenbrock).against(x -> {
      double[] g = gradient(x);
      g[4] *= 1 + 1e-5;
      return g;
    }).parameter("position", 2).parameter("speed", 3, 1).at(0.7, -1.2, 2.1, 0.3, 0.9).run();
    assertThat(result.verdict()).isEqualTo(Verdict.WRONG);
    assertThat(result.worst().orElseThrow().what()).isEqualTo("gradient of speed");
    assertThat(result.worst().orElseThrow().index()).containsExactly(2, 0);
    assertThat(result.worst().orElseThrow().timesNumericalError()).isGreaterThan(100);
    assertThat(result.hint()).isEqualTo(
        "speed: wrong only at index 2 of axis 0; the others are right, and so is what they "
            + "share: look at what is done for speed alone");
    assertThatThrownBy(result::assertPasses).isInstanceOf(AssertionError.class)
        .hasMessageContaining("times the numerical error; hint: speed").hasMessageContaining("seed 1")
        .hasMessageContaining("\ngradient of position [2]         2      0           0")
        .hasMessageContaining("\ngradient of speed [3, 1]         3      1           0  1.00e-05 at [2, 0]");
  }

  @Test
  void scaleOfTheFunctionDoesNotMatter() {
    for (double scale : new double[] {1e-200, 1e-12, 1e12, 1e200}) {
      FunctionCheck check = GradientCheck.ofFunction(x -> scale * rosenbrock(x)).at(X);
      assertThat(check.against(x -> scaled(scale, gradient(x))).run().verdict()).isEqualTo(Verdict.RIGHT);
      for (double factor : new double[] {0, -1, 1 + 1e-5}) {
        assertThat(check.against(x -> scaled(scale * factor, gradient(x))).run().verdict()).isEqualTo(Verdict.WRONG);
      }
    }
  }

  @Test
  void scaleOfThePointDoesNotMatter() {
    for (double scale : new double[] {1e-20, 1e-9, 1e-5, 1e9, 1e100}) {
      FunctionCheck check = GradientCheck.ofFunction(x -> rosenbrock(scaled(1 / scale, x))).at(scaled(scale, X));
      assertThat(check.against(x -> scaled(1 / scale, gradient(scaled(1 / scale, x)))).run().verdict()).as("" + scale)
          .isEqualTo(Verdict.RIGHT);
      assertThat(check.against(x -> scaled(1.0001 / scale, gradient(scaled(1 / scale, x)))).run().verdict())
          .as("" + scale).isEqualTo(Verdict.WRONG);
    }
  }

  @Test
  void wrongProductsAndMatricesFail() {
    assertThat(VECTOR.jacobian(x -> {
      double[][] j = jacobian(x);
      j[1][2] *= 1.001;
      return j;
    }).run().message()).startsWith("Jacobian of the function at [1, 2]: analytic");
    assertThat(VECTOR.jvp((x, v) -> scaled(-1, product(jacobian(x), v))).run().message())
        .startsWith("Jacobian-vector product of direction").contains("the sign is wrong");
    CheckResult vjp = VECTOR.vjp((x, u) -> scaled(2, product(transposed(jacobian(x)), u))).run();
    assertThat(vjp.message()).startsWith("vector-Jacobian product").contains("counted twice");
    assertThat(SCALAR.against(FunctionCheckTest::gradient).hessian(x -> {
      double[][] h = hessian(x);
      h[2][2] = 0;
      return h;
    }).run().message()).startsWith("Hessian of the function at [2, 2]");
    assertThat(SCALAR.against(FunctionCheckTest::gradient).hvp((x, v) -> scaled(1.01, product(hessian(x), v))).run())
        .returns(Verdict.WRONG, CheckResult::verdict);
    double[][] square = {{1, 2, 3}, {4, 5, 6}, {7, 8, 10}};
    assertThat(GradientCheck.ofVectorFunction(x -> product(square, x)).jacobian(_ -> transposed(square)).at(X).run()
        .hint()).contains("transposed");
  }

  /// `out[i] = (x[i + 1] - x[i]) a`, of which tangent and adjoint agree to the last digits.
  @Test
  void theDotProductTestTellsTangentAndAdjointApart() {
    UnaryOperator<double[]> f = x -> new double[] {3 * (x[1] - x[0]), 3 * (x[2] - x[1])};
    FunctionCheck check = GradientCheck.ofVectorFunction(f).at(X).jvp((_, v) -> f.apply(v));
    UnaryOperator<double[]> adjoint = u -> new double[] {-3 * u[0], 3 * (u[0] - u[1]), 3 * u[1]};
    check.vjp((_, u) -> adjoint.apply(u)).run().assertPasses();
    CheckResult off = check.vjp((_, u) -> scaled(1 + 1e-9, adjoint.apply(u))).run();
    assertThat(off.message()).startsWith("dot-product test");
    assertThat(off.verdict()).isEqualTo(Verdict.WRONG);
  }

  @Test
  void largeJacobiansAreCheckedByWeightedRows() {
    int n = 70;
    Rng rng = Rng.of(5);
    double[][] matrix = new double[50][n];
    Arrays.stream(matrix).forEach(row -> rng.fillNormal(row, 0, n, 0, 1));
    FunctionCheck check = GradientCheck.ofVectorFunction(x -> product(matrix, x)).at(new double[n]);
    check.jacobian(_ -> matrix).run().assertPasses();
    double[][] wrong = Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
    wrong[31][17] += 0.01;
    assertThat(check.jacobian(_ -> wrong).run().message()).contains("weighted at random").contains("at [17]");
  }

  @Test
  void float32CodeIsCheckedAsWhatItIs() {
    FunctionCheck check = GradientCheck.ofFunction(x -> {
      float sum = 0;
      for (double value : x) {
        sum += (float) Math.tanh((float) value) * 3 + (float) value * (float) value;
      }
      return sum;
    }).at(0.1, -0.4, 1.3).float32();
    UnaryOperator<double[]> right = x -> Arrays.stream(x)
        .map(v -> (float) (3 * (1 - Math.tanh(v) * Math.tanh(v)) + 2 * v)).toArray();
    assertThat(check.against(right).run().assertPasses().verdict()).isEqualTo(Verdict.RIGHT);
    for (double factor : new double[] {0, 0.99, 1.01, 2}) {
      assertThat(check.against(x -> scaled(factor, right.apply(x))).run().verdict()).isEqualTo(Verdict.WRONG);
    }
  }

  /// `x^2 + 3 tanh(x)` of each element, the sum in `float` or in `double`.
  private static FunctionCheck inFloat(boolean sumInFloat, double... at) {
    return GradientCheck.ofFunction(x -> {
      float single = 0;
      double sum = 0;
      for (double value : x) {
        float term = (float) Math.tanh((float) value) * 3 + (float) value * (float) value;
        single += term;
        sum += term;
      }
      return sumInFloat ? single : sum;
    }).at(at);
  }

  @Test
  void float32IsSuggestedWhereTheFunctionSeemsToComputeInIt() {
    UnaryOperator<double[]> right = x -> Arrays.stream(x)
        .map(v -> 3 * (1 - Math.tanh(v) * Math.tanh(v)) + 2 * v).toArray();
    for (boolean sumInFloat : new boolean[] {true, false}) {
      FunctionCheck check = inFloat(sumInFloat, 0.1, -0.4, 1.3);
      assertThat(check.against(right).run()).returns(Verdict.UNDECIDABLE, CheckResult::verdict)
          .returns(false, CheckResult::passes).satisfies(result -> assertThat(result.message())
              .startsWith("gradient: right as far as single precision can tell").contains("float32()"));
      CheckResult wrong = check.against(x -> scaled(1.1, right.apply(x))).run();
      assertThat(wrong.verdict()).isEqualTo(Verdict.WRONG);
      assertThat(wrong.message()).contains("1.1000").contains("float32()");
      check.against(right).float32().run().assertPasses();
    }
    assertThat(SCALAR.against(x -> scaled(1 + 1e-5, gradient(x))).run().message()).doesNotContain("float32()");
  }

  @Test
  void aLongCheckSaysHowFarItHasCome() {
    List<String> lines = new ArrayList<>();
    AtomicInteger calls = new AtomicInteger();
    FunctionCheck check = GradientCheck.ofFunction(x -> {
      if (calls.incrementAndGet() == 9) { // two runs at the point, four for the first element
        LockSupport.parkNanos(1_100_000_000);
      }
      return rosenbrock(x);
    }).against(FunctionCheckTest::gradient).at(X);
    check.progress(lines::add).run().assertPasses();
    assertThat(lines).first().asString().matches(
        "gradient check: gradient: 2 of 3 comparisons, 9 evaluations, \\d+ s");
    calls.set(0);
    check.run().assertPasses(); // says nothing
  }

  /// One of more outputs than are compared one by one.
  @Test
  void everyResultOfALargeProductIsLookedAt() {
    int n = 300;
    UnaryOperator<double[]> f = x -> IntStream.range(0, n).mapToDouble(i -> Math.sin((1 + 0.01 * i) * x[0])).toArray();
    BinaryOperator<double[]> tangent = (x, v) -> IntStream.range(0, n)
        .mapToDouble(i -> (1 + 0.01 * i) * Math.cos((1 + 0.01 * i) * x[0]) * v[0]).toArray();
    FunctionCheck check = GradientCheck.ofVectorFunction(f).at(0.4);
    assertThat(check.jvp(tangent).run().assertPasses().compared()).isEqualTo(2 * 4);
    CheckResult wrong = check.jvp((x, v) -> {
      double[] product = tangent.apply(x, v);
      product[277] *= -1;
      return product;
    }).run();
    assertThat(wrong.worst().orElseThrow().index()).containsExactly(277);
  }

  @Test
  void functionsThatKeepAStateAreUndecidable() {
    double[] kept = {0};
    CheckResult cached = GradientCheck.ofFunction(x -> {
      kept[0] = 0.5 * kept[0] + x[0]; // settles at the same point, but depends on the one before
      return x[0] == 2 && kept[0] > 3.9 ? 4 : kept[0] * kept[0];
    }).against(x -> new double[] {2 * x[0]}).at(2).run();
    assertThat(cached).returns(Verdict.UNDECIDABLE, CheckResult::verdict).returns(false, CheckResult::passes);
    AtomicInteger calls = new AtomicInteger();
    CheckResult random = GradientCheck.ofFunction(x -> x[0] * calls.incrementAndGet())
        .against(_ -> new double[] {1}).at(2).run();
    assertThat(random.message()).contains("not deterministic");
    double[] last = new double[1];
    CheckResult stale = GradientCheck.ofFunction(x -> {
      last[0] = x[0]; // as a forward pass that leaves its activations to the backward pass
      return x[0] * x[0];
    }).against(_ -> new double[] {2 * last[0]}).at(2).run();
    assertThat(stale.verdict()).isEqualTo(Verdict.UNDECIDABLE);
    assertThat(stale.message()).contains("keeps a state or a cache from call to call");
    CheckResult tangent = GradientCheck.ofVectorFunction(x -> {
      last[0] = x[0];
      return new double[] {x[0] * x[0], x[0]};
    }).jvp((_, v) -> new double[] {2 * last[0] * v[0], v[0]}).at(2).run();
    assertThat(tangent.message()).startsWith("Jacobian-vector product: the analytic one is another");
  }

  @Test
  void functionsMayWriteToTheirPoint() {
    GradientCheck.ofFunction(x -> x[0] *= x[0]).against(x -> {
      x[0] *= 2;
      return x;
    }).at(3).run().assertPasses();
  }

  @Test
  void noiseMakesItUndecidableAndNeitherRightNorWrong() {
    FunctionCheck check = GradientCheck.ofFunction(x -> x[0] * x[0] + 1e-3 * Math.sin(1e9 * x[0])).at(1.5);
    CheckResult near = check.against(x -> new double[] {2 * x[0] * 1.01}).run();
    assertThat(near.passes()).isFalse();
    assertThat(near.message()).contains("converge");
  }

  @Test
  void wrongUseIsRefused() {
    assertThatIllegalStateException().isThrownBy(() -> SCALAR.run()).withMessageContaining("nothing to check");
    assertThatIllegalStateException().isThrownBy(() -> VECTOR.against(x -> x)).withMessageContaining("jacobian(..)");
    assertThatIllegalStateException()
        .isThrownBy(() -> GradientCheck.ofFunction(x -> x[0]).against(x -> x).run()).withMessageContaining("at(..)");
    assertThatIllegalStateException().isThrownBy(() -> SCALAR.hessian(FunctionCheckTest::hessian).run())
        .withMessageContaining("against(..)");
    assertThatIllegalStateException()
        .isThrownBy(() -> SCALAR.against(FunctionCheckTest::gradient).parameter("a", 2, 2).run())
        .withMessage("gradient check: the parameters have 4 elements, the point 3");
    assertThatIllegalArgumentException().isThrownBy(() -> SCALAR.against(_ -> new double[2]).run())
        .withMessage("gradient check: gradient has 2 elements, not 3");
    assertThatIllegalArgumentException().isThrownBy(() -> SCALAR.against(_ -> null).run())
        .withMessage("gradient check: gradient has no elements, not 3");
    assertThatIllegalArgumentException().isThrownBy(() -> VECTOR.jacobian(_ -> new double[3][3]).run())
        .withMessage("gradient check: the Jacobian has 3 rows, not 2");
    assertThatIllegalArgumentException().isThrownBy(() -> VECTOR.jacobian(_ -> new double[2][2]).run())
        .withMessage("gradient check: row 0 of the Jacobian has 2 elements, not 3");
    assertThatIllegalArgumentException().isThrownBy(() -> VECTOR.jvp((_, v) -> v).run())
        .withMessage("gradient check: Jacobian-vector product has 3 elements, not 2");
  }

  @Test
  void whatComparesNothingDoesNotPass() {
    CheckResult ofNoPoint = GradientCheck.ofFunction(x -> 1).against(x -> new double[0]).at().run();
    CheckResult ofNoResult = GradientCheck.ofVectorFunction(x -> new double[0]).jacobian(x -> new double[0][]).at(1, 2)
        .run();
    assertThat(List.of(ofNoPoint, ofNoResult)).allSatisfy(result -> {
      assertThat(result.passes()).isFalse();
      assertThat(result.reason()).contains("nothing was compared");
    });
  }
}
