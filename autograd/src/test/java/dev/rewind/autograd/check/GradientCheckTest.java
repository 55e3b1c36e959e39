package dev.rewind.autograd.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.CheckResult.Verdict;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class GradientCheckTest {
  private static final Tensor X = Tensor.of(new double[] {0.5, -1, 2, 0.25, 3, -2}, 2, 3);

  /// `x^2` with a gradient that is wrong by a factor at one element.
  private static Variable almostSquare(Variable x, double factor) {
    Tensor wrong = Tensor.ones(DType.FLOAT64, 2, 3);
    wrong.slice(0, 1, 2).slice(1, 2, 3).plusInPlace(Tensor.scalar(factor - 1));
    return Op.record("almostSquare", x.value().square(),
        Op.wrt(x, g -> g.times(x).times(2).times(g.tape().constant(wrong))));
  }

  @Test
  void aRightGradientPassesWithItsWorstElement() {
    CheckResult verdict = GradientCheck.of(x -> x.tanh().sum()).at(X).secondOrder().run();
    assertThat(verdict).satisfies(CheckResult::assertPasses);
    assertThat(verdict.compared()).isEqualTo(12);
    assertThat(verdict.worst()).hasValueSatisfying(w -> assertThat(w.relativeError()).isLessThan(1e-6));
    assertThat(verdict.message()).startsWith("12 elements agree; worst: ");
  }

  @Test
  void aWrongGradientIsNamedByInputIndexAndValues() {
    CheckResult verdict = GradientCheck.of(x -> almostSquare(x, 1.5).sum()).at(X).run();
    assertThat(verdict).returns(false, CheckResult::passes);
    assertThat(verdict.worst()).hasValueSatisfying(w -> {
      assertThat(w.what()).isEqualTo("gradient of input 0");
      assertThat(w.index()).containsExactly(1, 2);
      assertThat(w.analytic()).isEqualTo(-6);
      assertThat(w.numerical()).isCloseTo(-4, org.assertj.core.data.Offset.offset(1e-6));
      assertThat(w.relativeError()).isCloseTo(1.0 / 3, org.assertj.core.data.Offset.offset(1e-6));
    });
    assertThatThrownBy(verdict::assertPasses).isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("gradient check failed: gradient of input 0 at [1, 2]: analytic -6.0, numerical -");
  }

  @Test
  void aGradientWrongByTenPartsInAMillionFails() {
    assertThat(GradientCheck.of(x -> almostSquare(x, 1 + 1e-5).sum()).at(X).run().passes()).isFalse();
  }

  @Test
  void aNaNGradientFails() {
    assertThat(GradientCheck.of(x -> almostSquare(x, Double.NaN).sum()).at(X).run().passes()).isFalse();
  }

  /// `x` with this gradient whatever comes after.
  private static Variable withGradient(Variable x, double... gradient) {
    return Op.record("given", x.value().copy(), Op.wrt(x, g -> g.tape().constant(Tensor.of(gradient))));
  }

  @Test
  void atAKinkWhatLiesBetweenBothSidesPassesWithAWarning() {
    Tensor at = Tensor.of(new double[] {1, 0});
    for (double right : new double[] {-1, 0, 0.3, 1}) {
      CheckResult verdict = GradientCheck.of(x -> withGradient(x, 1, right).abs().sum()).at(at).run().assertPasses();
      assertThat(verdict.warnings()).singleElement().asString().contains("at [1]").contains("kink")
          .contains("from the left is -1.0, from the right 1.0");
    }
    for (double wrong : new double[] {-1.0001, 1.0001, 3}) {
      CheckResult verdict = GradientCheck.of(x -> withGradient(x, 1, wrong).abs().sum()).at(at).run();
      assertThat(verdict).returns(false, CheckResult::passes);
      assertThat(verdict.message()).contains("at [1]").contains("kink");
    }
    assertThat(GradientCheck.of(x -> x.abs().sum()).at(at).run().assertPasses().warnings()).hasSize(1);
    assertThat(GradientCheck.of(x -> x.relu().sum()).at(at).run().assertPasses().warnings()).hasSize(1);
    assertThat(
        GradientCheck.of(x -> x.relu().times(x.exp()).sum()).at(at).secondOrder().run().assertPasses().warnings())
        .hasSize(2);
  }

  @Test
  void atTheEndOfTheDomainTheDerivativeFromWithinPassesWithAWarning() {
    Tensor at = Tensor.of(new double[] {1, 2});
    Function<Variable, Variable> f = x -> x.minus(1).pow(2.5).plus(x.times(3)).sum();
    CheckResult verdict = GradientCheck.of(f).at(at).run().assertPasses();
    assertThat(verdict.warnings()).singleElement().asString().contains("at [0]").contains("end").contains("undefined");
    assertThat(GradientCheck.of(x -> f.apply(withGradient(x, 3.01, 6))).at(at).run()).returns(false,
        CheckResult::passes);
  }

  @Test
  void infiniteDerivativesFail() {
    Tensor at = Tensor.of(new double[] {1, 0});
    assertThat(GradientCheck.of(x -> x.sqrt().sum()).at(at).run()).returns(false, CheckResult::passes);
    assertThat(GradientCheck.of(x -> withGradient(x, 2, Double.POSITIVE_INFINITY).square().sum()).at(at).run())
        .returns(false, CheckResult::passes);
    assertThat(GradientCheck.of(x -> withGradient(x, 0.5, 0).abs().sqrt().sum()).at(at).run().message())
        .contains("at [1]").contains("converge");
  }

  @Test
  void functionsThatAreNotDeterministicAreCalledSo() {
    AtomicInteger calls = new AtomicInteger();
    CheckResult verdict = GradientCheck.of(x -> x.times(calls.incrementAndGet()).sum()).at(X).run();
    assertThat(verdict.message()).contains("not deterministic");
  }

  @Test
  void drawsFromTheTapeAreDeterministic() {
    GradientCheck.of(x -> x.times(x.tape().constant(
        Tensor.normal(x.tape().rng("noise").orElseThrow(), DType.FLOAT64, 0, 1, 2, 3))).sum()).at(X).run()
        .assertPasses();
  }

  @Test
  void gradientsThatAreZeroFailUnlessAllowed() {
    GradientCheck zero = GradientCheck.of(x -> x.times(0).sum()).at(X);
    assertThat(zero.run().message())
        .isEqualTo("gradient: zero everywhere; if that is right, say allowingZeroGradient()");
    assertThat(zero.allowingZeroGradient().secondOrder().run().passes()).isTrue();
    assertThat(
        GradientCheck.of(x -> x.tape().constant(X).sum()).at(X).allowingZeroGradient().secondOrder().run().passes())
        .isTrue();
  }

  @Test
  void gradientsThatAreCutOffAreCalledSo() {
    CheckResult all = GradientCheck.of(x -> x.stopGradient().sum()).at(X).allowingZeroGradient().run();
    assertThat(all).returns(false, CheckResult::passes);
    assertThat(all.message())
        .startsWith("gradient of input 0: the analytic one is zero everywhere, the numerical one is "
            + "not; is it cut off by stopGradient, by value(), or in a part that was not registered? Worst: gradient "
            + "of input");
    assertThat(all.message()).contains("]: analytic 0.0, numerical 1.0");
    Param weight = new Param("weight", Tensor.of(new float[] {1, 2, 3}));
    CheckResult one = GradientCheck.of(x -> x.times(x.tape().constant(x.tape().watch(weight).value())).tanh()).at(X)
        .withParameters(Map.of("cell.weight", weight)).run();
    assertThat(one.message()).startsWith("gradient of parameter cell.weight: the analytic one is zero everywhere");
  }

  @Test
  void valuesThatAreNotFiniteFail() {
    assertThat(GradientCheck.of(x -> x.log().sum()).at(X).run().message()).contains("NaN at this point");
  }

  @Test
  void float32IsCheckedRoughlyAndWarnedOf() {
    Tensor inputs = X.to(DType.FLOAT32);
    assertThat(GradientCheck.of(x -> x.tanh().sum()).at(inputs).run().warnings()).isEmpty();
    CheckResult rough = GradientCheck.of(x -> x.to(DType.FLOAT32).tanh().sum()).at(inputs).run().assertPasses();
    assertThat(rough.warnings()).hasSize(1);
    assertThat(rough.message()).contains("FLOAT32");
    assertThat(GradientCheck.of(x -> almostSquare(x, 1.5).to(DType.FLOAT32).sum()).at(X).run().passes()).isFalse();
  }

  @Test
  void largeInputsAreProjectedTheSameWayEachTime() {
    Tensor large = Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 1, 1001);
    GradientCheck check = GradientCheck.of(x -> x.square().sum()).at(large);
    CheckResult verdict = check.run().assertPasses();
    assertThat(verdict.compared()).isEqualTo(4);
    assertThat(check.run()).isEqualTo(verdict);
    assertThat(check.seed(2).run().worst()).isNotEqualTo(verdict.worst());
  }

  /// The square of each element, with the gradients of some wrong.
  private static Variable squareWrongAt(Variable x, double factor, int... elements) {
    Tensor factors = Tensor.ones(DType.FLOAT64, x.shape().sizes());
    for (int element : elements) {
      factors.slice(0, element, element + 1).plusInPlace(Tensor.scalar(factor - 1));
    }
    return Op.record("squareWrongAt", x.value().square(),
        Op.wrt(x, g -> g.times(x).times(2).times(g.tape().constant(factors))));
  }

  @Test
  void ofALargeInputEachWrongElementIsFound() {
    Tensor large = Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 1, 5003);
    for (int element : new int[] {0, 17, 2501, 4999, 5002}) {
      CheckResult verdict = GradientCheck.of(x -> squareWrongAt(x, 1.01, element).sum()).at(large).run();
      assertThat(verdict.verdict()).isEqualTo(Verdict.WRONG);
      assertThat(verdict.message()).contains("gradient of input 0 at [" + element + "]");
    }
    CheckResult two = GradientCheck.of(x -> squareWrongAt(x, -1, 1234, 4321).sum()).at(large).run();
    assertThat(two.rows()).singleElement()
        .satisfies(row -> assertThat(row.wrong()).isGreaterThanOrEqualTo(2));
    assertThat(two.hint()).contains("sign");
  }

  @Test
  void parametersAreCheckedUnderTheirNames() {
    Param weight = new Param("weight", Tensor.of(new float[] {1, 2, 3}));
    CheckResult verdict = GradientCheck.of(x -> x.times(x.tape().watch(weight)).tanh()).at(X)
        .withParameters(List.of(weight)).secondOrder().run().assertPasses();
    assertThat(verdict.compared()).isEqualTo(18);
    assertThat(weight.dtype()).isEqualTo(DType.FLOAT32);
  }

  @Test
  void inputsAndParametersGoByTheNamesGiven() {
    Param weight = new Param("weight", Tensor.of(new float[] {1, 2, 3}));
    GradientCheck check = GradientCheck.ofMany(xs -> xs.get(0).times(almostSquare(xs.get(1), 2))
        .times(xs.get(0).tape().watch(weight))).at(X, X);
    assertThat(check.named("state.h", "state.c").withParameters(Map.of("norm.weight", weight)).run().worst())
        .hasValueSatisfying(w -> assertThat(w.what()).isEqualTo("gradient of state.c"));
    assertThat(check.withParameters(List.of(weight)).run().worst())
        .hasValueSatisfying(w -> assertThat(w.what()).isEqualTo("gradient of input 1"));
    assertThatThrownBy(() -> check.named("state.h").run()).isInstanceOf(IllegalStateException.class)
        .hasMessage("gradient check: 2 inputs, but the names [state.h]");
    Param other = new Param("weight", Tensor.of(new float[] {1, 2, 3}));
    CheckResult twoOfAName = GradientCheck
        .of(x -> x.times(x.tape().watch(weight)).times(x.tape().watch(other).stopGradient()))
        .at(X).withParameters(List.of(weight, other)).run();
    assertThat(twoOfAName.message()).startsWith("gradient of parameter weight (1): ");
  }

  @Test
  void parametersThatAreUsedAndNotCheckedAreNamed() {
    Param weight = new Param("weight", Tensor.of(new float[] {1, 2, 3}));
    Param bias = new Param("bias", Tensor.of(new float[] {1, 2, 3}));
    GradientCheck check = GradientCheck.of(x -> x.times(x.tape().watch(weight)).plus(x.tape().watch(bias)).tanh())
        .at(X);
    assertThat(check.run().assertPasses().warnings()).singleElement().asString()
        .contains("[weight [3], bias [3]]").contains("withParameters");
    CheckResult forgotten = check.withParameters(List.of(weight)).run();
    assertThat(forgotten).returns(false, CheckResult::passes);
    assertThat(forgotten.message()).contains("not checked, [bias [3]]").contains("child(..)");
    assertThat(check.withParameters(List.of(weight, bias)).run().assertPasses().warnings()).isEmpty();
    bias.freeze(true);
    assertThat(check.withParameters(List.of(weight)).run().assertPasses().warnings()).isEmpty();
  }

  @Test
  void aCheckWithoutAPointIsRefused() {
    assertThatThrownBy(() -> GradientCheck.of(Variable::exp).run()).isInstanceOf(IllegalStateException.class)
        .hasMessage("gradient check: nothing to differentiate by; say where with at(..)");
  }

  @Test
  void emptyInputsPassWithNothingCompared() {
    CheckResult verdict = GradientCheck.of(Variable::exp).at(Tensor.zeros(DType.FLOAT64, 0, 3)).secondOrder().run();
    assertThat(verdict.passes()).isTrue();
    assertThat(verdict.message()).isEqualTo("nothing was compared");
  }
}
