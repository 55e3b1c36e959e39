package dev.rewind.nn.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Every cell against its published formulas, written out unit by unit in double arithmetic. All sizes differ.
class PublishedRecurrencesTest {
  private static final int BATCH = 2;
  private static final int STEPS = 3;
  private static final int INPUTS = 4;
  private static final int HIDDEN = 5;

  /// The formulas of one cell for one sequence: the output and the states after a step, given the weights by name, the
  /// input, and the states before.
  private interface Formulas {
    double[][] step(Function<String, Tensor> weights, double[] x, double[][] before);
  }

  /// A cell whose output is the first leaf of its state.
  private static <S extends State<S>, C extends Block & Cell<S>> void compare(C cell, Formulas formulas) {
    cell.parameters().forEach(p -> p.value().plusInPlace(
        // away from 0 and 1
        Tensor.normal(Rng.of(6).split(p.name()), DType.FLOAT32, 0, 0.3, p.value().shape().sizes())));
    Function<String, Tensor> weights = name -> cell.namedParameters().get(name).value();
    Tensor x = Tensor.normal(Rng.of(5), DType.FLOAT64, 0, 1, BATCH, STEPS, INPUTS);
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      S start = cell.initialState(tape, BATCH).map(leaf -> tape.constant(
          Tensor.normal(Rng.of(7), DType.FLOAT64, 0, 1, leaf.shape().sizes())));
      Scanned<S> run = Recurrence.scan(cell, tape.constant(x), start);
      for (int b = 0; b < BATCH; b++) {
        double[][] state = row(start.leaves(), b);
        for (int t = 0; t < STEPS; t++) {
          state = formulas.step(weights, x.select(0, b).select(0, t).toDoubles(), state);
          assertThat(run.outputs().value().select(0, b).select(0, t).toDoubles()).containsExactly(state[0],
              within(1e-13));
        }
        double[][] last = row(run.state().leaves(), b);
        for (int leaf = 0; leaf < state.length; leaf++) {
          assertThat(last[leaf]).containsExactly(state[leaf], within(1e-13));
        }
      }
    }
  }

  private static double[][] row(List<Variable> leaves, int b) {
    List<double[]> rows = new ArrayList<>();
    leaves.forEach(leaf -> rows.add(leaf.value().select(0, b).toDoubles()));
    return rows.toArray(double[][]::new);
  }

  /// `W x`.
  private static double[] product(Tensor weight, double[] x) {
    double[] y = new double[weight.size(0)];
    for (int row = 0; row < y.length; row++) {
      for (int k = 0; k < x.length; k++) {
        y[row] += weight.at(row, k) * x[k];
      }
    }
    return y;
  }

  private static double[] sum(double[] a, double[] b) {
    double[] y = a.clone();
    Arrays.setAll(y, j -> a[j] + b[j]);
    return y;
  }

  /// `W x + b`.
  private static double[] affine(Tensor weight, Tensor bias, double[] x) {
    return sum(product(weight, x), bias.toDoubles());
  }

  /// `W x + b + U h`: what most gates are made of.
  private static double[] gates(Function<String, Tensor> w, double[] x, double[] h) {
    return sum(affine(w.apply("weight_ih"), w.apply("bias"), x), product(w.apply("weight_hh"), h));
  }

  private static double[] normalised(Function<String, Tensor> w, String name, double[] x) {
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    double[] y = new double[x.length];
    Arrays.setAll(y, j -> (x[j] - mean) / Math.sqrt(variance + 1e-5) * w.apply(name + ".weight").at(j)
        + w.apply(name + ".bias").at(j));
    return y;
  }

  private static double logistic(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void elman() {
    compare(new RnnCell(INPUTS, HIDDEN, Rng.of(1)),
        (w, x, s) -> new double[][] {Arrays.stream(gates(w, x, s[0])).map(Math::tanh).toArray()});
    compare(new RnnCell(INPUTS, HIDDEN, RnnCell.Nonlinearity.RELU, Rng.of(1)),
        (w, x, s) -> new double[][] {Arrays.stream(gates(w, x, s[0])).map(v -> Math.max(v, 0)).toArray()});
  }

  @Test
  void lstm() {
    compare(new LstmCell(INPUTS, HIDDEN, Rng.of(1)), (w, x, s) -> {
      double[] a = gates(w, x, s[0]);
      double[] h = new double[HIDDEN];
      double[] c = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        c[j] = logistic(a[HIDDEN + j]) * s[1][j] + logistic(a[j]) * Math.tanh(a[2 * HIDDEN + j]);
        h[j] = logistic(a[3 * HIDDEN + j]) * Math.tanh(c[j]);
      }
      return new double[][] {h, c};
    });
  }

  @Test
  void lstmWhoseInputAndStateScaleEachOther() {
    compare(new MogrifierLstmCell(INPUTS, HIDDEN, 3, Rng.of(1)), (w, x, s) -> {
      double[] first = scaled(x, product(w.apply("mogrify_1"), s[0]));
      double[] before = scaled(s[0], product(w.apply("mogrify_2"), first));
      double[] a = gates(w, scaled(first, product(w.apply("mogrify_3"), before)), before);
      double[] h = new double[HIDDEN];
      double[] c = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        c[j] = logistic(a[HIDDEN + j]) * s[1][j] + logistic(a[j]) * Math.tanh(a[2 * HIDDEN + j]);
        h[j] = logistic(a[3 * HIDDEN + j]) * Math.tanh(c[j]);
      }
      return new double[][] {h, c};
    });
  }

  /// `2 s(a) * x`.
  private static double[] scaled(double[] x, double[] a) {
    double[] y = new double[x.length];
    Arrays.setAll(y, j -> 2 * logistic(a[j]) * x[j]);
    return y;
  }

  /// `h` without the scale as well: sums of all that was let in, by weights that are products of gates.
  @Test
  void lstmWithAnExponentialGate() {
    compare(new SLstmCell(INPUTS, HIDDEN, Rng.of(1)), (w, x, s) -> {
      double[] a = gates(w, x, s[0]);
      double[][] next = new double[4][HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        double f = logistic(a[HIDDEN + j]);
        next[3][j] = Math.max(Math.log(f) + s[3][j], a[j]);
        double scale = Math.exp(s[3][j] - next[3][j]);
        double in = Math.exp(a[j] - next[3][j]);
        next[1][j] = f * scale * s[1][j] + in * Math.tanh(a[2 * HIDDEN + j]);
        next[2][j] = f * scale * s[2][j] + in;
        next[0][j] = logistic(a[3 * HIDDEN + j]) * next[1][j] / next[2][j];
      }
      return next;
    });
  }

  @Test
  void lstmWithPeepholes() {
    compare(new PeepholeLstmCell(INPUTS, HIDDEN, Rng.of(1)), (w, x, s) -> {
      double[] a = gates(w, x, s[0]);
      Tensor p = w.apply("peephole");
      double[] h = new double[HIDDEN];
      double[] c = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        c[j] = logistic(a[HIDDEN + j] + p.at(1, j) * s[1][j]) * s[1][j]
            + logistic(a[j] + p.at(0, j) * s[1][j]) * Math.tanh(a[2 * HIDDEN + j]);
        h[j] = logistic(a[3 * HIDDEN + j] + p.at(2, j) * c[j]) * Math.tanh(c[j]);
      }
      return new double[][] {h, c};
    });
  }

  @Test
  void lstmWithCoupledGates() {
    compare(new CifgLstmCell(INPUTS, HIDDEN, Rng.of(1)), (w, x, s) -> {
      double[] a = gates(w, x, s[0]);
      double[] h = new double[HIDDEN];
      double[] c = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        c[j] = (1 - logistic(a[j])) * s[1][j] + logistic(a[j]) * Math.tanh(a[HIDDEN + j]);
        h[j] = logistic(a[2 * HIDDEN + j]) * Math.tanh(c[j]);
      }
      return new double[][] {h, c};
    });
  }

  @Test
  void lstmWithProjection() {
    compare(new ProjectedLstmCell(INPUTS, HIDDEN, 3, Rng.of(1)), (w, x, s) -> {
      double[] a = gates(w, x, s[0]);
      double[] unprojected = new double[HIDDEN];
      double[] c = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        c[j] = logistic(a[HIDDEN + j]) * s[1][j] + logistic(a[j]) * Math.tanh(a[2 * HIDDEN + j]);
        unprojected[j] = logistic(a[3 * HIDDEN + j]) * Math.tanh(c[j]);
      }
      return new double[][] {product(w.apply("weight_hr"), unprojected), c};
    });
  }

  @Test
  void lstmWithLayerNormalisation() {
    compare(new LayerNormLstmCell(INPUTS, HIDDEN, Rng.of(1)), (w, x, s) -> {
      double[] a = sum(w.apply("bias").toDoubles(), sum(normalised(w, "norm_ih", product(w.apply("weight_ih"), x)),
          normalised(w, "norm_hh", product(w.apply("weight_hh"), s[0]))));
      double[] h = new double[HIDDEN];
      double[] c = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        c[j] = logistic(a[HIDDEN + j]) * s[1][j] + logistic(a[j]) * Math.tanh(a[2 * HIDDEN + j]);
      }
      double[] memory = normalised(w, "norm_c", c);
      Arrays.setAll(h, j -> logistic(a[3 * HIDDEN + j]) * Math.tanh(memory[j]));
      return new double[][] {h, c};
    });
  }

  @Test
  void minimalLstm() {
    compare(new MinLstmCell(INPUTS, HIDDEN, Rng.of(1)), (w, x, s) -> {
      double[] a = affine(w.apply("weight_ih"), w.apply("bias"), x);
      double[] h = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        double i = logistic(a[j]);
        double f = logistic(a[HIDDEN + j]);
        h[j] = f / (f + i) * s[0][j] + i / (f + i) * a[2 * HIDDEN + j];
      }
      return new double[][] {h};
    });
  }

  /// PyTorch's variant.
  @Test
  void gru() {
    compare(new GruCell(INPUTS, HIDDEN, Rng.of(1)), (w, x, s) -> {
      double[] a = affine(w.apply("weight_ih"), w.apply("bias_ih"), x);
      double[] u = affine(w.apply("weight_hh"), w.apply("bias_hh"), s[0]);
      double[] h = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        double r = logistic(a[j] + u[j]);
        double z = logistic(a[HIDDEN + j] + u[HIDDEN + j]);
        h[j] = (1 - z) * Math.tanh(a[2 * HIDDEN + j] + r * u[2 * HIDDEN + j]) + z * s[0][j];
      }
      return new double[][] {h};
    });
  }

  @Test
  void gruWithTheResetBeforeTheProduct() {
    compare(new ResetBeforeGruCell(INPUTS, HIDDEN, Rng.of(1)), (w, x, s) -> {
      double[] a = affine(w.apply("weight_ih"), w.apply("bias"), x);
      double[] u = product(w.apply("weight_hh"), s[0]);
      double[] reset = new double[HIDDEN];
      Arrays.setAll(reset, j -> logistic(a[j] + u[j]) * s[0][j]);
      double[] v = product(w.apply("weight_hn"), reset);
      double[] h = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        double z = logistic(a[HIDDEN + j] + u[HIDDEN + j]);
        h[j] = (1 - z) * Math.tanh(a[2 * HIDDEN + j] + v[j]) + z * s[0][j];
      }
      return new double[][] {h};
    });
  }

  @Test
  void gruWithLayerNormalisation() {
    compare(new LayerNormGruCell(INPUTS, HIDDEN, Rng.of(1)), (w, x, s) -> {
      double[] a = product(w.apply("weight_ih"), x);
      double[] u = product(w.apply("weight_hh"), s[0]);
      double[] gates = sum(normalised(w, "norm_ih", Arrays.copyOf(a, 2 * HIDDEN)),
          normalised(w, "norm_hh", Arrays.copyOf(u, 2 * HIDDEN)));
      double[] an = normalised(w, "norm_in", Arrays.copyOfRange(a, 2 * HIDDEN, 3 * HIDDEN));
      double[] un = normalised(w, "norm_hn", Arrays.copyOfRange(u, 2 * HIDDEN, 3 * HIDDEN));
      double[] h = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        double z = logistic(gates[HIDDEN + j]);
        h[j] = (1 - z) * Math.tanh(an[j] + logistic(gates[j]) * un[j]) + z * s[0][j];
      }
      return new double[][] {h};
    });
  }

  @Test
  void minimalGru() {
    compare(new MinGruCell(INPUTS, HIDDEN, Rng.of(1)), (w, x, s) -> {
      double[] a = affine(w.apply("weight_ih"), w.apply("bias"), x);
      double[] h = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        double z = logistic(a[j]);
        h[j] = (1 - z) * s[0][j] + z * a[HIDDEN + j];
      }
      return new double[][] {h};
    });
  }

  @Test
  void mixture() {
    int candidates = 3;
    compare(new MixtureCell(INPUTS, HIDDEN, candidates, Rng.of(1)), (w, x, s) -> {
      double[] a = affine(w.apply("input.weight"), w.apply("input.bias"), x);
      double[] u = product(w.apply("weight_hh"), s[0]);
      double[] shares = new double[candidates];
      Arrays.setAll(shares, k -> Math.exp(a[2 * HIDDEN + k] + u[2 * HIDDEN + k]));
      double total = Arrays.stream(shares).sum();
      double[] reset = new double[HIDDEN];
      Arrays.setAll(reset, j -> logistic(a[j] + u[j]) * s[0][j]);
      double[] n = product(w.apply("weight_hn"), reset);
      double[] h = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        for (int k = 0; k < candidates; k++) {
          n[j] += shares[k] / total * a[2 * HIDDEN + candidates + k * HIDDEN + j];
        }
        double z = logistic(a[HIDDEN + j] + u[HIDDEN + j]);
        h[j] = (1 - z) * Math.tanh(n[j]) + z * s[0][j];
      }
      return new double[][] {h};
    });
  }

  @Test
  void unitsThatSeeThemselvesAlone() {
    for (RnnCell.Nonlinearity nonlinearity : RnnCell.Nonlinearity.values()) {
      compare(new IndRnnCell(INPUTS, HIDDEN, nonlinearity, Rng.of(1)), (w, x, s) -> {
        double[] a = affine(w.apply("weight_ih"), w.apply("bias"), x);
        for (int j = 0; j < HIDDEN; j++) {
          a[j] += w.apply("weight_hh").at(j) * s[0][j];
          a[j] = nonlinearity == RnnCell.Nonlinearity.TANH ? Math.tanh(a[j]) : Math.max(a[j], 0);
        }
        return new double[][] {a};
      });
    }
  }

  @Test
  void rewiredLstm() {
    compare(new RewiredLstmCell(INPUTS, HIDDEN, Rng.of(1)), (w, x, s) -> {
      double[] a = gates(w, x, s[0]);
      double[] seen = new double[2 * HIDDEN]; // what would be added, and h
      for (int j = 0; j < HIDDEN; j++) {
        seen[j] = logistic(a[j]) * Math.tanh(a[HIDDEN + j]);
        seen[HIDDEN + j] = s[0][j];
      }
      double[] f = affine(w.apply("forget.weight"), w.apply("forget.bias"), seen);
      double[] c = new double[HIDDEN];
      for (int j = 0; j < HIDDEN; j++) {
        double keep = logistic(f[j]);
        c[j] = keep * s[1][j] + Math.min(logistic(a[j]), 1 - keep) * Math.tanh(a[HIDDEN + j]);
      }
      double[] h = affine(w.apply("output.weight"), w.apply("output.bias"), c);
      Arrays.setAll(h, j -> logistic(h[j]) * Math.tanh(c[j]));
      return new double[][] {h, c};
    });
  }
}
