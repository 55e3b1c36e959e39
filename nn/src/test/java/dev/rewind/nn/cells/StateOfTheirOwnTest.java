package dev.rewind.nn.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.rnn.CellCheck;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Cells whose state is more than `h` and `c`.
class StateOfTheirOwnTest {
  private static final SLstmCell EXPONENTIAL = new SLstmCell(4, 3, Rng.of(1));
  private static final GruDCell DECAYING = new GruDCell(Tensor.of(new float[] {0.5f, -1}), 3, Rng.of(2));

  private static SLstmCell.Memory positive(SLstmCell.Memory drawn) {
    return new SLstmCell.Memory(drawn.h(), drawn.c(), drawn.n().square().plus(0.5), drawn.m());
  }

  @Test
  void theyKeepWhatACellPromises() {
    CellCheck.of(EXPONENTIAL).startingFrom(StateOfTheirOwnTest::positive).run().assertPasses();
    CellCheck.of(EXPONENTIAL).lengths(3, 0, 2).startingFrom(StateOfTheirOwnTest::positive).run().assertPasses();
    CellCheck.of(DECAYING).run().assertPasses();
    CellCheck.of(DECAYING).lengths(3, 0, 2).run().assertPasses();
  }

  /// The first step of an sLSTM forgets what was not there, whatever its input gate says.
  @Test
  void anSLstmStartsFromNothingAndNeverOverflows() {
    SLstmCell cell = new SLstmCell(1, 1, Rng.of(1));
    cell.load(
        Map.of("weight_ih", Tensor.of(new float[] {1, 0, 0, 0}, 4, 1), "weight_hh", Tensor.zeros(DType.FLOAT32, 4, 1),
            "bias", Tensor.of(new float[] {0, 2, 0.5f, 1})));
    double o = 1 / (1 + Math.exp(-1));
    for (double gate : new double[] {-1000, -100, 0, 100, 1000}) {
      try (Tape tape = Tape.recording()) {
        Variable x = tape.watch(Tensor.full(DType.FLOAT32, gate, 1, 5, 1));
        Scanned<SLstmCell.Memory> run = Recurrence.scan(cell, x);
        for (int t = 0; t < 5; t++) { // the mean of equal numbers
          assertThat(run.outputs().value().at(0, t, 0)).isCloseTo(o * Math.tanh(0.5), within(1e-6));
        }
        assertThat(tape.gradients(run.outputs().sum()).of(x).isFinite().all().item()).isEqualTo(1);
      }
    }
  }

  /// Two values, of which the second is seen at the first step alone; NaN where it is not.
  @Test
  void whatIsMissingDecaysToTheMean() {
    Tensor x = Tensor.of(new double[][][] {{{1, 2, 1, 1, 0.5}, {3, Double.NaN, 1, 0, 2}, {-1, Double.NaN, 1, 0, 1.5}}});
    try (Tape tape = Tape.recording(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      Variable input = tape.watch(x);
      Scanned<GruDCell.Memory> run = Recurrence.scan(DECAYING, input);
      Function<String, Tensor> w = DECAYING.state()::get;
      double[] h = new double[3];
      double[] last = new double[2];
      double[] since = new double[2];
      double[] mean = {0.5, -1};
      for (int t = 0; t < 3; t++) {
        double[] read = new double[4];
        double[] d = new double[2];
        for (int k = 0; k < 2; k++) {
          boolean seen = x.at(0, t, 2 + k) == 1;
          d[k] = x.at(0, t, 4) + since[k];
          double a = Math.exp(-Math.max(0, w.apply("decay_weight").at(k) * d[k] + w.apply("decay_bias").at(k)));
          read[k] = seen ? x.at(0, t, k) : a * last[k] + (1 - a) * mean[k];
          read[2 + k] = seen ? 1 : 0;
          last[k] = seen ? x.at(0, t, k) : last[k];
          since[k] = seen ? 0 : d[k];
        }
        double[] before = new double[3];
        for (int j = 0; j < 3; j++) {
          before[j] = h[j] * Math.exp(-Math.max(0, dot(w.apply("decay.weight"), j, d) + w.apply("decay.bias").at(j)));
        }
        double[] r = new double[3];
        double[] next = new double[3];
        for (int j = 0; j < 3; j++) {
          r[j] = before[j] * logistic(sum(w, j, read) + dot(w.apply("weight_hh"), j, before));
        }
        for (int j = 0; j < 3; j++) {
          double z = logistic(sum(w, 3 + j, read) + dot(w.apply("weight_hh"), 3 + j, before));
          double n = Math.tanh(sum(w, 6 + j, read) + dot(w.apply("weight_hn"), j, r));
          next[j] = (1 - z) * before[j] + z * n;
          assertThat(run.outputs().value().at(0, t, j)).isCloseTo(next[j], within(1e-13));
        }
        h = next;
      }
      assertThat(run.state().since().value().at(0, 1)).isEqualTo(3.5);
      Tensor gradient = tape.gradients(run.outputs().square().sum()).of(input);
      assertThat(gradient.isFinite().all().item()).isEqualTo(1);
      assertThat(gradient.at(0, 1, 1)).isZero();
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new GruDCell(Tensor.of(new double[] {1}), 3, Rng.of(1)))
        .withMessage("gru-d: wants a mean of each value, FLOAT32 [values >= 1], not FLOAT64 [1]");
  }

  private static double dot(Tensor weight, int row, double[] x) {
    double sum = 0;
    for (int k = 0; k < x.length; k++) {
      sum += weight.at(row, k) * x[k];
    }
    return sum;
  }

  private static double sum(Function<String, Tensor> w, int row, double[] x) {
    return dot(w.apply("input.weight"), row, x) + w.apply("input.bias").at(row);
  }

  private static double logistic(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
