package dev.rewind.autograd.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Derivatives;
import dev.rewind.autograd.Op;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Checks at points where the first differences are of no use: by a kink, by the end of the domain, where a function is
/// curved more than the step is small. A right gradient passes, a wrong one does not.
class NearKinksTest {
  private static final double[] FACTORS = {-1, 0.5, 1 + 1e-4, 1 - 1e-4};

  private record Case(String what, UnaryOperator<Variable> function, double[] at) {
    @Override
    public String toString() {
      return what;
    }
  }

  private static Case row(String what, UnaryOperator<Variable> function, double... at) {
    return new Case(what, function, at);
  }

  /// `sin(x + phase)`.
  private static Variable sine(Variable x, double phase) {
    double[] values = x.value().toDoubles();
    Arrays.setAll(values, i -> Math.sin(values[i] + phase));
    return Op.record("sine", Tensor.of(values), Op.wrt(x, g -> g.times(sine(x, phase + Math.PI / 2))));
  }

  /// A smooth function beside the kink, so that other elements make the value larger.
  private static Variable beside(Variable kinked, Variable x) {
    return kinked.plus(sine(x.times(2), 0)).plus(x.square());
  }

  static Stream<Case> cases() {
    List<Case> rows = new ArrayList<>();
    for (double d : new double[] {1e-2, 3e-4, 1e-5, 1e-7}) {
      for (double sign : new double[] {1, -1}) {
        double by = sign * d;
        double[] more = {by, 0.7};
        rows.add(row("issue " + by, x -> x.minus(by).relu().plus(x.times(2)), 0, 0.5));
        rows.add(row("relu " + by, x -> beside(x.relu(), x), more));
        rows.add(row("abs " + by, x -> beside(x.abs(), x), more));
        rows.add(row("max " + by, x -> x.times(3).maximum(x.tanh()).plus(x.square()), more));
        rows.add(row("max of all " + by, x -> x.square().max().plus(x.sum()), 2, -2 + by, 0.1));
        rows.add(row("clamp " + by, x -> beside(x.clamp(-1, 1), x), 1 + by, -1 + by, 0.2));
        rows.add(row("huber " + by, x -> x.abs().minimum(x.tape().constant(Tensor.scalar(1.0)))
            .times(x.abs()).plus(x.times(3)), 1 + by, -1 + by, 0.2));
        rows.add(row("dead zone " + by, x -> x.minus(d).relu().minus(x.negate().minus(d).relu()).plus(x),
            0, by / 2, 2 * by));
        rows.add(row("large by " + by, x -> x.relu().times(1e6).plus(x.times(3e6)), by, 1));
        rows.add(row("small by " + by, x -> x.relu().times(1e-2).plus(x.times(3e-2)), by, 1));
        rows.add(row("far out " + by, x -> x.minus(1e6).relu().plus(x.times(1.5)), 1e6 * (1 + by), 5));
        rows.add(row("curved kink " + by, x -> sine(x, 0).relu().plus(x.exp()), by, 3.1));
      }
      rows.add(row("log " + d, Variable::log, d));
      rows.add(row("sqrt " + d, Variable::sqrt, d));
      rows.add(row("reciprocal " + d, Variable::reciprocal, d));
      rows.add(row("negative reciprocal " + d, Variable::reciprocal, -d));
      rows.add(row("power " + d, x -> x.pow(1.5).times(100), d));
      rows.add(row("x log x " + d, x -> x.times(x.log()), d));
      rows.add(row("near the end " + d, x -> x.square().minus(1).negate().sqrt(), 1 - d));
      rows.add(row("narrow " + d, x -> x.divide(d).tanh(), 0.3 * d));
    }
    for (double at : new double[] {-0.01, 0.1, 1, 2.5}) {
      rows.add(row("exp 20 at " + at, x -> x.times(20).exp(), at));
      rows.add(row("exp 250 at " + at, x -> x.times(250).exp(), at));
      rows.add(row("waves at " + at, x -> sine(x.times(500), 0), at));
    }
    rows.add(row("exp at its end", x -> x.exp(), 709.7));
    rows.add(row("waves far out", x -> sine(x.times(500), 0), 1000));
    rows.add(row("large", x -> x.square().times(1e6), 1e6));
    rows.add(row("offset", x -> x.plus(1e6).square(), 1, -2));
    rows.add(row("hidden offset", x -> x.plus(1e5).minus(1e5).square(), 1, -2));
    rows.add(row("tiny points", x -> sine(x.times(1e6), 0), 1e-6, 2e-6, -3e-7));
    rows.add(row("small", x -> x.times(1e-3).exp().minus(1).times(1e3), 0.4, -2));
    return rows.stream();
  }

