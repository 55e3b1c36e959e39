package dev.rewind.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Parameter;
import dev.rewind.autograd.Tape;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class OptimizersTest {
  private static final double RATE = 0.05;
  private static final double[] SLOPES = {0.5, -1.5, 0, 0.25, 3};

  /// The new value after gradient `g`, with two numbers of memory; written from the formulas.
  private interface Formula {
    double next(double x, double g, double[] memory);
  }

  private static Gradients gradient(Parameter parameter, Tensor g) {
    try (Tape tape = Tape.recording()) {
      return tape.gradients(tape.watch(parameter).times(tape.constant(g)).sum());
    }
  }

  private static Gradients gradient(Parameter parameter, double slope) {
    return gradient(parameter, Tensor.full(parameter.dtype(), slope, parameter.value().shape()));
  }

  private static void follows(Function<List<Parameter>, Optimizer> maker, Formula formula) {
    Parameter wide = new Parameter("wide", Tensor.of(new double[] {1, -2, 0}, 3));
    Parameter narrow = new Parameter("narrow", Tensor.of(new float[] {1, -2, 0}, 3));
    Optimizer ofWide = maker.apply(List.of(wide));
    Optimizer ofNarrow = maker.apply(List.of(narrow));
    double[] expected = {1, -2, 0};
    double[][] memory = new double[3][2];
    for (double slope : SLOPES) {
      ofWide.step(gradient(wide, slope));
      ofNarrow.step(gradient(narrow, slope));
      for (int i = 0; i < 3; i++) {
        expected[i] = formula.next(expected[i], slope, memory[i]);
        assertThat(wide.value().at(i)).isCloseTo(expected[i], within(1e-13));
        assertThat(narrow.value().at(i)).isCloseTo(expected[i], within(2e-6));
      }
    }
  }

  @Test
  void gradientDescentFollowsItsFormulas() {
    follows(ps -> new Sgd(ps, RATE), (x, g, memory) -> x - RATE * g);
    follows(ps -> new Sgd(ps, RATE, 0.9, false), (x, g, memory) -> {
      memory[0] = 0.9 * memory[0] + g;
      return x - RATE * memory[0];
    });
    follows(ps -> new Sgd(ps, RATE, 0.8, true), (x, g, memory) -> {
      memory[0] = 0.8 * memory[0] + g;
      return x - RATE * (g + 0.8 * memory[0]);
    });
  }

  @Test
  void adaptiveOnesFollowTheirFormulas() {
    follows(ps -> new RmsProp(ps, RATE), (x, g, memory) -> {
      memory[0] = 0.99 * memory[0] + 0.01 * g * g;
      return x - RATE * g / (Math.sqrt(memory[0]) + 1e-8);
    });
    follows(ps -> new RmsProp(ps, RATE, 0.5, 0.1), (x, g, memory) -> {
      memory[0] = 0.5 * memory[0] + 0.5 * g * g;
      return x - RATE * g / (Math.sqrt(memory[0]) + 0.1);
    });
    follows(ps -> new Adagrad(ps, RATE), (x, g, memory) -> {
      memory[0] += g * g;
      return x - RATE * g / (Math.sqrt(memory[0]) + 1e-10);
    });
  }

  @Test
  void partsOfALargeParameterAreAllUpdatedOnce() {
    int n = (1 << 17) + 3;
    Parameter x = new Parameter("x", Tensor.zeros(DType.FLOAT32, n));
    Tensor g = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, n);
    Sgd sgd = new Sgd(List.of(x), 0.5, 0.5, false);
    sgd.step(gradient(x, g));
    sgd.step(gradient(x, g)); // velocities g and 1.5 g, so the change is -0.5 * 2.5 g
    assertThat(x.value().allClose(g.times(-1.25), 1e-6, 1e-7)).isTrue();
  }

  @Test
  void aParameterThatIsAPartOfATensorIsUpdatedInItsPlace() {
    Tensor whole = Tensor.of(new float[] {1, 2, 3, 4}, 4);
    Parameter x = new Parameter("x", whole.slice(0, 1, 3));
    new Sgd(List.of(x), 0.5).step(gradient(x, 2));
    assertThat(whole).isEqualTo(Tensor.of(new float[] {1, 1, 2, 4}, 4));
  }

  @Test
  void parametersWithoutGradientStay() {
    Parameter moved = new Parameter("moved", Tensor.ones(DType.FLOAT32, 2));
    Parameter still = new Parameter("still", Tensor.ones(DType.FLOAT32, 2));
    RmsProp optimizer = new RmsProp(List.of(still, moved), RATE);
    int version = still.value().version();
    optimizer.step(gradient(moved, 1));
    assertThat(still.value().version()).isEqualTo(version);
    assertThat(moved.value().at(0)).isLessThan(1);
    assertThat(optimizer.state().get("0.steps").item()).isZero();
    assertThat(optimizer.state().get("1.steps").item()).isEqualTo(1);
  }

  @Test
  void aStateLoadedElsewhereGoesOnToTheSameBits() {
    Parameter one = new Parameter("x", Tensor.of(new float[] {1, -2}, 2));
    Sgd first = new Sgd(List.of(one), RATE, 0.9, true);
    first.step(gradient(one, 0.3));
    Parameter two = new Parameter("x", one.value().copy());
    Sgd second = new Sgd(List.of(two), RATE, 0.9, true);
    second.load(first.state());
    first.step(gradient(one, -0.7));
    second.step(gradient(two, -0.7));
    assertThat(two.value()).isEqualTo(one.value());
    assertThat(second.state()).isEqualTo(first.state());
  }

  @Test
  void statesThatDoNotFitAreRefusedWhole() {
    Parameter x = new Parameter("x", Tensor.ones(DType.FLOAT32, 2));
    Adagrad optimizer = new Adagrad(List.of(x), RATE);
    Map<String, Tensor> state = new HashMap<>(optimizer.state());
    state.put("0.steps", Tensor.scalar(7));
    state.put("0.square", Tensor.zeros(DType.FLOAT32, 1));
    state.put("1.square", Tensor.zeros(DType.FLOAT32, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> optimizer.load(state))
        .withMessageContaining("0.square is FLOAT32 [1], wanted FLOAT32 [2]")
        .withMessageContaining("1.square is unknown");
    assertThatIllegalArgumentException().isThrownBy(() -> optimizer.load(Map.of()))
        .withMessageContaining("0.steps is missing; 0.square is missing");
    assertThat(optimizer.state().get("0.steps").item()).isZero();
  }

  @Test
  void gradientsThatAreNotFiniteChangeNothing() {
    Parameter good = new Parameter("good", Tensor.ones(DType.FLOAT32, 2));
    Parameter bad = new Parameter("bad", Tensor.ones(DType.FLOAT32, 1));
    Sgd sgd = new Sgd(List.of(good, bad), RATE);
    for (double slope : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> sgd.step(gradient(good, 1).plus(gradient(bad, slope))))
          .withMessage("step: the gradient of bad [1] is not finite; nothing was changed");
    }
    assertThat(good.value().at(0)).isEqualTo(1);
    sgd.step(gradient(bad, 1e30)); // its square is no float, but it is finite
    assertThat(bad.value().at(0)).isEqualTo(1 - 0.05f * 1e30f);
  }

  @Test
  void optionsOutOfRangeAreNamed() {
    List<Parameter> none = List.of();
    assertThatIllegalArgumentException().isThrownBy(() -> new Sgd(none, -1)).withMessageContaining("learning rate");
    assertThatIllegalArgumentException().isThrownBy(() -> new Sgd(none, 1).learningRate(Double.NaN))
        .withMessageContaining("NaN");
    assertThatIllegalArgumentException().isThrownBy(() -> new Sgd(none, 1, 1, false)).withMessageContaining("momentum");
    assertThatIllegalArgumentException().isThrownBy(() -> new RmsProp(none, 1, 1.5, 0)).withMessageContaining("1.5");
  }

  @Test
  void schedulesGiveTheirRates() {
    assertThat(Schedule.constant(0.5).at(1_000_000)).isEqualTo(0.5);
    assertThat(Schedule.exponential(2, 0.5).at(3)).isEqualTo(0.25);
    Schedule step = Schedule.step(1, 0.1, 10);
    assertThat(step.at(9)).isEqualTo(1);
    assertThat(step.at(10)).isCloseTo(0.1, within(1e-15));
    Schedule cosine = Schedule.cosine(1, 0.2, 100);
    assertThat(cosine.at(0)).isEqualTo(1);
    assertThat(cosine.at(50)).isCloseTo(0.6, within(1e-15));
    assertThat(cosine.at(100)).isEqualTo(0.2);
    assertThat(cosine.at(101)).isEqualTo(0.2);
    Schedule warm = Schedule.constant(4).afterWarmUp(4);
    assertThat(new double[] {warm.at(0), warm.at(2), warm.at(3), warm.at(9)}).containsExactly(1, 3, 4, 4);
    assertThatIllegalArgumentException().isThrownBy(() -> Schedule.cosine(1, 0, 0)).withMessageContaining("cosine");
  }
}
