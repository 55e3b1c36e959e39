package dev.rewind.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.cells.Gru;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.nn.cells.ResetBeforeGruCell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Layers with converted weights, against the formulas of the frameworks that the weights come from, written out number
/// by number: F = 3 inputs, H = 2 units, B = 1, T = 4.
class ConversionsTest {
  private static final int F = 3;
  private static final int H = 2;

  private final Rng rng = Rng.of(5);
  private final Tensor x = draw(1, 4, F);

  private Tensor draw(int... sizes) {
    return Tensor.normal(rng, DType.FLOAT32, 0, 1, sizes);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /// `row W`, a column of it.
  private static double product(double[] row, Tensor weights, int from, int column) {
    double sum = 0;
    for (int i = 0; i < row.length; i++) {
      sum += row[i] * weights.at(from + i, column);
    }
    return sum;
  }

  private double[] input(int t) {
    return x.select(1, t).to(DType.FLOAT64).toDoubles();
  }

  private static void load(Map<String, Tensor> converted, Block into) {
    assertThat(new TensorFile(converted, Map.of()).load(into, Mapping.PYTORCH).isComplete()).isTrue();
  }

  private void assertLast(Function<Variable, Variable> layer, double[] wanted) {
    Tensor last = layer.apply(Tape.inference().constant(x)).value().select(1, 3).reshape(H);
    for (int unit = 0; unit < H; unit++) {
      assertThat(last.at(unit)).isCloseTo(wanted[unit], org.assertj.core.data.Offset.offset(1e-5));
    }
  }

  /// How an LSTM's four sums are found: of a block and a unit, from the input and the state.
  private interface Sums {
    double of(int block, int unit, double[] x, double[] h);
  }

  /// The last output; the letters say which block is which: i, f, c (new), o.
  private double[] lstm(String order, double forgetBias, Sums sums) {
    double[] h = new double[H];
    double[] c = new double[H];
    for (int t = 0; t < 4; t++) {
      double[] before = h.clone();
      for (int u = 0; u < H; u++) {
        double i = sigmoid(sums.of(order.indexOf('i'), u, input(t), before));
        double f = sigmoid(sums.of(order.indexOf('f'), u, input(t), before) + forgetBias);
        double n = Math.tanh(sums.of(order.indexOf('c'), u, input(t), before));
        double o = sigmoid(sums.of(order.indexOf('o'), u, input(t), before));
        c[u] = f * c[u] + i * n;
        h[u] = o * Math.tanh(c[u]);
      }
    }
    return h;
  }

  @Test
  void kerasLstm() {
    Tensor kernel = draw(F, 4 * H);
    Tensor recurrent = draw(H, 4 * H);
    Tensor bias = draw(4 * H);
    Lstm lstm = new Lstm(RecurrentOptions.of(F, H), rng);
    load(Conversions.kerasLstm("%s_l0", kernel, recurrent, bias), lstm);
    assertLast(v -> lstm.forward(v).outputs(),
        lstm("ifco", 0, (block, u, in, h) -> product(in, kernel, 0, block * H + u)
            + product(h, recurrent, 0, block * H + u) + bias.at(block * H + u)));
  }

  @Test
  void namesNeedOnePlaceForTheParameter() {
    for (String names : new String[] {"lstm", "%s.%s", "%d", "100%.%s", "%s%"}) {
      assertThatThrownBy(() -> Conversions.kerasLstm(names, draw(F, 4 * H), draw(H, 4 * H), draw(4 * H)))
          .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'" + names + "' need one %s");
    }
  }

  @Test
  void tensorFlowLstm() {
    Tensor kernel = draw(F + H, 4 * H);
    Tensor bias = draw(4 * H);
    Tensor kept = bias.copy();
    LstmCell cell = new LstmCell(F, H, rng);
    load(Conversions.tensorFlowLstm("%s", kernel, bias, 1), cell);
    assertLast(v -> Recurrence.scan(cell, v, cell.initialState(v.tape(), 1)).outputs(), lstm("icfo", 1,
        (block, u, in, h) -> product(in, kernel, 0, block * H + u) + product(h, kernel, F, block * H + u)
            + bias.at(block * H + u)));
    assertThat(bias).isEqualTo(kept);
  }

  @Test
  void dl4jLstm() {
    Tensor w = draw(F, 4 * H);
    Tensor rw = draw(H, 4 * H);
    Tensor b = draw(1, 4 * H);
    Lstm lstm = new Lstm(RecurrentOptions.of(F, H), rng);
    load(Conversions.dl4jLstm("%s_l0", w, rw, b), lstm);
    assertLast(v -> lstm.forward(v).outputs(), lstm("cfoi", 0, (block, u, in, h) -> product(in, w, 0, block * H + u)
        + product(h, rw, 0, block * H + u) + b.at(0, block * H + u)));
  }

  @Test
  void kerasGru() {
    Tensor kernel = draw(F, 3 * H);
    Tensor recurrent = draw(H, 3 * H);
    Tensor bias = draw(2, 3 * H);
    Gru gru = new Gru(RecurrentOptions.of(F, H), rng);
    load(Conversions.kerasGru("%s_l0", kernel, recurrent, bias), gru);
    double[] h = new double[H];
    for (int t = 0; t < 4; t++) {
      double[] old = h.clone();
      double[] in = input(t);
      for (int u = 0; u < H; u++) {
        double z = sigmoid(product(in, kernel, 0, u) + bias.at(0, u) + product(old, recurrent, 0, u) + bias.at(1, u));
        double r = sigmoid(product(in, kernel, 0, H + u) + bias.at(0, H + u) + product(old, recurrent, 0, H + u)
            + bias.at(1, H + u));
        double n = Math.tanh(product(in, kernel, 0, 2 * H + u) + bias.at(0, 2 * H + u)
            + r * (product(old, recurrent, 0, 2 * H + u) + bias.at(1, 2 * H + u)));
        h[u] = z * old[u] + (1 - z) * n;
      }
    }
    assertLast(v -> gru.forward(v).outputs(), h);
    assertThatThrownBy(() -> Conversions.kerasGru("%s", kernel, recurrent, draw(3 * H)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("reset_after=False");
  }

  /// A GRU that resets before the product: `weights` of z (or u), r and the new state, with their biases.
  private double[] resetBefore(Sums gate, Sums candidate, boolean resetFirst) {
    double[] h = new double[H];
    for (int t = 0; t < 4; t++) {
      double[] old = h.clone();
      double[] reset = new double[H];
      for (int u = 0; u < H; u++) {
        reset[u] = old[u] * sigmoid(gate.of(resetFirst ? 0 : 1, u, input(t), old));
      }
      for (int u = 0; u < H; u++) {
        double z = sigmoid(gate.of(resetFirst ? 1 : 0, u, input(t), old));
        h[u] = z * old[u] + (1 - z) * Math.tanh(candidate.of(0, u, input(t), reset));
      }
    }
    return h;
  }

  @Test
  void kerasGruThatResetsBefore() {
    Tensor kernel = draw(F, 3 * H);
    Tensor recurrent = draw(H, 3 * H);
    Tensor bias = draw(3 * H);
    ResetBeforeGruCell cell = new ResetBeforeGruCell(F, H, rng);
    load(Conversions.kerasGruResetBefore("%s", kernel, recurrent, bias), cell);
    Sums sums = (block, u, in, h) -> product(in, kernel, 0, block * H + u) + product(h, recurrent, 0, block * H + u)
        + bias.at(block * H + u);
    assertLast(v -> Recurrence.scan(cell, v, cell.initialState(v.tape(), 1)).outputs(),
        resetBefore(sums, (block, u, in, h) -> sums.of(2, u, in, h), false));
  }

  @Test
  void tensorFlowGru() {
    Tensor gates = draw(F + H, 2 * H);
    Tensor gateBias = draw(2 * H);
    Tensor candidate = draw(F + H, H);
    Tensor candidateBias = draw(H);
    ResetBeforeGruCell cell = new ResetBeforeGruCell(F, H, rng);
    load(Conversions.tensorFlowGru("%s", gates, gateBias, candidate, candidateBias), cell);
    assertLast(v -> Recurrence.scan(cell, v, cell.initialState(v.tape(), 1)).outputs(), resetBefore(
        (block, u, in, h) -> product(in, gates, 0, block * H + u) + product(h, gates, F, block * H + u)
            + gateBias.at(block * H + u),
        (block, u, in, h) -> product(in, candidate, 0, u) + product(h, candidate, F, u) + candidateBias.at(u), true));
  }

  @Test
  void layersGetASecondBiasForPyTorch() {
    Map<String, Tensor> theirs = Conversions.toPyTorch(new Lstm(RecurrentOptions.of(F, H).withBidirectional(true), rng)
        .state());
    assertThat(theirs.keySet()).containsExactly("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0",
        "weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse", "bias_hh_l0_reverse");
    assertThat(theirs.get("bias_hh_l0_reverse")).isEqualTo(Tensor.zeros(DType.FLOAT32, 4 * H));
    Map<String, Tensor> two = new Gru(RecurrentOptions.of(F, H), rng).state();
    assertThat(Conversions.toPyTorch(two)).isEqualTo(two);
  }

  @ParameterizedTest
  @CsvSource({"ab, ac", "aab, aba", "ab, abc"})
  void lettersMustAgree(String from, String to) {
    assertThatThrownBy(() -> Conversions.blocks(Tensor.arange(6), from, to))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("blocks: '" + from + "' and '" + to + "'");
  }

  @Test
  void blocksMustBeEqual() {
    assertThat(Conversions.blocks(Tensor.arange(6), "abc", "cab").toInts()).containsExactly(4, 5, 0, 1, 2, 3);
    assertThatThrownBy(() -> Conversions.blocks(Tensor.arange(7), "abc", "cab"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
