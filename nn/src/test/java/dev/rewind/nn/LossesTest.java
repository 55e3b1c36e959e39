package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Derivatives;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class LossesTest {
  private static final Tensor LOGITS = Tensor.normal(Rng.of(1), DType.FLOAT64, 0, 2, 2, 3, 4);
  private static final Tensor TARGETS = Tensor.of(new int[] {3, 0, 1, 1, 2, 0}, 2, 3);
  private static final Tensor MASK = Tensor.of(new boolean[] {true, false, true, true, true, false}, 2, 3);

  @Test
  void crossEntropyIsTheMeanOfMinusLogProbabilities() {
    double sum = 0;
    double masked = 0;
    for (int i = 0; i < 6; i++) {
      double z = 0;
      for (int k = 0; k < 4; k++) {
        z += Math.exp(LOGITS.at(i / 3, i % 3, k));
      }
      double each = Math.log(z) - LOGITS.at(i / 3, i % 3, (int) TARGETS.at(i / 3, i % 3));
      sum += each;
      masked += MASK.at(i / 3, i % 3) * each;
    }
    try (Tape tape = Tape.inference()) {
      assertThat(Losses.crossEntropy(tape.constant(LOGITS), TARGETS).item()).isCloseTo(sum / 6, within(1e-14));
      assertThat(Losses.crossEntropy(tape.constant(LOGITS), TARGETS, MASK).item()).isCloseTo(masked / 4, within(1e-14));
    }
  }

  @Test
  void gradientsAgreeWithNumericalOnes() {
    GradientCheck.of(x -> Losses.crossEntropy(x, TARGETS)).at(LOGITS).secondOrder().run().assertPasses();
    GradientCheck.of(x -> Losses.crossEntropy(x, TARGETS, MASK)).at(LOGITS).secondOrder().run().assertPasses();
    GradientCheck.ofMany(xs -> Losses.meanSquaredError(xs.get(0), xs.get(1)))
        .at(LOGITS, LOGITS.plus(1).square()).secondOrder().run().assertPasses();
  }

  @Test
  void smoothedTargetsAreSpreadOverAllClasses() {
    double even = 0;
    Tensor logs = LOGITS.logSoftmax(-1);
    for (double log : logs.toDoubles()) {
      even -= log / 24;
    }
    double expected = even;
    try (Tape tape = Tape.inference()) {
      double plain = Losses.crossEntropy(tape.constant(LOGITS), TARGETS).item();
      assertThat(Losses.smoothedCrossEntropy(tape.constant(LOGITS), TARGETS, 0).item()).isEqualTo(plain);
      assertThat(Losses.smoothedCrossEntropy(tape.constant(LOGITS), TARGETS, 0.1).item())
          .isCloseTo(0.9 * plain + 0.1 * expected, within(1e-14));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.smoothedCrossEntropy(tape.constant(LOGITS), TARGETS, 1))
          .withMessageContaining("smoothing");
    }
    GradientCheck.of(x -> Losses.smoothedCrossEntropy(x, TARGETS, 0.2)).at(LOGITS).secondOrder().run().assertPasses();
  }

  @Test
  void binaryCrossEntropyIsThatOfItsDefinitionAndDoesNotOverflow() {
    Tensor targets = Tensor.uniform(Rng.of(2), DType.FLOAT64, 0, 1, 2, 3, 4);
    double sum = 0;
    for (int i = 0; i < 24; i++) {
      double p = 1 / (1 + Math.exp(-LOGITS.toDoubles()[i]));
      double t = targets.toDoubles()[i];
      sum -= t * Math.log(p) + (1 - t) * Math.log(1 - p);
    }
    try (Tape tape = Tape.inference()) {
      assertThat(Losses.binaryCrossEntropy(tape.constant(LOGITS), targets).item()).isCloseTo(sum / 24, within(1e-13));
      Variable huge = tape.constant(Tensor.of(new double[] {800, -800}));
      assertThat(Losses.binaryCrossEntropy(huge, Tensor.of(new double[] {1, 1})).item()).isEqualTo(400);
    }
    GradientCheck.of(x -> Losses.binaryCrossEntropy(x, targets)).at(LOGITS).secondOrder().run().assertPasses();
  }

  @Test
  void huberIsSquaredWithinAndLinearBeyond() {
    Tensor target = Tensor.zeros(DType.FLOAT64, 4);
    Tensor at = Tensor.of(new double[] {0.5, -1, 3, -4});
    try (Tape tape = Tape.inference()) {
      // 0.125, 0.5, 2 * 3 - 2, 2 * 4 - 2
      assertThat(Losses.huber(tape.constant(at), target, 2).item()).isCloseTo((0.125 + 0.5 + 4 + 6) / 4, within(1e-15));
      assertThatIllegalArgumentException().isThrownBy(() -> Losses.huber(tape.constant(at), target, 0));
      assertThatIllegalArgumentException().isThrownBy(() -> Losses.huber(tape.constant(at), Tensor.arange(3), 1))
          .withMessage("huber: the targets must be FLOAT64 [4] like the predictions, not INT32 [3]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.huber(tape.constant(at), target.slice(0, 0, 3), 1))
          .withMessage("huber: the targets must be FLOAT64 [4] like the predictions, not FLOAT64 [3]");
      assertThatIllegalArgumentException()   // 0 * infinity
          .isThrownBy(() -> Losses.huber(tape.constant(at), target, Double.POSITIVE_INFINITY))
          .withMessage("huber: delta must be positive and finite, not Infinity");
    }
    GradientCheck.of(x -> Losses.huber(x, target, 2)).at(at).secondOrder().run().assertPasses();
  }

  @Test
  void aRegressionLossTakesATensorOrAVariableAsTarget() {
    Tensor goal = LOGITS.plus(1).square();
    Tensor mask = LOGITS.greater(0);
    try (Tape tape = Tape.recording()) {
      Variable x = tape.constant(LOGITS);
      Variable target = tape.watch(goal);
      Map<Variable, Variable> pairs = Map.of(
          Losses.meanSquaredError(x, goal), Losses.meanSquaredError(x, target),
          Losses.meanSquaredError(x, goal, mask), Losses.meanSquaredError(x, target, mask),
          Losses.huber(x, goal, 1.5), Losses.huber(x, target, 1.5),
          Losses.huber(x, goal, mask, 1.5), Losses.huber(x, target, mask, 1.5));
      pairs.forEach((ofTensor, ofVariable) -> {
        assertThat(ofTensor.value()).isEqualTo(ofVariable.value());
        assertThat(ofTensor.isTracked()).isFalse();
        assertThat(ofVariable.isTracked()).isTrue();
      });
    }
    GradientCheck.ofMany(xs -> Losses.huber(xs.get(0), xs.get(1), mask, 1.5)).at(LOGITS, goal).secondOrder().run()
        .assertPasses();
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    try (Tape tape = Tape.inference()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.crossEntropy(tape.constant(LOGITS), Tensor.arange(3)))
          .withMessage("crossEntropy: for logits [2, 3, 4], targets must be class numbers INT32 [2, 3], not INT32 [3]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.crossEntropy(tape.constant(LOGITS), TARGETS, TARGETS.greater(0).select(0, 0)))
          .withMessage("crossEntropy: the mask is BOOL [3], wanted BOOL [2, 3]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.crossEntropy(tape.constant(LOGITS), TARGETS.to(DType.FLOAT64)))
          .withMessage(
              "crossEntropy: for logits [2, 3, 4], targets must be class numbers INT32 [2, 3], not FLOAT64 [2, 3]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.crossEntropy(tape.constant(LOGITS.to(DType.INT32)), TARGETS))
          .withMessage("crossEntropy: logits are FLOAT32 or FLOAT64, not INT32");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Losses.binaryCrossEntropy(tape.constant(LOGITS), LOGITS.to(DType.FLOAT32)))
          .withMessage("binaryCrossEntropy: the targets must be FLOAT64 [2, 3, 4] like the predictions, "
              + "not FLOAT32 [2, 3, 4]; convert them with to(..)");
      assertThatIllegalArgumentException().isThrownBy(() -> Losses.meanSquaredError(
          tape.constant(LOGITS), tape.constant(LOGITS.to(DType.FLOAT32)), LOGITS.greater(0)))
          .withMessage("meanSquaredError: the targets must be FLOAT64 [2, 3, 4] like the predictions, "
              + "not FLOAT32 [2, 3, 4]; convert them with to(..)");
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> Losses.crossEntropies(tape.constant(LOGITS), TARGETS.plus(4)))
          .withMessageStartingWith("crossEntropy: target ").withMessageEndingWith(" at [0, 0] is not in [0, 4)");
    }
  }

  /// The message says what to write, which is right.
  @Test
  void probabilitiesAsTargetsAreRefusedWithTheLossForThem() {
    Tensor oneHot = Tensor.zeros(DType.FLOAT64, 2, 3, 4).scatterAddAlongInPlace(
        TARGETS.unsqueeze(-1), Tensor.ones(DType.FLOAT64, 2, 3, 1), -1);
    try (Tape tape = Tape.inference()) {
      Variable logits = tape.constant(LOGITS);
      Variable targets = tape.constant(oneHot);
      assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Losses.crossEntropy(logits, oneHot))
          .withMessage(
              "crossEntropy: for logits [2, 3, 4], targets must be class numbers INT32 [2, 3], not FLOAT64 [2, 3, 4]; with "
                  + "a probability for each class, the loss is "
                  + "logits.logSoftmax(-1).times(targets).sum(-1).mean().negate()");
      assertThat(logits.logSoftmax(-1).times(targets).sum(-1).mean().negate().item())
          .isCloseTo(Losses.crossEntropy(logits, TARGETS).item(), within(1e-14));
    }
  }

  @Test
  void targetsThatAreNoClassAreReportedUnlessMasked() {
    Tensor targets = Tensor.of(new int[] {3, -100, 1, 1, 2, 4}, 2, 3);
    try (Tape tape = Tape.inference()) {
      for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
        Variable logits = tape.constant(LOGITS.to(dtype));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> Losses.crossEntropy(logits, targets))
            .withMessage("crossEntropy: target -100 at [0, 1] is not in [0, 4)");
        assertThat(Losses.crossEntropy(logits, targets, MASK).item())
            .isEqualTo(Losses.crossEntropy(logits, TARGETS, MASK).item());
      }
    }
  }

  /// A loss of a prediction under a mask.
  private interface Masked {
    Variable of(Variable x, Tensor mask);
  }

  private static final Tensor MASKED_NAN = Tensor.where(MASK.unsqueeze(-1), LOGITS, Tensor.scalar(Double.NaN));
  private static final Tensor WIDE = MASK.unsqueeze(-1).expand(2, 3, 4);
  private static final Tensor GOAL = Tensor.uniform(Rng.of(2), DType.FLOAT64, 0, 1, 2, 3, 4);

  private static Map<String, Masked> maskedLosses() {
    return Map.of(
        "cross-entropy", (x, mask) -> Losses.crossEntropy(x, TARGETS, mask.select(2, 0)),
        "smoothed", (x, mask) -> Losses.smoothedCrossEntropy(x, TARGETS, mask.select(2, 0), 0.2),
        "binary", (x, mask) -> Losses.binaryCrossEntropy(x, GOAL.to(x.dtype()), mask),
        "squares", (x, mask) -> Losses.meanSquaredError(x, x.tape().constant(GOAL.to(x.dtype())), mask),
        "huber", (x, mask) -> Losses.huber(x, GOAL.to(x.dtype()), mask, 1.5));
  }

  @Test
  void maskedLossesAreThoseOfWhatIsLeft() {
    maskedLosses().forEach((name, loss) -> {
      GradientCheck.of(x -> loss.of(x, WIDE)).at(LOGITS).secondOrder().run().assertPasses();
      for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
        try (Tape tape = Tape.recording()) {
          Variable clean = tape.watch(LOGITS.to(dtype));
          Variable dirty = tape.watch(MASKED_NAN.to(dtype));
          Variable left = loss.of(dirty, WIDE);
          assertThat(left.item()).as(name).isEqualTo(loss.of(clean, WIDE).item());
          Tensor derivative = tape.gradients(left).of(dirty);
          assertThat(derivative.isFinite().all().item()).as(name).isEqualTo(1);
          assertThat(derivative.maskedSelect(WIDE.not())).as(name).isEqualTo(Tensor.zeros(dtype, 8));
        }
      }
    });
  }

  @Test
  void whereEverythingIsMaskedTheLossIsZero() {
    try (Tape tape = Tape.inference()) {
      for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
        Variable noClasses = tape.constant(Tensor.zeros(dtype, 2, 0));
        assertThat(Losses.crossEntropy(noClasses, Tensor.arange(2), Tensor.zeros(DType.BOOL, 2)).item()).isZero();
      }
    }
    maskedLosses().forEach((name, loss) -> {
      for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
        try (Tape tape = Tape.recording()) {
          Variable x = tape.watch(MASKED_NAN.to(dtype));
          Variable nothing = loss.of(x, Tensor.zeros(DType.BOOL, 2, 3, 4));
          assertThat(nothing.item()).as(name).isZero();
          assertThat(tape.gradients(nothing).of(x)).as(name).isEqualTo(Tensor.zeros(dtype, 2, 3, 4));
        }
      }
    });
  }

  /// Losses of `x [0, 4]`.
  private static Map<String, Function<Variable, Variable>> lossesOfNothing(DType dtype) {
    Tensor none = Tensor.zeros(dtype, 0, 4);
    Tensor ids = Tensor.zeros(DType.INT32, 0);
    Tensor mask = Tensor.zeros(DType.BOOL, 0, 4);
    return Map.of(
        "cross-entropy", x -> Losses.crossEntropy(x, ids),
        "smoothed", x -> Losses.smoothedCrossEntropy(x, ids, 0.2),
        "binary", x -> Losses.binaryCrossEntropy(x, none),
        "masked binary", x -> Losses.binaryCrossEntropy(x, none, mask),
        "squares", x -> Losses.meanSquaredError(x, x.tape().constant(none)),
        "squares of a target", x -> Losses.meanSquaredError(x.tape().constant(none), x),
        "masked squares", x -> Losses.meanSquaredError(x, x.tape().constant(none), mask),
        "huber", x -> Losses.huber(x, none, 1.5),
        "masked huber", x -> Losses.huber(x, none, mask, 1.5),
        "ctc", x -> Losses.ctc(x.unsqueeze(1), ids.unsqueeze(1), new int[0], new int[0], 0));
  }

  @Test
  void whereThereIsNothingTheLossIsZeroAndSoAreItsGradients() {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      lossesOfNothing(dtype).forEach((name, loss) -> {
        try (Tape tape = Tape.recording()) {
          Variable weight = tape.watch(Tensor.ones(dtype, 3, 4));
          Variable nothing = loss.apply(tape.constant(Tensor.zeros(dtype, 0, 3)).matmul(weight));
          assertThat(nothing.value()).as(name).isEqualTo(Tensor.zeros(dtype));
          assertThat(tape.gradients(nothing).of(weight)).as(name).isEqualTo(Tensor.zeros(dtype, 3, 4));
        }
      });
    }
  }

  @Test
  void theFusedCrossEntropyIsThatOfItsDefinition() {
    int[][] sizes = {{1, 1}, {3, 2}, {31, 65}, {33, 64}, {254, 65}, {1, 2049}, {9, 2048}, {3, 20_000}, {0, 5}};
    for (int[] size : sizes) {
      Tensor logits = Tensor.normal(Rng.of(3), DType.FLOAT32, 0, 3, size[1], size[0]).transpose(); // a strided view
      Tensor targets = Tensor.integers(Rng.of(4), size[1], size[0]);
      Tensor mask = Tensor.bernoulli(Rng.of(5), 0.7, size[0]);
      for (double share : new double[] {0, 0.3}) {
        Function<Variable, Variable> loss = x -> Losses.smoothedCrossEntropy(x, targets, mask, share).times(2);
        try (Tape tape = Tape.inference()) {
          double value = loss.apply(tape.constant(logits.to(DType.FLOAT64))).item();
          assertThat(loss.apply(tape.constant(logits)).item()).isCloseTo(value, within(1e-6 * Math.max(1, value)));
        }
        Tensor derivative = Derivatives.jacobian(loss, logits).to(DType.FLOAT64);
        assertThat(derivative.allClose(Derivatives.jacobian(loss, logits.to(DType.FLOAT64)), 1e-5, 1e-8)).isTrue();
      }
    }
  }

  @Test
  void theBitsOfTheFusedCrossEntropyDoNotDependOnThreads() {
    Tensor logits = Tensor.normal(Rng.of(3), DType.FLOAT32, 0, 3, 900, 65);
    Tensor targets = Tensor.integers(Rng.of(4), 65, 900);
    int threads = Threads.count();
    List<Tensor> found = new ArrayList<>();
    try {
      for (int count : new int[] {1, 3}) {
        Threads.resize(count);
        try (Tape tape = Tape.recording()) {
          Variable x = tape.watch(logits);
          Variable loss = Losses.crossEntropy(x, targets);
          found.addAll(List.of(loss.value(), tape.gradients(loss).of(x)));
        }
      }
    } finally {
      Threads.resize(threads);
    }
    assertThat(found.subList(0, 2)).isEqualTo(found.subList(2, 4));
  }

  @Test
  void lossesOfPartsAndOfTheSameLogitsAddUp() {
    Tensor logits = Tensor.normal(Rng.of(3), DType.FLOAT32, 0, 3, 2, 6, 4);
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(logits);
      List<Variable> parts = x.split(1, 2); // whose gradients have their rows apart
      Variable loss = Losses.crossEntropy(parts.get(0), TARGETS)
          .plus(Losses.crossEntropy(parts.get(1), TARGETS).times(3))
          .plus(Losses.crossEntropy(parts.get(1), TARGETS));
      Tensor found = tape.gradients(loss).of(x);
      for (int part = 0; part < 2; part++) {
        double times = part == 0 ? 1 : 4;
        Tensor derivative = Derivatives.jacobian(y -> Losses.crossEntropy(y, TARGETS),
            logits.slice(1, 3 * part, 3 * part + 3).copy());
        assertThat(found.slice(1, 3 * part, 3 * part + 3).allClose(derivative.times(times), 1e-6, 1e-7)).isTrue();
      }
    }
  }

  @Test
  void theFusedCrossEntropyCanBeDifferentiatedAgain() {
    Function<Variable, Variable> steepness = x -> x.tape()
        .differentiate(Losses.smoothedCrossEntropy(x, TARGETS, MASK, 0.1), x).square().sum();
    Tensor fused = Derivatives.jacobian(steepness, LOGITS.to(DType.FLOAT32)).to(DType.FLOAT64);
    assertThat(fused.allClose(Derivatives.jacobian(steepness, LOGITS), 1e-5, 1e-7)).isTrue();
  }

  @Test
  void theFusedCrossEntropyNeitherOverflowsNorHidesNaN() {
    Tensor logits = Tensor.of(new float[][] {{1000, -1000, 0}, {Float.NEGATIVE_INFINITY, 2, 2}});
    Tensor targets = Tensor.of(new int[] {1, 1});
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(logits);
      Variable loss = Losses.crossEntropy(x, targets);
      assertThat(loss.item()).isCloseTo((2000 + Math.log(2)) / 2, within(1e-4));
      assertThat(tape.gradients(loss).of(x)).isEqualTo(Tensor.of(new float[][] {{0.5f, -0.5f, 0}, {0, -0.25f, 0.25f}}));
    }
    try (Tape tape = Tape.inference()) {
      Tensor nan = Tensor.of(new float[][] {{1, Float.NaN, 0}});
      assertThat(Losses.crossEntropy(tape.constant(nan), Tensor.of(new int[] {0})).item()).isNaN();
    }
  }
}
