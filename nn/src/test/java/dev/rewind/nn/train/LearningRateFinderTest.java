package dev.rewind.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.optim.Adam;
import dev.rewind.nn.optim.Sgd;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearningRateFinderTest {
  private static final Tensor X = Tensor.normal(Rng.of(1), DType.FLOAT32, 0, 1, 64, 5);
  private static final Tensor Y = X.matmul(Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, 5, 2));
  private static final LearningRateFinder FINDER = new LearningRateFinder(1e-5, 100, 60);

  private static Variable loss(Linear model, Tape tape) {
    return Losses.meanSquaredError(model.forward(tape.constant(X)), Y);
  }

  private static double train(double rate) {
    Linear model = new Linear(5, 2, Rng.of(3));
    Sgd sgd = new Sgd(model.parameters(), rate);
    double last = 0;
    for (int i = 0; i < 40; i++) {
      try (Tape tape = Tape.recording()) {
        Variable loss = loss(model, tape);
        last = loss.item();
        sgd.step(tape.gradients(loss));
      }
    }
    return last;
  }

  @Test
  void theSuggestionTrainsBetterThanFarLowerAndFarHigherRates() {
    Linear model = new Linear(5, 2, Rng.of(3));
    Sgd sgd = new Sgd(model.parameters(), 0.5);
    LearningRateFinder.Curve curve = FINDER.run(sgd, Rng.of(4), (tape, step) -> loss(model, tape));
    assertThat(curve.points()).hasSizeLessThan(60).hasSizeGreaterThan(20); // it diverges above a rate of about 10
    assertThat(curve.points().getFirst().rate()).isEqualTo(1e-5);
    assertThat(curve.points().getFirst().smoothed()).isEqualTo(curve.points().getFirst().loss());
    double rate = curve.suggestion();
    assertThat(train(rate)).isLessThan(train(rate / 100)).isLessThan(1e-1);
    assertThatIllegalArgumentException().isThrownBy(() -> train(rate * 100)).withMessageContaining("overflow");
    assertThat(curve.toString().lines()).hasSize(curve.points().size() + 1).first().isEqualTo("rate,loss,smoothed");
    assertThat(FINDER.run(sgd, Rng.of(4), (tape, step) -> loss(model, tape))).isEqualTo(curve);
  }

  @Test
  void modelAndOptimizerAreRestoredAlsoAfterAnError() {
    Linear model = new Linear(5, 2, Rng.of(3));
    Adam adam = new Adam(model.namedParameters(), 0.25, Adam.Options.defaults());
    try (Tape tape = Tape.recording()) {
      adam.step(tape.gradients(loss(model, tape)));
    }
    Map<String, Tensor> parameters = model.state();
    Map<String, Tensor> state = adam.state();
    FINDER.run(adam, Rng.of(4), gradients -> gradients.clipByNorm(1),
        (tape, step) -> loss(model, tape));
    assertThat(model.state()).isEqualTo(parameters);
    assertThat(adam.state()).isEqualTo(state);
    assertThat(adam.learningRate()).isEqualTo(0.25);
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> FINDER.run(adam, Rng.of(4), (tape, step) -> loss(model, tape).plus(
            step < 3 ? tape.constant(Tensor.scalar(0f)) : model.forward(tape.constant(Y)).sum())));
    assertThat(model.state()).isEqualTo(parameters);
    assertThat(adam.learningRate()).isEqualTo(0.25);
  }

  @Test
  void aGradientThatOverflowsEndsTheSweepButAForgottenPartIsAnError() {
    Linear model = new Linear(5, 2, Rng.of(3));
    Sgd all = new Sgd(model.parameters(), 1);
    int[] taken = {0};
    LearningRateFinder.Curve curve = FINDER.run(all, Rng.of(4),
        gradients -> gradients.times(taken[0]++ < 5 ? 1 : Double.NaN), (tape, step) -> loss(model, tape));
    assertThat(curve.points()).hasSize(6);
    Sgd some = new Sgd(model.parameters().subList(0, 1), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FINDER.run(some, Rng.of(4), (tape, step) -> loss(model, tape)))
        .withMessageContaining("bias");
  }

  @Test
  void alsoOfALossBelowZero() {
    Linear model = new Linear(5, 2, Rng.of(3));
    Sgd sgd = new Sgd(model.parameters(), 1);
    double rate = FINDER.run(sgd, Rng.of(4), (tape, step) -> loss(model, tape).minus(100))
        .suggestion();
    assertThat(train(rate)).isLessThan(1e-1);
  }

  @Test
  void whatCannotBeFoundIsSaid() {
    Linear model = new Linear(5, 2, Rng.of(3));
    Sgd sgd = new Sgd(model.parameters(), 1);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> FINDER.run(sgd, Rng.of(4), (tape, step) -> loss(model, tape).negate()
            .times(step == 0 ? 1e-9 : -step)).suggestion())
        .withMessageContaining("the loss never fell");
    assertThatExceptionOfType(DivergedException.class)
        .isThrownBy(() -> FINDER.run(sgd, Rng.of(4), (tape, step) -> loss(model, tape).times(Double.NaN)))
        .withMessage("learning rate finder: the loss is NaN before the first step, whatever the rate");
    LearningRateFinder.Curve broken = FINDER.run(sgd, Rng.of(4),
        (tape, step) -> loss(model, tape).stopGradient().plus(model.forward(tape.constant(X)).sum().times(0))
            .times(step < 3 ? step + 1 : Double.NaN));
    assertThat(broken.points()).hasSize(4).last().extracting(LearningRateFinder.Point::loss).isEqualTo(Double.NaN);
    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(broken::suggestion)
        .withMessageMatching(
            "learning rate finder: the loss never fell in 4 steps from a rate of 1\\.0E-5, and was NaN "
                + "at \\S+; begin lower, or take more steps");
    assertThatThrownBy(() -> FINDER.run(sgd, Rng.of(4), (tape, step) -> null))
        .hasMessage("trainer: the loss function returned null, not a loss []");
    assertThatIllegalArgumentException().isThrownBy(() -> new LearningRateFinder(1, 1, 10))
        .withMessage("learning rate finder: wants 0 < lowest < highest and at least 10 steps, not 1.0, 1.0 and 10");
    List<LearningRateFinder.Point> points = IntStream.range(0, 20)
        .mapToObj(i -> new LearningRateFinder.Point(i, 0, i < 2 ? 100 - 50 * i : i < 12 ? 50 - i * i : i)).toList();
    assertThat(new LearningRateFinder.Curve(points).suggestion()).isEqualTo(10); // not 1, where it falls by 50
  }
}
