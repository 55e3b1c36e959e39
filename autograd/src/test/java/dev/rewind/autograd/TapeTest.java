package dev.rewind.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class TapeTest {
  private static final Tensor X = Tensor.of(new double[] {0.5, -1, 2}, 3);
  private final Param weight = new Param("weight", Tensor.of(new double[] {1, 2, 3}, 3));

  @Test
  void gradientOfAProductIsTheOtherFactor() {
    try (Tape tape = Tape.recording()) {
      Gradients gradients = tape.gradients(tape.constant(X).times(tape.watch(weight)).sum());
      assertThat(gradients.of(weight)).isEqualTo(X);
    }
  }

  @Test
  void aParameterUsedTwiceGetsTheSum() {
    try (Tape tape = Tape.recording()) {
      Variable w = tape.watch(weight);
      assertThat(tape.watch(weight)).isSameAs(w);
      assertThat(tape.gradients(w.times(w).sum()).of(weight)).isEqualTo(Tensor.of(new double[] {2, 4, 6}, 3));
    }
  }

  @Test
  void whatTheTargetDoesNotDependOnIsOmitted() {
    Param other = new Param("other", Tensor.ones(DType.FLOAT64, 2));
    try (Tape tape = Tape.recording()) {
      tape.watch(other).square();
      Gradients gradients = tape.gradients(tape.watch(weight).sum());
      assertThat(gradients.has(other)).isFalse();
      assertThat(gradients.ofOrZero(other)).isEqualTo(Tensor.zeros(DType.FLOAT64, 2));
      assertThatIllegalArgumentException().isThrownBy(() -> gradients.of(other)).withMessageContaining("other [2]");
    }
  }

  @Test
  void tensorsAreConstantOperands() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(X);
      Variable y = x.times(X).plus(X).minus(X).divide(X);
      assertThat(y.value()).isEqualTo(X.times(X).plus(X).minus(X).divide(X));
      assertThat(tape.constant(X).times(X).isTracked()).isFalse();
      assertThat(tape.gradients(y.sum()).of(x)).isEqualTo(Tensor.ones(DType.FLOAT64, 3));
    }
  }

  @Test
  void tensorOperandsFollowTheDtypeOfATapeThatHasOne() {
    Tensor half = Tensor.of(new float[] {0.5f, 0.1f, 2});
    try (Tape tape = Tape.recording(TapeOptions.defaults().withDType(DType.FLOAT64)); Tape plain = Tape.recording()) {
      assertThat(tape.watch(X).times(half).value()).isEqualTo(X.times(half.to(DType.FLOAT64)));
      assertThat(tape.watch(X).to(DType.FLOAT32).times(half).dtype()).isEqualTo(DType.FLOAT32);
      assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> plain.watch(X).times(half))
          .withMessage("times: dtypes differ: FLOAT64 with FLOAT32; convert one of them with to(..)");
      assertThatExceptionOfType(DTypeException.class)
          .isThrownBy(() -> tape.watch(X).times(Tensor.of(new int[] {1, 2, 3})))
          .withMessageContaining("FLOAT64 with INT32");
    }
  }

  @Test
  void frozenParametersAreConstants() {
    weight.freeze(true);
    try (Tape tape = Tape.recording()) {
      Variable y = tape.watch(weight).sum();
      assertThat(y.isTracked()).isFalse();
      assertThatIllegalArgumentException().isThrownBy(() -> tape.gradients(y))
          .withMessageContaining("nothing that was watched");
    }
  }

  @Test
  void inferenceRecordsNothing() {
    try (Tape tape = Tape.inference()) {
      Variable y = tape.watch(weight).tanh().sum();
      assertThat(y.item()).isEqualTo(weight.value().tanh().sum().item());
      assertThat(tape.length()).isZero();
      assertThatIllegalStateException().isThrownBy(() -> tape.gradients(y)).withMessageContaining("inference");
    }
  }

  @Test
  void misuseIsNamed() {
    try (Tape tape = Tape.recording(); Tape other = Tape.recording()) {
      Variable x = tape.watch(X);
      assertThatIllegalStateException().isThrownBy(() -> x.plus(other.constant(X)))
          .withMessage("plus: variables of two tapes; bring a value over with tape.constant(..), "
              + "the state of a recurrence with state.on(tape)");
      assertThatIllegalArgumentException().isThrownBy(() -> tape.gradients(x))
          .withMessageContaining("not that of a scalar");
      assertThatIllegalArgumentException().isThrownBy(() -> tape.watch(Tensor.arange(2)))
          .withMessageContaining("INT32");
      assertThatIllegalArgumentException().isThrownBy(() -> tape.differentiate(x, x))
          .withMessageStartingWith("differentiate: the target has shape");
      assertThatIllegalArgumentException().isThrownBy(() -> x.variance(9))
          .withMessageStartingWith("variance: no axis 9");
      assertThatIllegalArgumentException().isThrownBy(() -> x.norm(9)).withMessageStartingWith("norm: no axis 9");
      assertThatIllegalArgumentException().isThrownBy(() -> x.pad(9, 1, 1, 0))
          .withMessageStartingWith("pad: no axis 9");
      assertThatIllegalArgumentException().isThrownBy(() -> tape.constant(Tensor.arange(2)).minus(0.5))
          .withMessage("minus: 0.5 is not an INT32 value");
      assertThatIllegalArgumentException().isThrownBy(() -> TapeOptions.defaults().withDType(DType.INT32))
          .withMessage("tape options: parameters are FLOAT32 or FLOAT64, not INT32");
      tape.gradients(x.sum());
      assertThatIllegalStateException().isThrownBy(x::exp).withMessageContaining("consumed");
    }
    Tape closed = Tape.recording();
    Variable x = closed.watch(X);
    closed.close();
    assertThat(x.value()).isEqualTo(X);
    assertThatIllegalStateException().isThrownBy(x::exp).withMessageContaining("closed");
  }

  @Test
  void aChangeInPlaceOfWhatTheBackwardPassNeedsIsDetected() {
    try (Tape tape = Tape.recording()) {
      Variable y = tape.watch(weight).square().sum();
      weight.value().plusInPlace(X);
      assertThatIllegalStateException().isThrownBy(() -> tape.gradients(y))
          .withMessageStartingWith("square: its gradient needs parameter weight [3], which was changed in place");
    }
  }

  @Test
  void drawingWantsATapeForTrainingOrOneThatSaysThatItIsDeterministic() {
    TapeOptions options = TapeOptions.defaults();
    try (Tape training = Tape.training(Rng.of(1));
        Tape inference = Tape.inference();
        Tape recording = Tape.recording();
        Tape deterministic = Tape.recording(options.withRng(Rng.of(1)).deterministic());
        Tape sampling = Tape.inference(options.withRng(Rng.of(1)))) {
      assertThat(training.rng("dropout")).isPresent();
      assertThat(sampling.rng("dropout")).isPresent();
      assertThat(inference.rng("dropout")).isEmpty();
      assertThat(deterministic.rng("dropout")).isEmpty();
      assertThatIllegalStateException().isThrownBy(() -> recording.rng("dropout"))
          .withMessageStartingWith("dropout: wants random draws").withMessageContaining("Tape.training(rng)")
          .withMessageContaining("deterministic()");
    }
  }

  @Test
  void memosAreMadeOncePerTapeAndNeverMixedUp() {
    Memo doubled = Memo.of(tape -> tape.watch(weight).times(2));
    Memo tripled = Memo.of(tape -> tape.watch(weight).times(3));
    try (Tape tape = Tape.recording(); Tape other = Tape.recording()) {
      Variable first = doubled.on(tape);
      assertThat(doubled.on(tape)).isSameAs(first);
      assertThat(tripled.on(tape).value()).isEqualTo(weight.value().times(3));
      assertThat(doubled.on(other)).isNotSameAs(first);
      assertThat(doubled.on(other).tape()).isSameAs(other);
    }
  }

  @Test
  void aChangeOfWhatTheBackwardPassDoesNotNeedIsHarmless() {
    try (Tape tape = Tape.recording()) {
      Variable y = tape.watch(weight).plus(1).sum();
      weight.value().plusInPlace(X);
      assertThat(tape.gradients(y).of(weight)).isEqualTo(Tensor.ones(DType.FLOAT64, 3));
    }
  }

  @Test
  void keptTapesPlayAgainToTheSameBits() {
    try (Tape tape = Tape.recording()) {
      Variable y = tape.watch(weight).tanh().times(tape.constant(X)).sum();
      List<Variable> target = List.of(y);
      List<Tensor> seed = List.of(Tensor.scalar(1.0));
      Gradients first = tape.gradients(target, seed, Tape.Retain.GRAPH);
      assertThat(tape.gradients(target, seed, Tape.Retain.GRAPH).of(weight)).isEqualTo(first.of(weight));
    }
  }

  @Test
  void thirdDerivativeOfTanhIsTheClosedForm() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(X);
      Variable derivative = x.tanh();
      for (int order = 0; order < 3; order++) {
        derivative = tape.differentiate(derivative.sum(), x);
      }
      for (int i = 0; i < 3; i++) {
        double t = Math.tanh(X.at(i));
        double expected = (1 - t * t) * (6 * t * t - 2);
        assertThat(derivative.value().at(i)).isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-14));
      }
    }
  }

  @Test
  void gradientPenaltyReachesTheParameter() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(X);
      Variable derivative = tape.differentiate(x.square().times(tape.watch(weight)).sum(), x); // 2 x w
      Tensor gradient = tape.gradients(derivative.square().sum()).of(weight); // 8 x^2 w
      assertThat(gradient.allClose(X.square().times(weight.value()).times(8), 1e-14, 0)).isTrue();
    }
  }

  @Test
  void recomputingGivesTheSameGradientsAndKeepsNothing() {
    Tensor kept = recurrent(false, new int[1]);
    int[] longest = new int[1];
    assertThat(recurrent(true, longest)).isEqualTo(kept);
    assertThat(longest[0]).isEqualTo(11);
  }

  private Tensor recurrent(boolean recompute, int[] length) {
    TapeOptions options = TapeOptions.defaults().withRng(Rng.of(3));
    try (Tape tape = Tape.recording(options)) {
      Variable state = tape.constant(X);
      for (int block = 0; block < 10; block++) {
        state = recompute ? tape.recompute(this::tenSteps, state) : tenSteps(state);
      }
      Variable y = state.sumKeepDims();
      length[0] = tape.length();
      return tape.gradients(y).of(weight);
    }
  }

  private Variable tenSteps(Variable state) {
    Variable next = state;
    for (int i = 0; i < 10; i++) {
      Tensor noise = Tensor.normal(next.tape().rng("noise").orElseThrow(), DType.FLOAT64, 0, 0.1, 3);
      next = next.times(next.tape().watch(weight)).plus(next.tape().constant(noise)).tanh();
    }
    return next;
  }

  @Test
  void recomputedStretchesCanBeDifferentiatedTwice() {
    List<Tensor> results = new ArrayList<>();
    for (boolean recompute : new boolean[] {false, true}) {
      try (Tape tape = Tape.recording()) {
        Variable x = tape.watch(X);
        Variable y = recompute ? tape.recompute(v -> v.tanh().square(), x) : x.tanh().square();
        Variable derivative = tape.differentiate(y.sum(), x);
        results.add(tape.gradients(derivative.sum()).of(x));
      }
    }
    assertThat(results.get(1)).isEqualTo(results.get(0));
  }

  @Test
  void fusedRulesServeTheFirstOrderAndCompositesTheSecond() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(X);
      Variable fused = cube(x, true);
      Variable derivative = tape.differentiate(fused.sum(), x);
      assertThat(derivative.value().allClose(X.square().times(3), 1e-15, 0)).isTrue();
      assertThat(tape.gradients(cube(x, false).sum()).of(x).allClose(X.square().times(3), 1e-15, 0)).isTrue();
    }
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(X);
      Variable y = cube(x, false).sum();
      assertThatIllegalStateException().isThrownBy(() -> tape.differentiate(y, x)).withMessageContaining("cube");
    }
  }

  @Test
  void aGradientThatAFusedRuleHandsOnKeepsItsMemory() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(X);
      Variable u = x.times(3);
      Variable v = x.times(x); // its gradient takes memory after that of y was added up, before that of u is read
      Variable y = Op.recordFused("same", List.of(u.value().copy()), List.of(u), g -> g, null).getFirst();
      Gradients gradients = tape.gradients(y.times(y).plus(v).sum());
      assertThat(gradients.of(x).allClose(X.times(20), 1e-15, 0)).isTrue();
    }
  }

  private static Variable cube(Variable x, boolean composite) {
    Tensor value = x.value().pow(3);
    return Op.recordFused("cube", List.of(value), List.of(x),
        g -> List.of(g.getFirst().times(x.square()).times(3)),
        composite ? () -> List.of(x.times(x).times(x)) : null).getFirst();
  }

  @Test
  void lookedUpRowsStayRowsAndEqualTheDenseGradient() {
    Param table = new Param("table", Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 50, 4));
    Tensor ids = Tensor.of(new int[] {7, 3, 7, 49}, 2, 2);
    try (Tape tape = Tape.recording()) {
      Variable w = tape.watch(table);
      Gradients gradients = tape.gradients(w.gather(ids, 0).square().sum());
      assertThat(gradients.gradient(table)).isInstanceOfSatisfying(Gradient.Rows.class,
          rows -> assertThat(rows.indices()).isEqualTo(Tensor.of(new int[] {3, 7, 49})));
      Tensor expected = Tensor.zeros(DType.FLOAT32, 50, 4)
          .scatterAdd(ids, table.value().gather(ids, 0).times(2), 0);
      assertThat(gradients.of(table)).isEqualTo(expected);
    }
  }

  @Test
  void hooksSeeAndChangeGradientsAndRetainedOnesAreFound() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(X);
      Variable middle = x.times(2).retainGradient().onGradient(g -> g.times(10));
      Gradients gradients = tape.gradients(middle.sum());
      assertThat(gradients.of(middle)).isEqualTo(Tensor.full(DType.FLOAT64, 10, X.shape()));
      assertThat(gradients.of(x)).isEqualTo(Tensor.full(DType.FLOAT64, 20, X.shape()));
    }
  }

  @Test
  void longChainsNeitherOverflowNorCrawl() {
    try (Tape tape = Tape.recording()) {
      Variable y = tape.watch(Tensor.scalar(1.0));
      Variable x = y;
      for (int i = 0; i < 1_000_000; i++) {
        y = y.plus(1e-6);
      }
      assertThat(tape.gradients(y).of(x).item()).isEqualTo(1);
    }
  }

  @Test
  void gradientsAreValues() {
    try (Tape tape = Tape.recording()) {
      Gradients gradients = tape.gradients(tape.watch(weight).times(tape.constant(X)).sum());
      assertThat(gradients.plus(gradients).of(weight)).isEqualTo(gradients.times(2).of(weight));
      assertThat(gradients.norm()).isEqualTo(Math.sqrt(5.25));
      assertThat(gradients.clipByNorm(0.5).norm()).isBetween(0.4999999, 0.5000001);
      assertThat(gradients.clipByNorm(5)).isSameAs(gradients);
      assertThat(gradients.clipByValue(0.75).of(weight)).isEqualTo(Tensor.of(new double[] {0.5, -0.75, 0.75}, 3));
    }
  }

  @Test
  void factorsOfGradientsAreNotedAndAppliedWhereAGradientIsAskedFor() {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(X);
      Gradients gradients = tape.gradients(tape.watch(weight).times(x).sum());
      Gradients scaled = gradients.times(-3).times(0.5);
      assertThat(scaled.factor()).isEqualTo(-1.5);
      assertThat(scaled.unscaled(weight)).isEqualTo(gradients.gradient(weight));
      assertThat(scaled.of(weight)).isEqualTo(gradients.of(weight).times(-1.5));
      assertThat(scaled.of(x)).isEqualTo(gradients.of(x).times(-1.5));
      assertThat(scaled.norm()).isEqualTo(1.5 * gradients.norm());
      assertThat(scaled.plus(gradients).of(weight)).isEqualTo(gradients.of(weight).times(-0.5));
      assertThat(scaled.clipByValue(0.75).factor()).isEqualTo(1);
      assertThat(scaled.clipByValue(0.75).of(weight)).isEqualTo(gradients.of(weight).times(-1.5).clamp(-0.75, 0.75));
      assertThat(scaled.areFinite()).isTrue();
      assertThat(gradients.times(Double.NaN).areFinite()).isFalse();
    }
  }

  @Test
  void gradientsOfSomeParametersKeepTheFactorOfAll() {
    Param one = new Param("one", Tensor.of(new float[] {3}));
    Param two = new Param("two", Tensor.of(new float[] {4}));
    Param none = new Param("none", Tensor.of(new float[] {1}));
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.of(new float[] {5}));
      Variable products = tape.watch(one).square().plus(tape.watch(two).square()).plus(x.square());
      Gradients some = tape.gradients(products.sum()).clipByNorm(5).only(List.of(two, none)); // (6, 8) have norm 10
      assertThat(some.parameters()).containsExactly(two);
      assertThat(some.of(two)).isEqualTo(Tensor.of(new float[] {4}));
      assertThat(some.of(x)).isEqualTo(Tensor.of(new float[] {5}));
      assertThat(some.norm()).isEqualTo(4);
    }
  }

  @Test
  void normsAreThoseOfWhatTheTensorsHold() {
    Param large = new Param("large", Tensor.full(DType.FLOAT32, 1, 100_000));
    try (Tape tape = Tape.recording()) {
      Gradients gradients = tape.gradients(tape.watch(large).times(tape.constant(large.value().times(2))).sum());
      assertThat(gradients.norm()).isEqualTo(2 * Math.sqrt(100_000));
      gradients.of(large).fill(1e30); // squares are beyond float
      assertThat(gradients.norm()).isEqualTo((double) 1e30f * Math.sqrt(100_000));
      Gradients clipped = gradients.clipByNorm(5);
      assertThat(clipped.of(large).norm().item()).isBetween(4.9999, 5.0001);
      gradients.of(large).fill(Double.NaN);
      assertThat(gradients.norm()).isNaN();
      assertThat(gradients.clipByNorm(5).areFinite()).isFalse();
    }
  }

  @Test
  void loopsByRowsHaveTheBitsOfPlainOnes() {
    assertThat(recurrence(true)).isEqualTo(recurrence(false));
  }

  /// States, gradients, what a hook saw, and a second derivative of a recurrence over a batch.
  private static List<Tensor> recurrence(boolean fuseRows) {
    int batch = 8 * Math.max(2, Threads.count()) + 1;
    Rng rng = Rng.of(4);
    Tensor first = Tensor.normal(rng, DType.FLOAT32, 0, 1, batch, 5);
    Tensor weight = Tensor.normal(rng, DType.FLOAT32, 0, 1, 5, 10);
    List<Tensor> all = new ArrayList<>();
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(first);
      Variable w = tape.watch(weight);
      Variable state = x.times(0.5);
      Supplier<Variable> loop = () -> {
        Variable h = state;
        for (int t = 0; t < 6; t++) {
          List<Variable> parts = h.matmul(w).plus(w.sum(0)).split(1, 2);
          h = parts.get(0).sigmoid().times(parts.get(1).tanh()).plus(h);
          all.add(h.value());
          if (t == 3) {
            h.retainGradient().onGradient(g -> {
              all.add(g.value().copy());
              return g.times(2);
            });
          }
        }
        return h;
      };
      Variable last = fuseRows ? tape.fuseRows(batch, List.of(state), loop) : loop.get();
      Variable loss = last.square().sum();
      Variable derivative = tape.differentiate(loss, x);
      Gradients gradients = tape.gradients(derivative.square().sum().plus(loss));
      all.add(derivative.value());
      all.add(gradients.of(x));
      all.add(gradients.of(w));
    }
    return all;
  }
}
