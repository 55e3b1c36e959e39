package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.nn.optim.AdamW;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class BatchNormTest {
  private static final int SIZE = 3;
  private static final Tensor X = Tensor.normal(Rng.of(1), DType.FLOAT64, 2, 3, 2, 4, SIZE);
  private static final boolean[][] KEPT = {{true, true, true, true}, {true, true, false, false}};
  private static final Tensor MASK = Tensor.of(KEPT);
  private static final double[] GAIN = {0.5, -1, 2};
  private static final double[] SHIFT = {1, 0, -3};

  private final BatchNorm norm = doubles();

  private static BatchNorm doubles() {
    BatchNorm norm = new BatchNorm(SIZE);
    norm.to(DType.FLOAT64);
    norm.load(
        Map.of("weight", Tensor.of(GAIN), "bias", Tensor.of(SHIFT), "running_mean", Tensor.of(new double[] {1, 2, 3}),
            "running_var", Tensor.of(new double[] {4, 5, 6})));
    return norm;
  }

  /// What a training step leaves: the result, and the running mean and variance.
  private record Expected(double[][][] y, double[] mean, double[] variance) {
    static Expected of(boolean[][] kept) {
      double[][][] y = new double[2][4][SIZE];
      double[] means = {1, 2, 3};
      double[] variances = {4, 5, 6};
      for (int c = 0; c < SIZE; c++) {
        double n = 0;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < 8; i++) {
          if (kept[i / 4][i % 4]) {
            n++;
            sum += X.at(i / 4, i % 4, c);
          }
        }
        for (int i = 0; i < 8; i++) {
          squares += kept[i / 4][i % 4] ? Math.pow(X.at(i / 4, i % 4, c) - sum / n, 2) : 0;
        }
        for (int i = 0; i < 8; i++) {
          y[i / 4][i % 4][c] = !kept[i / 4][i % 4] ? 0
              : (X.at(i / 4, i % 4, c) - sum / n) / Math.sqrt(squares / n + 1e-5) * GAIN[c] + SHIFT[c];
        }
        means[c] = 0.9 * means[c] + 0.1 * sum / n;
        variances[c] = 0.9 * variances[c] + 0.1 * squares / (n - 1);
      }
      return new Expected(y, means, variances);
    }
  }

  private void assertRunning(double[] mean, double[] variance) {
    assertThat(norm.state().get("running_mean").allClose(Tensor.of(mean), 1e-12, 0)).isTrue();
    assertThat(norm.state().get("running_var").allClose(Tensor.of(variance), 1e-12, 0)).isTrue();
  }

  @Test
  void aTrainingStepNormalisesByTheBatchAndTheRunningOnesFollow() {
    boolean[][] all = {{true, true, true, true}, {true, true, true, true}};
    for (boolean[][] kept : new boolean[][][] {all, KEPT}) {
      Expected expected = Expected.of(kept);
      norm.load(doubles().state());
      try (Tape tape = Tape.training(Rng.of(1))) {
        Variable x = tape.constant(X);
        Tensor y = (kept == all ? norm.forward(x) : norm.forward(x, MASK)).value();
        assertThat(y.allClose(Tensor.of(expected.y), 1e-12, 1e-12)).isTrue();
      }
      assertRunning(expected.mean, expected.variance);
    }
    norm.load(doubles().state());
    try (Tape tape = Tape.training(Rng.of(1))) {
      Tensor flat = norm.forward(tape.constant(X.reshape(8, SIZE))).value();
      assertThat(flat.reshape(2, 4, SIZE).allClose(Tensor.of(Expected.of(all).y), 1e-12, 1e-12)).isTrue();
    }
  }

  @Test
  void anEvaluationUsesTheRunningOnesAndLeavesThem() {
    Tensor factor = Tensor.of(GAIN).divide(Tensor.of(new double[] {4, 5, 6}).plus(1e-5).sqrt());
    Tensor expected = X.minus(Tensor.of(new double[] {1, 2, 3})).times(factor).plus(Tensor.of(SHIFT));
    Map<String, Tensor> before = norm.state();
    try (Tape inference = Tape.inference();
        Tape tape = Tape.recording(TapeOptions.defaults().deterministic())) {
      assertThat(norm.forward(inference.constant(X)).value().allClose(expected, 1e-12, 1e-12)).isTrue();
      Variable x = tape.watch(X);
      Variable y = norm.forward(x);
      assertThat(y.value().allClose(expected, 1e-12, 1e-12)).isTrue();
      assertThat(tape.gradients(y.sum()).of(x).allClose(factor.expand(2, 4, SIZE), 1e-12, 0)).isTrue();
    }
    assertThat(norm.state()).isEqualTo(before);
  }

  @Test
  void gradientsOfTrainingAgreeWithNumericalOnesAndLeaveTheRunningOnes() {
    Map<String, Tensor> before = norm.state();
    Map<String, Param> learned = norm.namedParameters();
    learned.values().removeIf(Param::isFrozen);
    assertThat(learned.keySet()).containsExactly("weight", "bias");
    GradientCheck.of(x -> norm.forward(x, MASK)).at(X).withParameters(learned).secondOrder().run().assertPasses();
    assertThat(norm.state()).isEqualTo(before);
  }

  private Tensor gradient(UnaryOperator<Variable> f) {
    try (Tape tape = Tape.training(Rng.of(1))) {
      Variable x = tape.watch(X);
      return tape.gradients(f.apply(x).square().sum()).of(x);
    }
  }

  @Test
  void recomputationUpdatesTheRunningOnesOnce() {
    Tensor plain = gradient(norm::forward);
    Map<String, Tensor> after = norm.state();
    norm.load(doubles().state());
    assertThat(gradient(x -> x.tape().recompute(norm::forward, x))).isEqualTo(plain);
    assertThat(norm.state()).isEqualTo(after).isNotEqualTo(doubles().state());
  }

  @Test
  void theRunningOnesAreSavedAndCopiedButNotTrained() {
    AdamW adam = new AdamW(norm.namedParameters(), 0.1);
    try (Tape tape = Tape.training(Rng.of(1))) {
      Gradients gradients = tape.gradients(norm.forward(tape.constant(X)).square().sum());
      Map<String, Tensor> before = norm.state();
      adam.step(gradients);
      assertThat(norm.state().get("weight")).isNotEqualTo(before.get("weight"));
      assertThat(norm.state().get("running_mean")).isEqualTo(before.get("running_mean"));
      assertThat(norm.state().get("running_var")).isEqualTo(before.get("running_var"));
    }
    BatchNorm copy = new BatchNorm(SIZE);
    copy.to(DType.FLOAT64);
    norm.copyTo(copy);
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(X);
      assertThat(copy.forward(x).value()).isEqualTo(norm.forward(x).value());
    }
  }

  @Test
  void paddingMayBeNaNAndABatchOfNothingChangesNothing() {
    Tensor holes = Tensor.where(MASK.unsqueeze(-1), X, Tensor.scalar(Double.NaN));
    try (Tape tape = Tape.training(Rng.of(1))) {
      Variable x = tape.watch(holes);
      Variable y = norm.forward(x, MASK);
      assertThat(y.value().allClose(Tensor.of(Expected.of(KEPT).y), 1e-12, 1e-12)).isTrue();
      assertThat(tape.gradients(y.square().sum()).of(x).isFinite().all().item()).isEqualTo(1);
    }
    norm.load(doubles().state());
    try (Tape tape = Tape.training(Rng.of(1))) {
      Variable x = tape.watch(holes);
      Variable y = norm.forward(x, Tensor.zeros(DType.BOOL, 2, 4));
      assertThat(y.value()).isEqualTo(Tensor.zeros(DType.FLOAT64, 2, 4, SIZE));
      assertThat(norm.forward(tape.constant(Tensor.zeros(DType.FLOAT64, 0, SIZE))).shape())
          .isEqualTo(Shape.of(0, SIZE));
      assertThat(tape.gradients(y.sum()).of(x)).isEqualTo(Tensor.zeros(DType.FLOAT64, 2, 4, SIZE));
    }
    assertThat(norm.state()).isEqualTo(doubles().state());
  }

  @Test
  void whatDoesNotFitIsNamed() {
    try (Tape tape = Tape.training(Rng.of(1)); Tape recording = Tape.recording()) {
      Variable x = tape.constant(X);
      assertThatIllegalArgumentException().isThrownBy(() -> norm.forward(x.select(0, 0).select(0, 0)))
          .withMessage("batch norm: wants [batch, 3] or [batch, time, 3], not [3]");
      assertThatIllegalArgumentException().isThrownBy(() -> norm.forward(x.slice(2, 0, 2)))
          .withMessage("batch norm: wants [.., 3], not [2, 4, 2]");
      assertThatIllegalArgumentException().isThrownBy(() -> norm.forward(x, MASK.select(0, 0)))
          .withMessage("batch norm: the mask is BOOL [4], wanted BOOL [2, 4]");
      assertThatIllegalArgumentException().isThrownBy(() -> norm.forward(x.select(0, 0).slice(0, 0, 1)))
          .withMessage("batch norm: one vector has no variance to train with; give larger batches");
      assertThatIllegalStateException().isThrownBy(() -> norm.forward(recording.constant(X)))
          .withMessageStartingWith(
              "batch norm: wants random draws, and this tape has none; train on Tape.training(rng)");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new BatchNorm(0))
        .withMessage("batch norm: a vector must have at least 1 element, not 0");
  }
}
