package dev.rewind.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdaptiveSoftmaxTest {
  private static final int INPUTS = 9;
  private static final int SYMBOLS = 11;
  private static final Tensor HIDDEN = Tensor.normal(Rng.of(1), DType.FLOAT64, 0, 1, 2, 4, INPUTS);
  private static final Tensor TARGETS = Tensor.of(new int[][] {{0, 2, 3, 5}, {10, 6, 1, 4}});

  private final AdaptiveSoftmax layer = new AdaptiveSoftmax(INPUTS, SYMBOLS, new int[] {3, 6}, 3, Rng.of(2));

  AdaptiveSoftmaxTest() {
    layer.to(DType.FLOAT64);
    layer.initialize(".*", Rng.of(3), (rng, shape) -> Tensor.normal(rng, DType.FLOAT64, 0, 1, shape.sizes()));
  }

  private static double[] product(double[][] weight, double[] x) {
    double[] y = new double[weight.length];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < x.length; j++) {
        y[i] += weight[i][j] * x[j];
      }
    }
    return y;
  }

  private static double[] softmax(double[] x) {
    double sum = 0;
    for (double each : x) {
      sum += Math.exp(each);
    }
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.exp(x[i]) / sum;
    }
    return y;
  }

  /// The definition: head [0, 1, 2, cluster 3 to 5, cluster 6 to 10].
  private double[] probabilities(double[] x) {
    Map<String, Tensor> state = layer.state();
    double[] head = softmax(product(state.get("head.weight").toDoubleRows(), x));
    double[] all = {head[0], head[1], head[2], 0, 0, 0, 0, 0, 0, 0, 0};
    for (int cluster = 0; cluster < 2; cluster++) {
      double[] small = product(state.get("tail." + cluster + ".0.weight").toDoubleRows(), x);
      double[] own = softmax(product(state.get("tail." + cluster + ".1.weight").toDoubleRows(), small));
      for (int s = 0; s < own.length; s++) {
        all[3 + 3 * cluster + s] = head[3 + cluster] * own[s];
      }
    }
    return all;
  }

  @Test
  void probabilitiesAndTheLossAreThoseOfTheDefinitionAndSumToOne() {
    Tensor mask = Tensor.of(new boolean[][] {{true, false, true, true}, {true, true, false, true}});
    double sum = 0;
    double kept = 0;
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(HIDDEN);
      Tensor logs = layer.logProbabilities(x).value();
      assertThat(logs.shape()).isEqualTo(Shape.of(2, 4, SYMBOLS));
      assertThat(logs.exp().sum(-1).allClose(Tensor.ones(DType.FLOAT64, 2, 4), 0, 1e-12)).isTrue();
      assertThat(layer.forward(x).value()).isEqualTo(logs);
      for (int b = 0; b < 2; b++) {
        for (int t = 0; t < 4; t++) {
          double[] expected = probabilities(HIDDEN.select(0, b).select(0, t).toDoubles());
          assertThat(logs.exp().select(0, b).select(0, t).toDoubles()).containsExactly(expected, within(1e-12));
          double loss = -Math.log(expected[(int) TARGETS.at(b, t)]);
          sum += loss;
          kept += mask.at(b, t) == 0 ? 0 : loss;
        }
      }
      assertThat(layer.loss(x, TARGETS).item()).isCloseTo(sum / 8, within(1e-12));
      assertThat(layer.loss(x, TARGETS, mask).item()).isCloseTo(kept / 6, within(1e-12));
      assertThat(layer.loss(x.select(0, 1).select(0, 3), Tensor.scalar(4)).item())
          .isCloseTo(-logs.at(1, 3, 4), within(1e-12));
    }
  }

  @Test
  void gradientsAgreeWithNumericalOnes() {
    Tensor mask = Tensor.of(new boolean[][] {{true, false, true, true}, {true, true, false, true}});
    GradientCheck.of(x -> layer.loss(x, TARGETS, mask)).at(HIDDEN).withParameters(layer.namedParameters())
        .secondOrder().run().assertPasses();
    GradientCheck.of(layer::logProbabilities).at(HIDDEN).withParameters(layer.namedParameters()).secondOrder().run()
        .assertPasses();
  }

  @Test
  void inFloatTheLossIsThatInDoubleToItsDigits() {
    try (Tape tape = Tape.recording(); Tape wide = Tape.recording()) {
      Variable x = tape.watch(HIDDEN.to(DType.FLOAT32));
      Variable y = wide.watch(HIDDEN);
      double expected = layer.loss(y, TARGETS).item();
      Gradients doubles = wide.gradients(layer.loss(y, TARGETS));
      layer.to(DType.FLOAT32);
      Variable loss = layer.loss(x, TARGETS);
      assertThat(loss.item()).isCloseTo(expected, within(1e-5));
      assertThat(tape.gradients(loss).of(x).to(DType.FLOAT64).allClose(doubles.of(y), 1e-4, 1e-5)).isTrue();
    }
  }

  @Test
  void whatIsMaskedMayBeAnythingAndClustersThatDoNotOccurHaveZeroGradients() {
    Tensor holes = HIDDEN.copy();
    holes.select(0, 1).fill(Double.NaN);
    Tensor targets = Tensor.of(new int[][] {{0, 3, 4, 5}, {-1, 99, -1, -1}});
    Tensor first = Tensor.of(new boolean[][] {{true, true, true, true}, {false, false, false, false}});
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(holes);
      Variable loss = layer.loss(x, targets, first);
      assertThat(loss.item())
          .isEqualTo(layer.loss(tape.constant(HIDDEN.select(0, 0)), targets.select(0, 0)).item());
      Gradients gradients = tape.gradients(loss);
      assertThat(gradients.of(x).select(0, 1)).isEqualTo(Tensor.zeros(DType.FLOAT64, 4, INPUTS));
      assertThat(gradients.of(x).isFinite().all().item()).isEqualTo(1);
      assertThat(gradients.of(layer.namedParameters().get("tail.1.1.weight")))
          .isEqualTo(Tensor.zeros(DType.FLOAT64, 5, 1));
    }
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(holes);
      Variable nothing = layer.loss(x, targets, Tensor.zeros(DType.BOOL, 2, 4));
      assertThat(nothing.item()).isZero();
      assertThat(tape.gradients(nothing).of(x)).isEqualTo(Tensor.zeros(DType.FLOAT64, 2, 4, INPUTS));
    }
  }

  @Test
  void parametersAreThoseOfPyTorch() {
    AdaptiveSoftmax large = new AdaptiveSoftmax(64, 1000, new int[] {100, 400}, 4, Rng.of(1));
    assertThat(large.toString()).startsWith("AdaptiveSoftmax(head Linear");
    assertThat(large.symbols()).isEqualTo(1000);
    assertThat(large.state().keySet()).containsExactly(
        "head.weight", "tail.0.0.weight", "tail.0.1.weight", "tail.1.0.weight", "tail.1.1.weight");
    assertThat(large.state().values().stream().map(Tensor::shape)).containsExactly(
        Shape.of(102, 64), Shape.of(16, 64), Shape.of(300, 16), Shape.of(4, 64), Shape.of(600, 4));
  }

  @Test
  void whatDoesNotFitIsNamed() {
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(HIDDEN);
      assertThatIllegalArgumentException().isThrownBy(() -> layer.loss(x, TARGETS.select(0, 0))).withMessage(
          "adaptive softmax: wants [.., inputs], targets INT32 [..] and at most one mask, not [2, 4, 9], INT32 [4] and "
              + "0 masks");
      assertThatIllegalArgumentException().isThrownBy(() -> layer.loss(x, TARGETS, TARGETS))
          .withMessage("adaptive softmax: the mask is INT32 [2, 4], wanted BOOL [2, 4]");
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> layer.loss(x, TARGETS.plus(Tensor.scalar(1))))
          .withMessage("adaptive softmax: target 11 at [1, 0] is not in [0, 11)");
      assertThatIllegalArgumentException().isThrownBy(() -> layer.logProbabilities(x.slice(2, 0, 5)))
          .withMessage("linear: wants [.., 9], not [2, 4, 5]");
    }
    for (int[] cutoffs : new int[][] {{}, {0, 3}, {3, 3}, {3, 11}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new AdaptiveSoftmax(9, 11, cutoffs, 3, Rng.of(1)))
          .withMessageStartingWith("adaptive softmax: cutoffs must rise within [1, 11), not [");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new AdaptiveSoftmax(9, 11, new int[] {3, 6}, 4, Rng.of(1)))
        .withMessage("adaptive softmax: 9 inputs divided by 4.0 2 times must be in [1, 9] for cluster 1; give another "
            + "division or fewer cutoffs");
  }
}
