package dev.rewind.testing;

import static dev.rewind.testing.RewindAssertions.assertThat;
import static dev.rewind.testing.RewindAssertions.assertThatGradientOf;
import static dev.rewind.testing.RewindAssertions.assertThatGradientOfMany;
import static dev.rewind.testing.RewindAssertions.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.CheckResult.Verdict;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

class RewindAssertionsTest {
  private static final Tensor X = Tensor.of(new double[] {0.5, -1, 2, 0.25, 3, -2}, 2, 3);

  private static void failsWith(String text, ThrowingCallable assertion) {
    assertThatThrownBy(assertion).isInstanceOf(AssertionError.class).hasMessageContaining(text);
  }

  @Test
  void tensorsAreComparedByShapeDTypeAndElements() {
    assertThat(X).hasShape(2, 3).hasDType(DType.FLOAT64).isFinite().isEqualTo(X.copy())
        .isCloseTo(X.plus(1e-9), within(1e-8)).isCloseTo(X.times(1 + 1e-9), 1e-8, 0)
        .hasElements(within(0.5), 0, -1, 2, 0, 3, -2);
    assertThat(Tensor.scalar(2.0)).hasShape();
    assertThat(Tensor.of(new double[] {Double.NaN})).isCloseTo(Tensor.of(new double[] {Double.NaN}), within(0));
  }

  @Test
  void failuresOfTensorsSayWhatDiffers() {
    failsWith("expected a tensor of shape [3, 2], it is FLOAT64 [2, 3]", () -> assertThat(X).hasShape(3, 2));
    failsWith("expected a tensor of FLOAT32, it is FLOAT64 [2, 3]", () -> assertThat(X).hasDType(DType.FLOAT32));
    failsWith("1 of 2 elements are not finite, the first at [1]: NaN",
        () -> assertThat(Tensor.of(new double[] {1, Double.NaN})).isFinite());
    failsWith("3.0                      3.5       -0.500\n[0, 2] ", () -> assertThat(X)
        .isCloseTo(Tensor.of(new double[] {0.5, -1, 2.1, 0.25, 3.5, -2}, 2, 3), within(1e-3)));
    failsWith("[3, 2]", () -> assertThat(X).isCloseTo(X.reshape(3, 2), within(1)));
    failsWith("expected 2 elements, the tensor [2, 3] has 6", () -> assertThat(X).hasElements(within(1), 1, 2));
    failsWith("not to be null", () -> assertThat((Tensor) null).hasShape());
    failsWith("[weights]", () -> assertThat(X).as("weights").hasShape(1));
  }

  /// `x^2` with the gradient `x`.
  private static Variable halfTheGradient(Variable x) {
    return Op.record("halfTheGradient", x.value().square(), Op.wrt(x, g -> g.times(x)));
  }

  @Test
  void gradientsAreCheckedInOneLine() {
    assertThatGradientOf(Variable::tanh).at(X).isCorrectToSecondOrder().isCorrectEverywhere();
    assertThatGradientOf(RewindAssertionsTest::halfTheGradient).at(X).isWrong()
        .hasHint("0.500000 times what it should be");
    assertThatGradientOfMany(xs -> xs.get(0).times(xs.get(1))).at(X, X.plus(1)).isCorrect();
    Param weight = new Param("weight", Tensor.of(new float[] {1, 2, 3}));
    assertThatGradientOf(x -> x.times(x.tape().watch(weight))).at(X).withParameters(Map.of("w", weight)).isCorrect();
    assertThat(GradientCheck.ofFunction(x -> x[0] * x[1]).against(x -> new double[] {x[1], x[0]}).at(2, 3))
        .isCorrectEverywhere();
    assertThat(GradientCheck.of(Variable::relu).at(Tensor.of(new double[] {0, 1}))).isCorrect()
        .hasVerdict(Verdict.UNDECIDABLE);
  }

  @Test
  void failuresOfGradientsShowTableHintAndSeed() {
    ThrowingCallable wrong = () -> assertThatGradientOf(RewindAssertionsTest::halfTheGradient).at(X)
        .with(check -> check.seed(7).named("weights")).isCorrect();
    failsWith("expected a correct gradient: WRONG, gradient of weights at [", wrong);
    failsWith("hint: weights: 0.500000 times what it should be", wrong);
    failsWith("gradient of weights [2, 3]         6      6           0", wrong);
    failsWith("seed 7", wrong);
    failsWith("without warnings: UNDECIDABLE",
        () -> assertThatGradientOf(Variable::relu).at(Tensor.of(new double[] {0, 1})).isCorrect()
            .isCorrectEverywhere());
    failsWith("expected the verdict WRONG: RIGHT", () -> assertThatGradientOf(Variable::tanh).at(X).isWrong());
  }

  @ParameterizedTest
  @TensorSource(shapes = {"", "1", "2,3", "0,4"})
  void everyShapeAndDTypeComesToTheTest(Tensor x) {
    assertThat(x).isCloseTo(Tensor.normal(Rng.of(1).split(x.dtype() + " " + x.shape()), x.dtype(), 0, 1,
        x.shape().sizes()), within(0));
    assertThatGradientOf(v -> v.tanh().sum()).at(x).isCorrect();
  }

  @ParameterizedTest
  @TensorSource(shapes = "5", dtypes = DType.FLOAT64, seed = 3)
  void seedsAreTheTests(Tensor x) {
    assertThat(x).hasShape(5).hasDType(DType.FLOAT64);
    assertThat(x.equals(Tensor.normal(Rng.of(1).split("FLOAT64 [5]"), DType.FLOAT64, 0, 1, 5))).isFalse();
  }
}
