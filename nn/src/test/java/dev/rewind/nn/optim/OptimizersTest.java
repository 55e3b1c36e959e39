package dev.rewind.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class OptimizersTest {
  private static final double RATE = 0.05;
  private static final double[] GRADIENTS = {0.5, -1.5, 0, 0.25, 3};

  /// The new value after gradient `g`, the `t`th, with three numbers of memory; written from PyTorch's documentation.
  private interface Formula {
    double next(double x, double g, double[] memory, int t);
  }

  private static Gradients gradient(Param parameter, Tensor g) {
    try (Tape tape = Tape.recording()) {
      return tape.gradients(tape.watch(parameter).times(tape.constant(g)).sum());
    }
  }

  private static Gradients gradient(Param parameter, double derivative) {
    return gradient(parameter, Tensor.full(parameter.dtype(), derivative, parameter.value().shape()));
  }

  private static void follows(Function<List<Param>, Optimizer> maker, Formula formula) {
    Param wide = new Param("wide", Tensor.of(new double[] {1, -2, 0}, 3));
    Param narrow = new Param("narrow", Tensor.of(new float[] {1, -2, 0}, 3));
    Optimizer ofWide = maker.apply(List.of(wide));
    Optimizer ofNarrow = maker.apply(List.of(narrow));
    double[] expected = {1, -2, 0};
    double[][] memory = new double[3][3];
    for (int t = 1; t <= GRADIENTS.length; t++) {
      double derivative = GRADIENTS[t - 1];
      ofWide.step(gradient(wide, derivative));
      ofNarrow.step(gradient(narrow, derivative));
      for (int i = 0; i < 3; i++) {
        expected[i] = formula.next(expected[i], derivative, memory[i], t);
        assertThat(wide.value().at(i)).isCloseTo(expected[i], within(1e-13));
        assertThat(narrow.value().at(i)).isCloseTo(expected[i], within(2e-6));
      }
    }
  }

  @Test
  void gradientDescentFollowsItsFormulas() {
    Sgd.Options plain = Sgd.Options.defaults();
    follows(ps -> new Sgd(ps, RATE), (x, g, memory, t) -> x - RATE * g);
    follows(ps -> new Sgd(ps, RATE, plain.withDecay(0.3)), (x, g, memory, t) -> x - RATE * (g + 0.3 * x));
    follows(ps -> new Sgd(ps, RATE, plain.withMomentum(0.9)), (x, g, memory, t) -> {
      memory[0] = 0.9 * memory[0] + g;
      return x - RATE * memory[0];
    });
    follows(ps -> new Sgd(ps, RATE, plain.withMomentum(0.9).withDampening(0.25).withDecay(0.3)), (x, g, memory, t) -> {
      double derivative = g + 0.3 * x;
      memory[0] = t == 1 ? derivative : 0.9 * memory[0] + 0.75 * derivative;
      return x - RATE * memory[0];
    });
    follows(ps -> new Sgd(ps, RATE, plain.withNesterov(0.8).withDecay(0.1)), (x, g, memory, t) -> {
      double derivative = g + 0.1 * x;
      memory[0] = 0.8 * memory[0] + derivative;
      return x - RATE * (derivative + 0.8 * memory[0]);
    });
  }

  @Test
  void rmsPropFollowsItsFormulas() {
    RmsProp.Options plain = RmsProp.Options.defaults();
    follows(ps -> new RmsProp(ps, RATE), (x, g, memory, t) -> {
      memory[0] = 0.99 * memory[0] + 0.01 * g * g;
      return x - RATE * g / (Math.sqrt(memory[0]) + 1e-8);
    });
    for (boolean centered : new boolean[] {false, true}) {
      for (double momentum : new double[] {0, 0.7}) {
        RmsProp.Options some = plain.withAlpha(0.5).withEpsilon(0.1).withMomentum(momentum).withDecay(0.2);
        follows(ps -> new RmsProp(ps, RATE, centered ? some.withCentering() : some), (x, g, memory, t) -> {
          double derivative = g + 0.2 * x;
          memory[0] = 0.5 * memory[0] + 0.5 * derivative * derivative;
          memory[1] = centered ? 0.5 * memory[1] + 0.5 * derivative : 0;
          memory[2] = momentum * memory[2] + derivative / (Math.sqrt(memory[0] - memory[1] * memory[1]) + 0.1);
          return x - RATE * memory[2];
        });
      }
    }
  }

  @Test
  void adagradFollowsItsFormula() {
    follows(ps -> new Adagrad(ps, RATE), (x, g, memory, t) -> {
      memory[0] += g * g;
      return x - RATE * g / (Math.sqrt(memory[0]) + 1e-10);
    });
    Adagrad.Options some = Adagrad.Options.defaults().withEpsilon(0.01).withRateDecay(0.1).withDecay(0.2);
    follows(ps -> new Adagrad(ps, RATE, some), (x, g, memory, t) -> {
      double derivative = g + 0.2 * x;
      memory[0] += derivative * derivative;
      return x - RATE / (1 + (t - 1) * 0.1) * derivative / (Math.sqrt(memory[0]) + 0.01);
    });
  }

  @Test
  void adamFollowsItsFormulas() {
    follows(ps -> new Adam(ps, RATE), (x, g, memory, t) -> x - RATE * adam(g, memory, t, 0.9, 0.999, 1e-8, false));
    Adam.Options some = Adam.Options.defaults().withBetas(0.5, 0.6).withEpsilon(0.01).withDecay(0.2);
    for (boolean amsgrad : new boolean[] {false, true}) {
      Adam.Options options = amsgrad ? some.withAmsgrad() : some;
      follows(ps -> new Adam(ps, RATE, options),
          (x, g, memory, t) -> x - RATE * adam(g + 0.2 * x, memory, t, 0.5, 0.6, 0.01, amsgrad));
      follows(ps -> new AdamW(ps, RATE, options),
          (x, g, memory, t) -> x - RATE * 0.2 * x - RATE * adam(g, memory, t, 0.5, 0.6, 0.01, amsgrad));
      follows(ps -> muon(ps, options),
          (x, g, memory, t) -> x - RATE * 0.2 * x - RATE * adam(g, memory, t, 0.5, 0.6, 0.01, amsgrad));
    }
    follows(ps -> new AdamW(ps, RATE),
        (x, g, memory, t) -> x - RATE * 0.01 * x - RATE * adam(g, memory, t, 0.9, 0.999, 1e-8, false));
  }

  private static double adam(
      double g, double[] memory, int t, double beta1, double beta2, double epsilon, boolean amsgrad) {
    memory[0] = beta1 * memory[0] + (1 - beta1) * g;
    memory[1] = beta2 * memory[1] + (1 - beta2) * g * g;
    memory[2] = amsgrad ? Math.max(memory[2], memory[1]) : memory[1];
    return memory[0] / (1 - Math.pow(beta1, t)) / (Math.sqrt(memory[2] / (1 - Math.pow(beta2, t))) + epsilon);
  }

  @Test
  void nesterovsAdamFollowsItsFormula() {
    Adam.Options some = Adam.Options.defaults().withBetas(0.5, 0.6).withEpsilon(0.01).withDecay(0.2);
    follows(ps -> new NAdam(named(ps), RATE, some), (x, g, memory, t) -> {
      double derivative = g + 0.2 * x;
      double now = 0.5 * (1 - 0.5 * Math.pow(0.96, 0.004 * t));
      double next = 0.5 * (1 - 0.5 * Math.pow(0.96, 0.004 * (t + 1)));
      memory[0] = 0.5 * memory[0] + 0.5 * derivative;
      memory[1] = 0.6 * memory[1] + 0.4 * derivative * derivative;
      memory[2] = (t == 1 ? 1 : memory[2]) * now;
      double root = Math.sqrt(memory[1] / (1 - Math.pow(0.6, t))) + 0.01;
      return x - RATE * (1 - now) / (1 - memory[2]) * derivative / root
          - RATE * next / (1 - memory[2] * next) * memory[0] / root;
    });
    assertThatIllegalArgumentException().isThrownBy(() -> new NAdam(Map.of(), RATE, some.withAmsgrad()))
        .withMessage("optimizer: NAdam has no AMSGrad");
  }

  @Test
  void rectifiedAdamFollowsItsFormula() {
    for (double beta2 : new double[] {0.9, 0.999}) { // with 0.999, r is below 5 all the time
      Adam.Options some = Adam.Options.defaults().withBetas(0.5, beta2).withEpsilon(0.01).withDecay(0.2);
      follows(ps -> new RAdam(named(ps), RATE, some), (x, g, memory, t) -> {
        double derivative = g + 0.2 * x;
        memory[0] = 0.5 * memory[0] + 0.5 * derivative;
        memory[1] = beta2 * memory[1] + (1 - beta2) * derivative * derivative;
        double most = 2 / (1 - beta2) - 1;
        double r = most - 2 * t * Math.pow(beta2, t) / (1 - Math.pow(beta2, t));
        double mean = memory[0] / (1 - Math.pow(0.5, t));
        double length = Math.sqrt(1 - Math.pow(beta2, t)) / (Math.sqrt(memory[1]) + 0.01);
        return x - RATE * mean * (r > 5
            ? Math.sqrt((r - 4) * (r - 2) * most / ((most - 4) * (most - 2) * r)) * length : 1);
      });
    }
  }

  @Test
  void adadeltaAndLionFollowTheirFormulas() {
    follows(ps -> new Adadelta(named(ps), RATE, new Adadelta.Options(0.8, 0.01, 0.2)), (x, g, memory, t) -> {
      double derivative = g + 0.2 * x;
      memory[0] = 0.8 * memory[0] + 0.2 * derivative * derivative;
      double delta = Math.sqrt(memory[1] + 0.01) / Math.sqrt(memory[0] + 0.01) * derivative;
      memory[1] = 0.8 * memory[1] + 0.2 * delta * delta;
      return x - RATE * delta;
    });
    follows(ps -> new Lion(named(ps), RATE, new Lion.Options(0.5, 0.7, 0.2)), (x, g, memory, t) -> {
      double direction = Math.signum(0.5 * memory[0] + 0.5 * g);
      memory[0] = 0.7 * memory[0] + 0.3 * g;
      return x - RATE * (direction + 0.2 * x);
    });
  }

  private static Map<String, Param> named(List<Param> parameters) {
    Map<String, Param> named = new LinkedHashMap<>();
    parameters.forEach(parameter -> named.put(parameter.name(), parameter));
    return named;
  }

  /// Of `x = [1, -2, 0]` after the gradients 0.5, -1.5, 0, 0.25, 3, -0.7, 0.1, by PyTorch 1.13.1 in float64:
  ///
  ///     torch.optim.RAdam([x], lr=0.05, betas=(0.5, 0.9), eps=0.01, weight_decay=0.2)
  ///     torch.optim.RAdam([x], lr=0.05)
  ///     torch.optim.Adadelta([x], lr=0.5, rho=0.8, eps=0.01, weight_decay=0.2)
  ///
  /// Its NAdam multiplies `p` by `m(t)` twice, which its documentation does not, nor do later versions.
  @Test
  void newerOptimizersAreThoseOfPyTorch() {
    Adam.Options some = Adam.Options.defaults().withBetas(0.5, 0.6).withEpsilon(0.01).withDecay(0.2);
    assertFigures(ps -> new RAdam(named(ps), 0.05, some.withBetas(0.5, 0.9)), 0.900043194537, -1.940640276295,
        -0.047108905105);
    assertFigures(ps -> new RAdam(ps, 0.05), 0.998123771398, -2.001876228602, -0.001876228602);
    assertFigures(ps -> new Adadelta(named(ps), 0.5, new Adadelta.Options(0.8, 0.01, 0.2)), 0.779216934150,
        -1.913356631590, -0.112394894921);
  }

  private static void assertFigures(Function<List<Param>, Optimizer> maker, double... expected) {
    Param x = new Param("x", Tensor.of(new double[] {1, -2, 0}, 3));
    Optimizer optimizer = maker.apply(List.of(x));
    for (double g : new double[] {0.5, -1.5, 0, 0.25, 3, -0.7, 0.1}) {
      optimizer.step(gradient(x, g));
    }
    assertThat(x.value().allClose(Tensor.of(expected), 1e-11, 1e-12)).as("%s", x.value()).isTrue();
  }

  @Test
  void groupsHaveTheirOwnRateAndDecay() {
    Map<String, Param> named = new LinkedHashMap<>();
    for (String name : List.of("in.weight", "in.bias", "out.weight", "out.bias")) {
      named.put(name, new Param("p", Tensor.of(new double[] {2}, 1)));
    }
    Sgd sgd = new Sgd(named, 0.5, Sgd.Options.defaults().withDecay(0.125));
    assertThat(sgd.weightDecay(".*bias", 0)).isEqualTo(2);
    assertThat(sgd.rateFactor(List.of(named.get("out.weight")), 0.25)).isEqualTo(1);
    sgd.weightDecay(List.of(named.get("out.weight")), 0.5); // leaves the rate
    Gradients ones = named.values().stream().map(p -> gradient(p, 1)).reduce(Gradients::plus).orElseThrow();
    sgd.step(ones);
    assertThat(named.values().stream().map(p -> p.value().item()))
        .containsExactly(2 - 0.5 * (1 + 0.125 * 2), 2 - 0.5, 2 - 0.5 * 0.25 * (1 + 0.5 * 2), 2 - 0.5);
    sgd.learningRate(1); // the groups follow
    sgd.step(gradient(named.get("out.weight"), 2));
    assertThat(named.get("out.weight").value().item()).isEqualTo(1.75 - 0.25 * (2 + 0.5 * 1.75));
    assertThat(sgd.state()).containsOnlyKeys("in.weight.steps", "in.bias.steps", "out.weight.steps", "out.bias.steps");

    assertThatIllegalArgumentException().isThrownBy(() -> sgd.weightDecay("inn", 0))
        .withMessage("weightDecay: 'inn' is not a "
            + "parameter, a part, or a regular expression for some; the nearest are in, out, in.bias, in.weight, "
            + "out.bias and 1 more");
    Param other = new Param("other", Tensor.ones(DType.FLOAT32, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> sgd.rateFactor(List.of(other), 1))
        .withMessage("rateFactor: other [1] is not a parameter of this optimizer");
    assertThatIllegalArgumentException().isThrownBy(() -> sgd.rateFactor(".*", -1))
        .withMessageContaining("rate factor");
    assertThatIllegalArgumentException().isThrownBy(() -> sgd.weightDecay(".*", -1))
        .withMessageContaining("weight decay");
    assertThatIllegalArgumentException().isThrownBy(() -> new Sgd(List.of(other, other), 1))
        .withMessage("optimizer: 0.other and 1.other are one parameter");
  }

  @Test
  void thePrefixOfAPartStandsForAllThatIsInIt() {
    Map<String, Param> named = new LinkedHashMap<>();
    for (String name : List.of("encoder.cells.0.weight", "encoder.cells.1.weight", "encoder2.weight",
        "decoder.weight")) {
      named.put(name, new Param("weight", Tensor.of(new double[] {2}, 1)));
    }
    Sgd sgd = new Sgd(named, 0.5, Sgd.Options.defaults());
    assertThat(sgd.rateFactor("encoder", 0.5)).isEqualTo(2);
    assertThat(sgd.weightDecay("encoder.cells.1", 1)).isEqualTo(1);
    assertThat(sgd.weightDecay("decoder.weight", 2)).isEqualTo(1);
    sgd.step(named.values().stream().map(p -> gradient(p, 1)).reduce(Gradients::plus).orElseThrow());
    assertThat(named.values().stream().map(p -> p.value().item()))
        .containsExactly(2 - 0.25, 2 - 0.25 * (1 + 2), 2 - 0.5, 2 - 0.5 * (1 + 2 * 2));
  }

  @Test
  void theFactorOfClippingIsAppliedInTheStep() {
    Tensor g = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 40_003);
    Param one = new Param("x", Tensor.ones(DType.FLOAT32, 40_003));
    Param two = new Param("x", one.value().copy());
    Gradients clipped = gradient(one, g).clipByNorm(0.5);
    new Adam(List.of(one), 0.1).step(clipped);
    new Adam(List.of(two), 0.1).step(gradient(two, clipped.of(one)));
    assertThat(two.value()).isEqualTo(one.value());
  }

  @Test
  void bitsDoNotDependOnTheNumberOfThreads() {
    int threads = Threads.count();
    try {
      assertThat(trained(1)).isEqualTo(trained(3));
    } finally {
      Threads.resize(threads);
    }
  }

  private static Tensor trained(int threads) {
    Threads.resize(threads);
    Param x = new Param("x", Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 7, 20_001));
    Adam adam = new Adam(List.of(x), 0.1);
    for (int t = 0; t < 3; t++) {
      adam.step(gradient(x, Tensor.normal(Rng.of(2).split(t), DType.FLOAT32, 0, 1, 7, 20_001)).clipByNorm(2));
    }
    return x.value();
  }

  @Test
  void partsOfALargeParameterAreAllUpdatedOnce() {
    int n = (1 << 17) + 3;
    Param x = new Param("x", Tensor.zeros(DType.FLOAT32, n));
    Tensor g = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, n);
    Sgd sgd = new Sgd(List.of(x), 0.5, Sgd.Options.defaults().withMomentum(0.5));
    sgd.step(gradient(x, g));
    sgd.step(gradient(x, g)); // velocities g and 1.5 g, so the change is -0.5 * 2.5 g
    assertThat(x.value().allClose(g.times(-1.25), 1e-6, 1e-7)).isTrue();
  }

  @Test
  void aParameterThatIsAPartOfATensorIsUpdatedInItsPlace() {
    Tensor whole = Tensor.of(new float[] {1, 2, 3, 4}, 4);
    Param x = new Param("x", whole.slice(0, 1, 3));
    new Sgd(List.of(x), 0.5).step(gradient(x, 2));
    assertThat(whole).isEqualTo(Tensor.of(new float[] {1, 1, 2, 4}, 4));
  }

  @Test
  void parametersWithoutGradientStay() {
    Param moved = new Param("moved", Tensor.ones(DType.FLOAT32, 2));
    Param still = new Param("still", Tensor.ones(DType.FLOAT32, 2));
    RmsProp optimizer = new RmsProp(List.of(still, moved), RATE);
    int version = still.value().version();
    optimizer.step(gradient(moved, 1));
    assertThat(still.value().version()).isEqualTo(version);
    assertThat(moved.value().at(0)).isLessThan(1);
    assertThat(optimizer.state().get("0.still.steps").item()).isZero();
    assertThat(optimizer.state().get("1.moved.steps").item()).isEqualTo(1);
  }

  @Test
  void aStateLoadedElsewhereGoesOnToTheSameBits() {
    Param one = new Param("x", Tensor.of(new float[] {1, -2}, 2));
    Sgd first = new Sgd(List.of(one), RATE, Sgd.Options.defaults().withNesterov(0.9));
    first.step(gradient(one, 0.3));
    Param two = new Param("x", one.value().copy());
    Sgd second = new Sgd(List.of(two), RATE, Sgd.Options.defaults().withNesterov(0.9));
    second.load(first.state());
    first.step(gradient(one, -0.7));
    second.step(gradient(two, -0.7));
    assertThat(two.value()).isEqualTo(one.value());
    assertThat(second.state()).isEqualTo(first.state());
  }

  @Test
  void statesThatDoNotFitAreRefusedWhole() {
    Param x = new Param("x", Tensor.ones(DType.FLOAT32, 2));
    Adagrad optimizer = new Adagrad(List.of(x), RATE);
    Map<String, Tensor> state = new HashMap<>(optimizer.state());
    state.put("0.x.steps", Tensor.scalar(7));
    state.put("0.x.square", Tensor.zeros(DType.FLOAT32, 1));
    state.put("1.x.square", Tensor.zeros(DType.FLOAT32, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> optimizer.load(state))
        .withMessageContaining("0.x.square is FLOAT32 [1], wanted FLOAT32 [2]")
        .withMessageContaining("1.x.square is unknown");
    assertThatIllegalArgumentException().isThrownBy(() -> optimizer.load(Map.of()))
        .withMessageContaining("0.x.steps is missing; 0.x.square is missing");
    assertThat(optimizer.state().get("0.x.steps").item()).isZero();
  }

  @Test
  void gradientsThatAreNotFiniteChangeNothing() {
    Param good = new Param("good", Tensor.ones(DType.FLOAT32, 2));
    Param bad = new Param("bad", Tensor.ones(DType.FLOAT32, 1));
    Sgd sgd = new Sgd(List.of(good, bad), RATE);
    for (double derivative : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> sgd.step(gradient(good, 1).plus(gradient(bad, derivative))))
          .withMessage("step: the gradient of 1.bad [1] is not finite; nothing was changed");
    }
    assertThat(good.value().at(0)).isEqualTo(1);
    sgd.step(gradient(bad, 1e30)); // its square is no float, but it is finite
    assertThat(bad.value().at(0)).isEqualTo(1 - 0.05f * 1e30f);
    assertThatIllegalArgumentException() // finite until it is multiplied
        .isThrownBy(() -> sgd.step(gradient(good, 1e30).times(1e30))).withMessageContaining("0.good [2]");
    assertThat(good.value().at(0)).isEqualTo(1);
    assertThat(sgd.state().get("0.good.steps").item()).isZero();
  }

  private static final List<Function<List<Param>, ElementwiseOptimizer>> SQUARING = List.of(
      ps -> new Adam(ps, RATE), ps -> new Adam(ps, RATE, Adam.Options.defaults().withAmsgrad()),
      ps -> new AdamW(ps, RATE),
      ps -> new RmsProp(ps, RATE),
      ps -> new RmsProp(ps, RATE, RmsProp.Options.defaults().withCentering().withMomentum(0.5)),
      ps -> new Adagrad(ps, RATE), ps -> muon(ps, Adam.Options.defaults()));

  /// Of these parameters, which are no matrices, and of one that is and never has a gradient.
  private static Muon muon(List<Param> others, Adam.Options options) {
    Map<String, Param> parameters = ElementwiseOptimizer.numbered(others);
    parameters.put("matrix", new Param("matrix", Tensor.ones(DType.FLOAT32, 2, 2)));
    return new Muon(parameters, "matrix", RATE, new Muon.Options(0.9, options));
  }

  @Test
  void aGradientTooLargeToBeSquaredChangesNothing() {
    for (Function<List<Param>, ElementwiseOptimizer> maker : SQUARING) {
      for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
        double large = dtype == DType.FLOAT32 ? 1e21 : 1e200;
        Param one = new Param("x", Tensor.of(new double[] {1, -2}, 2).to(dtype));
        Param two = new Param("x", one.value().copy());
        Param good = new Param("good", one.value().copy());
        ElementwiseOptimizer shaken = maker.apply(List.of(good, one));
        ElementwiseOptimizer calm = maker.apply(List.of(good, two));
        shaken.step(gradient(one, 0.5));
        calm.step(gradient(two, 0.5));
        Gradients exploded = gradient(good, 1).plus(gradient(one, Tensor.of(new double[] {1, -large}, 2).to(dtype)));
        assertThatIllegalArgumentException().isThrownBy(() -> shaken.step(exploded))
            .withMessageStartingWith(
                "step: 1.x [2]: its square would overflow " + dtype + " by a gradient of up to 1.0")
            .withMessageEndingWith("nothing was changed. Clip gradients, or leave this batch out");
        assertThat(good.value()).isEqualTo(Tensor.of(new double[] {1, -2}, 2).to(dtype));
        assertThat(shaken.state()).isEqualTo(calm.state());
        shaken.step(gradient(one, large).clipByNorm(1));
        calm.step(gradient(two, large).clipByNorm(1));
        Tensor before = one.value().copy();
        shaken.step(gradient(one, -0.25));
        calm.step(gradient(two, -0.25));
        assertThat(one.value()).isEqualTo(two.value());
        assertThat(one.value().minus(before).abs().min().item()).isPositive();
      }
    }
  }

  @Test
  void noNumberOfLargeGradientsMakesAnInfiniteState() {
    for (Function<List<Param>, ElementwiseOptimizer> maker : SQUARING) {
      for (double large : new double[] {9e14, 2e18, 1.5e19, 1e20, 5e20}) {
        Param x = new Param("x", Tensor.ones(DType.FLOAT32, 1));
        ElementwiseOptimizer optimizer = maker.apply(List.of(x));
        for (int t = 0; t < 400; t++) {
          try {
            optimizer.step(gradient(x, t % 2 == 0 ? large : 1e14));
          } catch (IllegalArgumentException tooLarge) {
            assertThat(tooLarge).hasMessageContaining("overflow");
          }
        }
        assertThat(optimizer.state().values())
            .allSatisfy(state -> assertThat(state.to(DType.FLOAT64).isFinite().all().item()).isEqualTo(1));
        assertThat(x.value().isFinite().all().item()).isEqualTo(1);
      }
    }
  }

  @Test
  void largeGradientsThatOverflowNothingMoveParameters() {
    Param x = new Param("x", Tensor.zeros(DType.FLOAT32, 40_000));
    new Adam(List.of(x), 0.125).step(gradient(x, 1e18));
    assertThat(x.value().allClose(Tensor.full(DType.FLOAT32, -0.125, 40_000), 1e-6, 0)).isTrue();
  }

  @Test
  void decayOfALargeParameterIsPartOfItsGradient() {
    Param x = new Param("x", Tensor.of(new float[] {1}));
    Adam adam = new Adam(List.of(x), 0.1);
    adam.step(gradient(x, 1));
    x.value().fill(1e25);
    adam.step(gradient(x, 1));
    adam.weightDecay("0.x", 0.5);
    assertThatIllegalArgumentException().isThrownBy(() -> adam.step(gradient(x, 1)))
        .withMessageContaining("its square would overflow FLOAT32");
    assertThat(adam.state().get("0.x.square").item()).isLessThan(1);
  }

  @Test
  void gradientsOfAWiderDtypeAreScaledBeforeTheyAreNarrowed() {
    Param x = new Param("x", Tensor.zeros(DType.FLOAT32, 1));
    Gradients wide = gradient(x, 1).to(DType.FLOAT64).times(1e60).to(DType.FLOAT64);
    new Sgd(List.of(x), 0.5).step(wide.clipByNorm(4));
    assertThat(x.value().item()).isEqualTo(-2);
  }

  @Test
  void gradientsOfParametersThatNoOneTrainsAreRefusedByName() {
    Param mine = new Param("mine", Tensor.ones(DType.FLOAT32, 2));
    Param lost = new Param("lost", Tensor.ones(DType.FLOAT32, 3));
    Sgd sgd = new Sgd(List.of(mine), 0.5);
    Gradients both = gradient(mine, 1).plus(gradient(lost, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> sgd.step(both))
        .withMessageStartingWith("step: there are gradients of lost [3], which this optimizer does not have")
        .withMessageContaining("gradients.only(parameters)");
    assertThat(mine.value()).isEqualTo(Tensor.ones(DType.FLOAT32, 2));
    assertThat(sgd.state().get("0.mine.steps").item()).isZero();
    sgd.step(both.only(List.of(mine)));
    assertThat(mine.value()).isEqualTo(Tensor.full(DType.FLOAT32, 0.5, 2));
    lost.freeze(true);
    sgd.step(both);
    assertThat(mine.value()).isEqualTo(Tensor.zeros(DType.FLOAT32, 2));
  }

  @Test
  void anOptimizerIsShownInOneLine() {
    Param x = new Param("x", Tensor.ones(DType.FLOAT32, 2, 3));
    AdamW adam = new AdamW(List.of(x), 0.25);
    adam.rowWise(true);
    assertThat(adam).hasToString("AdamW(parameters 1, elements 6, learning rate 0.25, row-wise) with "
        + "Options[beta1=0.9, beta2=0.999, epsilon=1.0E-8, decay=0.01, amsgrad=false]");
    assertThat(new Adagrad(List.of(x), 1)).asString().startsWith("Adagrad(").contains("rateDecay=0.0");
  }

  @Test
  void optionsOutOfRangeAreNamed() {
    List<Param> none = List.of();
    assertThatIllegalArgumentException().isThrownBy(() -> new Sgd(none, -1)).withMessageContaining("learning rate");
    assertThatIllegalArgumentException().isThrownBy(() -> new Sgd(none, 1).learningRate(Double.NaN))
        .withMessageContaining("NaN");
    assertThatIllegalArgumentException().isThrownBy(() -> Sgd.Options.defaults().withMomentum(1))
        .withMessage("optimizer: the momentum must be in [0, 1.0), not 1.0");
    assertThatIllegalArgumentException().isThrownBy(() -> Sgd.Options.defaults().withNesterov(0.9).withDampening(0.1))
        .withMessageContaining("no dampening");
    assertThatIllegalArgumentException().isThrownBy(() -> Sgd.Options.defaults().withDampening(1.5))
        .withMessage("optimizer: the dampening must be in [0, 1], not 1.5");
    assertThatIllegalArgumentException().isThrownBy(() -> new Sgd(none, 1, Sgd.Options.defaults().withDampening(1)))
        .withMessage("optimizer: a dampening of 1.0 wants a momentum above 0");
    assertThatIllegalArgumentException().isThrownBy(() -> RmsProp.Options.defaults().withAlpha(1.5))
        .withMessageContaining("1.5");
    assertThatIllegalArgumentException().isThrownBy(() -> Adam.Options.defaults().withBetas(0.9, 1))
        .withMessageContaining("beta2");
    assertThatIllegalArgumentException().isThrownBy(() -> Adagrad.Options.defaults().withRateDecay(-1))
        .withMessageContaining("decay of the rate");
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
    Schedule chain = Schedule.constant(2).then(3, Schedule.exponential(1, 0.5).then(2, Schedule.constant(7)));
    assertThat(LongStream.range(0, 7).mapToDouble(chain::at).toArray()).containsExactly(2, 2, 2, 1, 0.5, 7, 7);
    assertThatIllegalArgumentException().isThrownBy(() -> chain.then(0, chain))
        .withMessage("then: needs at least 1 iteration, not 0");
    assertThatIllegalArgumentException().isThrownBy(() -> Schedule.cosine(1, 0, 0)).withMessageContaining("cosine");
  }
}