  /// `x`, the gradient of which is wrong by these factors.
  private static Variable distorted(Variable x, Tensor factors) {
    return Op.record("distorted", x.value().copy(), Op.wrt(x, g -> g.times(g.tape().constant(factors))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rightGradientsPass(Case row) {
    CheckResult verdict = GradientCheck.of(row.function::apply).at(Tensor.of(row.at)).run();
    assertThat(verdict).as(row.what).satisfies(CheckResult::assertPasses);
    assertThat(verdict.warnings()).as(row.what).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void wrongGradientsFail(Case row) {
    for (double factor : FACTORS) {
      for (int i = 0; i < row.at.length; i++) {
        Tensor factors = Tensor.ones(DType.FLOAT64, row.at.length);
        factors.slice(0, i, i + 1).plusInPlace(Tensor.scalar(factor - 1));
        CheckResult verdict = GradientCheck.of(x -> row.function.apply(distorted(x, factors))).at(Tensor.of(row.at))
            .run();
        assertThat(verdict).as(row.what + ": element " + i + " times " + factor).returns(false, CheckResult::passes);
        assertThat(verdict.worst().orElseThrow().index()).containsExactly(i);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rightSecondDerivativesPass(Case row) {
    CheckResult verdict = GradientCheck.of(row.function::apply).at(Tensor.of(row.at)).secondOrder()
        .allowingZeroGradient()
        .run();
    assertThat(verdict).as(row.what).satisfies(CheckResult::assertPasses);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void wrongSecondDerivativesFail(Case row) {
    Tensor at = Tensor.of(row.at);
    double curvature = Derivatives.hvp(
        x -> row.function.apply(x).sum(), at, Tensor.ones(DType.FLOAT64, row.at.length)).abs().max().item();
    for (double factor : new double[] {-1, 2, 1.001}) {
      Tensor factors = Tensor.full(DType.FLOAT64, factor, row.at.length);
      CheckResult verdict = GradientCheck.of(x -> row.function.apply(Op.record("distorted", x.value().copy(),
          Op.wrt(x, g -> distorted(g, factors))))).at(at).secondOrder().allowingZeroGradient().run();
      assertThat(verdict).as(row.what + ": times " + factor).returns(curvature == 0, CheckResult::passes);
    }
  }

  @Test
  void kinksNearByDoNoHarmInFloat32() {
    for (double d : new double[] {0.1, 1e-2, 1e-3, -1e-2, -1e-3}) {
      Tensor at = Tensor.of(new double[] {d, 0.7, -1.3});
      GradientCheck.of(x -> x.to(DType.FLOAT32).relu().plus(x.square().to(DType.FLOAT32))).at(at).run().assertPasses();
      Tensor wrong = Tensor.of(new double[] {1, 1.3, 1});
      assertThat(GradientCheck.of(x -> distorted(x, wrong).to(DType.FLOAT32).relu().plus(x.square().to(DType.FLOAT32)))
          .at(at).run()).returns(false, CheckResult::passes);
    }
  }

  @Test
  void whatRoundingHidesPassesWithAWarningIfItMayBeRight() {
    Tensor at = Tensor.of(new double[] {1e6, 1e-3});
    CheckResult verdict = GradientCheck.of(x -> x.square().sum()).at(at).run().assertPasses();
    assertThat(verdict.warnings()).singleElement().asString().contains("at [1]").contains("rounded");
    Tensor huge = Tensor.of(new double[] {1, 1e6});
    assertThat(GradientCheck.of(x -> distorted(x, huge).square().sum()).at(at).run()).returns(false,
        CheckResult::passes);
  }
}
