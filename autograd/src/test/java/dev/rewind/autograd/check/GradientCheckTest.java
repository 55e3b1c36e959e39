package dev.rewind.autograd.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Parameter;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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
    Verdict verdict = GradientCheck.of(x -> x.tanh().sum()).at(X).secondOrder().run();
    assertThat(verdict).satisfies(Verdict::assertPasses);
    assertThat(verdict.compared()).isEqualTo(12);
    assertThat(verdict.worst()).hasValueSatisfying(w -> assertThat(w.relativeError()).isLessThan(1e-6));
    assertThat(verdict.message()).startsWith("12 elements agree; worst: ");
  }

  @Test
  void aWrongGradientIsNamedByInputIndexAndValues() {
    Verdict verdict = GradientCheck.of(x -> almostSquare(x, 1.5).sum()).at(X).run();
    assertThat(verdict).returns(false, Verdict::passes);
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

  @Test
  void kinksAreCalledSo() {
    Verdict central = GradientCheck.of(x -> x.abs().sum()).at(Tensor.of(new double[] {1, 0})).run();
    assertThat(central.warnings()).singleElement().asString().contains("at [1]").contains("kink");
    Verdict onOneSide = GradientCheck.of(x -> x.relu().sum()).at(Tensor.of(new double[] {1, 0})).run();
    assertThat(onOneSide).returns(false, Verdict::passes);
    assertThat(onOneSide.message()).contains("at [1]").contains("kink");
  }

  @Test
  void functionsThatAreNotDeterministicAreCalledSo() {
    AtomicInteger calls = new AtomicInteger();
    Verdict verdict = GradientCheck.of(x -> x.times(calls.incrementAndGet()).sum()).at(X).run();
    assertThat(verdict.message()).contains("not deterministic");
  }

  @Test
  void drawsFromTheTapeAreDeterministic() {
    GradientCheck.of(x -> x.times(x.tape().constant(
        Tensor.normal(x.tape().rng("noise").orElseThrow(), DType.FLOAT64, 0, 1, 2, 3))).sum()).at(X).run().assertPasses();
  }

  @Test
  void gradientsThatAreCutOffFailUnlessAllowed() {
    GradientCheck check = GradientCheck.of(x -> x.stopGradient().sum()).at(X);
    assertThat(check.run().message()).contains("zero everywhere");
    assertThat(GradientCheck.of(x -> x.times(0).sum()).at(X).allowingZeroGradient().run().passes()).isTrue();
    assertThat(check.allowingZeroGradient().run().passes()).isFalse();
  }

  @Test
  void valuesThatAreNotFiniteFail() {
    assertThat(GradientCheck.of(x -> x.log().sum()).at(X).run().message()).contains("NaN at this point");
  }

  @Test
  void float32IsCheckedRoughlyAndWarnedOf() {
    Tensor inputs = X.to(DType.FLOAT32);
    assertThat(GradientCheck.of(x -> x.tanh().sum()).at(inputs).run().warnings()).isEmpty();
    Verdict rough = GradientCheck.of(x -> x.to(DType.FLOAT32).tanh().sum()).at(inputs).run().assertPasses();
    assertThat(rough.warnings()).hasSize(1);
    assertThat(rough.message()).contains("FLOAT32");
    assertThat(GradientCheck.of(x -> almostSquare(x, 1.5).to(DType.FLOAT32).sum()).at(X).run().passes()).isFalse();
  }

  @Test
  void largeInputsAreSampledTheSameWayEachTime() {
    Tensor large = Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 1, 1001);
    GradientCheck check = GradientCheck.of(x -> x.square().sum()).at(large);
    Verdict verdict = check.run().assertPasses();
    assertThat(verdict.compared()).isEqualTo(200);
    assertThat(check.run()).isEqualTo(verdict);
    assertThat(check.seed(2).run().worst()).isNotEqualTo(verdict.worst());
  }

  @Test
  void parametersAreCheckedUnderTheirNames() {
    Parameter weight = new Parameter("weight", Tensor.of(new float[] {1, 2, 3}));
    Verdict verdict = GradientCheck.of(x -> x.times(x.tape().watch(weight)).tanh()).at(X)
        .withParameters(List.of(weight)).secondOrder().run().assertPasses();
    assertThat(verdict.compared()).isEqualTo(18);
    assertThat(weight.dtype()).isEqualTo(DType.FLOAT32);
  }

  @Test
  void aCheckWithoutAPointIsRefused() {
    assertThatThrownBy(() -> GradientCheck.of(Variable::exp).run()).isInstanceOf(IllegalStateException.class)
        .hasMessage("gradient check: nothing to differentiate by; say where with at(..)");
  }

  @Test
  void emptyInputsPassWithNothingCompared() {
    Verdict verdict = GradientCheck.of(Variable::exp).at(Tensor.zeros(DType.FLOAT64, 0, 3)).secondOrder().run();
    assertThat(verdict.passes()).isTrue();
    assertThat(verdict.message()).isEqualTo("nothing was compared");
  }
}
