package dev.rewind.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Losses;
import dev.rewind.nn.data.Batch;
import dev.rewind.nn.optim.NotFiniteException;
import dev.rewind.nn.optim.Schedule;
import dev.rewind.nn.optim.Sgd;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
  private final Linear line = new Linear(1, 1, Rng.of(1));

  /// The loss is the square of what the line says of x = the batch.
  private Trainer<Double> trainer(IntFunction<? extends Iterable<Double>> data) {
    return new Trainer<>(new Sgd(line.parameters(), 0.1), data, (tape, x) -> {
      Variable y = line.forward(tape.constant(Tensor.full(DType.FLOAT32, x, 1, 1)));
      return Losses.meanSquaredError(y, tape.constant(Tensor.zeros(DType.FLOAT32, 1, 1)));
    });
  }

  @Test
  void goesThroughTheBatchesOfEpochAfterEpoch() {
    List<Integer> epochs = new ArrayList<>();
    Trainer<Double> trainer = trainer(epoch -> {
      epochs.add(epoch);
      return List.of(0.1 * epoch, 0.2 * epoch);
    });
    assertThat(trainer.epoch()).isZero();
    assertThat(trainer.isEpochDone()).isTrue();
    assertThat(trainer.batchesInEpoch()).isZero();
    List<Double> batches = IntStream.range(0, 5).mapToObj(i -> {
      Trainer.Step step = trainer.step();
      assertThat(step.iteration()).isEqualTo(i + 1).isEqualTo(trainer.iteration());
      assertThat(step.epoch()).isEqualTo(i / 2 + 1).isEqualTo(trainer.epoch());
      assertThat(trainer.isEpochDone()).isEqualTo(i % 2 == 1);
      return trainer.batch();
    }).toList();
    assertThat(batches).containsExactly(0.1, 0.2, 0.2, 0.4, 0.1 * 3);
    assertThat(epochs).containsExactly(1, 2, 3);
    assertThat(trainer.batchesInEpoch()).isEqualTo(2);
    assertThat(trainer).asString().startsWith("Trainer[iteration 5, epoch 3, batch 1, Sgd(");
  }

  @Test
  void reportsAndClipsAndFollowsTheSchedule() {
    Trainer<Double> trainer = trainer(_ -> List.of(1.0)).clip(0.01).schedule(Schedule.step(0.5, 0.1, 1));
    Tensor before = line.parameters().getFirst().value().copy();
    Trainer.Step first = trainer.step();
    assertThat(first.gradientNorm()).isGreaterThan(0.01);
    assertThat(first.learningRate()).isEqualTo(0.5);
    double moved = Math.hypot(line.parameters().getFirst().value().minus(before).item(), 0);
    assertThat(moved).isBetween(0.001, 0.5 * 0.01);
    assertThat(trainer.step().learningRate()).isEqualTo(0.05);
  }

  @Test
  void dataWithoutBatchesAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(trainer(_ -> List.of())::step)
        .withMessage("trainer: epoch 1 has no batches");
    Trainer<Double> once = trainer(epoch -> epoch == 1 ? List.of(1.0) : List.of());
    once.step();
    assertThatIllegalArgumentException().isThrownBy(once::step).withMessage("trainer: epoch 2 has no batches");
  }

  @Test
  void whatIsNotFiniteChangesNothingAndTheNextBatchGoesOn() {
    Trainer<Double> trainer = trainer(_ -> List.of(Double.NaN, 1e30, 0.5));
    Map<String, Tensor> before = line.state();
    assertThatThrownBy(trainer::step).isInstanceOf(DivergedException.class)
        .hasMessageStartingWith("the loss is NaN, the norm of the gradient NaN")
        .extracting(e -> ((DivergedException) e).iteration()).isEqualTo(1);
    assertThatThrownBy(trainer::step).isInstanceOf(DivergedException.class)
        .hasMessageContaining("Infinity");
    assertThat(line.state()).isEqualTo(before);
    assertThat(trainer.step().iteration()).isEqualTo(1);
    assertThat(line.state()).isNotEqualTo(before);
  }

  @Test
  void anUpdateThatOverflowsIsADivergence() {
    Trainer<Double> trainer = new Trainer<>(new Sgd(line.parameters(), 1e30), _ -> List.of(1.0), (tape, x) -> line
        .forward(tape.constant(Tensor.full(DType.FLOAT32, 1e25, 1, 1))).sum());
    assertThatThrownBy(trainer::step).isInstanceOf(DivergedException.class).hasCauseInstanceOf(NotFiniteException.class)
        .hasMessageContaining("would overflow FLOAT32");
  }

  @Test
  void aPartThatIsNotTrainedIsNotADivergence() {
    Linear other = new Linear(1, 1, Rng.of(2));
    Trainer<Double> trainer = new Trainer<>(new Sgd(other.parameters(), 0.1), _ -> List.of(1.0),
        (tape, x) -> line.forward(tape.constant(Tensor.ones(DType.FLOAT32, 1, 1))).sum());
    assertThatIllegalArgumentException().isThrownBy(trainer::step)
        .withMessageContaining("which this optimizer does not have");
  }

  @Test
  void judgesOtherBatches() {
    Trainer<Double> trainer = trainer(_ -> List.of(1.0));
    double one = trainer.evaluate(List.of(1.0), x -> 1);
    double two = trainer.evaluate(List.of(2.0), x -> 1);
    assertThat(trainer.evaluate(List.of(1.0, 2.0), x -> x)).isCloseTo((one + 2 * two) / 3, within(1e-6));
    assertThat(trainer.evaluate(List.of(), x -> x)).isNaN();
    assertThat(trainer.iteration()).isZero();
    assertThat(trainer.step().loss()).isEqualTo(one);
  }

  @Test
  void tapesMayHaveAnotherDType() {
    Trainer<Double> trainer = new Trainer<Double>(new Sgd(line.parameters(), 0.1), _ -> List.of(1.0), (tape, x) -> {
      assertThat(tape.dtype(DType.FLOAT32)).isEqualTo(DType.FLOAT64);
      return line.forward(tape.constant(Tensor.ones(DType.FLOAT64, 1, 1))).sum();
    }).tapes(TapeOptions.defaults().withDType(DType.FLOAT64));
    trainer.step();
    assertThat(trainer.evaluate(List.of(1.0), x -> 1)).isFinite();
  }

  // ---- saving -------------------------------------------------------------------------------------------------------

  private static List<Double> losses(Trainer<?> trainer, int steps) {
    return IntStream.range(0, steps).mapToObj(i -> trainer.step().loss()).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 8, 11})
  void goesOnToTheSameBitsFromAnywhere(int done) {
    TinyTraining whole = new TinyTraining(null);
    losses(whole.trainer, done);
    Map<String, Tensor> state = whole.trainer.state();
    Map<String, Tensor> model = whole.model.state();
    List<Double> rest = losses(whole.trainer, 13 - done);
    TinyTraining resumed = new TinyTraining(null);
    resumed.model.load(model);
    resumed.trainer.load(state);
    assertThat(resumed.trainer.iteration()).isEqualTo(done);
    assertThat(losses(resumed.trainer, 13 - done)).isEqualTo(rest);
    assertThat(resumed.model.state()).isEqualTo(whole.model.state());
    assertThat(resumed.trainer.state()).isEqualTo(whole.trainer.state());
  }

  @Test
  void goesOnInDataThatAreNoList() {
    IntFunction<Iterable<Batch>> stream = epoch -> new TinyTraining(null).examples.shuffled(Rng.of(5).split(epoch))
        .batches(2).map(Batch::of).stream()::iterator;
    TinyTraining whole = new TinyTraining(null, stream);
    losses(whole.trainer, 6);
    assertThat(whole.trainer.batchesInEpoch()).isZero();
    TinyTraining resumed = new TinyTraining(null, stream);
    resumed.model.load(whole.model.state());
    resumed.trainer.load(whole.trainer.state());
    assertThat(losses(resumed.trainer, 5)).isEqualTo(losses(whole.trainer, 5));
  }

  @Test
  void anRngIsKeptToTheLastBit() {
    for (Rng rng : List.of(Rng.of(-1), Rng.of(Long.MIN_VALUE).split(3))) {
      rng.nextInt();
      Trainer<Double> trainer = trainer(_ -> List.of(1.0)).keep("rng", rng);
      Map<String, Tensor> state = trainer.state();
      long next = rng.nextLong();
      trainer.load(state);
      assertThat(rng.nextLong()).isEqualTo(next);
    }
  }

  @Test
  void saysWhatDoesNotFit() {
    Trainer<Double> trainer = trainer(_ -> List.of(1.0, 2.0));
    trainer.step();
    trainer.step();
    Map<String, Tensor> state = new LinkedHashMap<>(trainer.state());
    assertThatIllegalArgumentException().isThrownBy(() -> trainer(_ -> List.of(1.0)).load(state))
        .withMessage("load: epoch 1 has 1 batches, but 2 were used before; is this other data?");
    state.remove("trainer.epoch");
    assertThatIllegalArgumentException().isThrownBy(() -> trainer.load(state))
        .withMessage("load: trainer.epoch is missing");
    state.put("trainer.epoch", Tensor.arange(2));
    assertThatIllegalArgumentException().isThrownBy(() -> trainer.load(state))
        .withMessage("load: trainer.epoch is [2]");
    assertThatIllegalArgumentException().isThrownBy(() -> trainer.load(Map.of()))
        .withMessageContaining("the state of the optimizer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "optimizer", "trainer", "loop", "mine"})
  void refusesToKeepTwoThingsByOneName(String name) {
    Trainer<Double> trainer = trainer(_ -> List.of(1.0)).keep("mine", Rng.of(1));
    assertThatIllegalArgumentException().isThrownBy(() -> trainer.keep(name, Rng.of(2)))
        .withMessage("trainer: keep: the name " + name + " is taken; choose another");
  }

  @Test
  void nullIsRefused() {
    Sgd sgd = new Sgd(line.parameters(), 1);
    Trainer<Integer> trainer = new Trainer<>(sgd, _ -> List.of(1), (tape, batch) -> null);
    assertThatNullPointerException().isThrownBy(trainer::step)
        .withMessage("trainer: the loss function returned null, not a loss []");
    assertThatNullPointerException().isThrownBy(() -> trainer.evaluate(List.of(1), _ -> 1))
        .withMessage("trainer: the loss function returned null, not a loss []");
    assertThatNullPointerException().isThrownBy(() -> new Trainer<Integer>(sgd, _ -> List.of(1), null))
        .withMessage("trainer: the loss is null");
  }

  @Test
  void drawsAreNotTheTapes() {
    TinyTraining tiny = new TinyTraining(null);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tiny.trainer.tapes(TapeOptions.defaults().withRng(Rng.of(1))))
        .withMessageContaining("rng(..)");
  }
}
