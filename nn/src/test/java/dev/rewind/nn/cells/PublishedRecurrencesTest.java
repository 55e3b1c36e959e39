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
    compare(cell, 0, formulas);
  }

  /// The formulas give the output, and behind it all leaves but as many of the first as are the output itself.
  private static <S extends State<S>, C extends Block & Cell<S>> void compare(C cell, int before, Formulas formulas) {
    cell.parameters().forEach(p -> p.value().plusInPlace(
        // away from 0 and 1
        Tensor.normal(Rng.of(6).split(p.name()), DType.FLOAT32, 0, 0.3, p.value().shape().sizes())));
    Function<String, Tensor> weights = name -> cell.namedParameters().get(name).value();
    Tensor x = Tensor.normal(Rng.of(5), DType.FLOAT64, 0, 1, BATCH, STEPS, cell.inputSize());
    try (Tape tape = Tape.inference(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      S start = cell.initialState(tape, BATCH).map(leaf -> tape.constant(
          Tensor.normal(Rng.of(7), DType.FLOAT64, 0, 1, leaf.shape().sizes())));
      Scanned<S> run = Recurrence.scan(cell, tape.constant(x), start);
      for (int b = 0; b < BATCH; b++) {
        double[][] state = row(start.leaves(), b);
        for (int t = 0; t < STEPS; t++) {
          double[][] step = formulas.step(weights, x.select(0, b).select(0, t).toDoubles(), state);
          assertThat(run.outputs().value().select(0, b).select(0, t).toDoubles()).containsExactly(step[0],
              within(1e-13));
          state = Arrays.copyOfRange(step, before, step.length);
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

  /// Two heads of 3 units: `c` as a matrix of one row after another, values by keys.
  @Test
  void lstmWithAMatrixAsMemory() {
    int units = 6;
    int size = 3;
    compare(new MLstmCell(INPUTS, units, 2, Rng.of(1)), 1, (w, x, s) -> {
      double[] a = affine(w.apply("input.weight"), w.apply("input.bias"), x); // q, k, v, o, i, f
      double[][] next = {new double[units], s[0].clone(), s[1].clone(), s[2].clone()};
      for (int head = 0; head < 2; head++) {
        double i = a[4 * units + head];
        double kept = Math.log(logistic(a[4 * units + 2 + head])) + s[2][head];
        double m = Math.max(Math.max(kept, i), 0);
        double sumOfKeys = 0;
        double[] read = new double[size];
        for (int e = 0; e < size; e++) {
          double q = a[head * size + e];
          double k = a[units + head * size + e] / Math.sqrt(size);
          int at = head * size + e;
          next[2][at] = Math.exp(kept - m) * s[1][at] + Math.exp(i - m) * k;
          sumOfKeys += next[2][at] * q;
          for (int d = 0; d < size; d++) {
            int place = (head * size + d) * size + e;
            next[1][place] = Math.exp(kept - m) * s[0][place] + Math.exp(i - m) * a[2 * units + head * size + d] * k;
            read[d] += next[1][place] * q;
          }
        }
        next[3][head] = m;
        for (int d = 0; d < size; d++) {
          next[0][head * size + d] = logistic(a[3 * units + head * size + d]) * read[d]
              / Math.max(Math.abs(sumOfKeys), Math.exp(-m));
        }
      }
      return next;
    });
  }

  @Test
  void quasiRecurrentNetwork() {
    for (int window : new int[] {2, 3}) {
      compare(new QrnnCell(INPUTS, HIDDEN, window, Rng.of(1)), 1, (w, x, s) -> {
        double[] read = new double[window * INPUTS];
        System.arraycopy(x, 0, read, 0, INPUTS);
        System.arraycopy(s[1], 0, read, INPUTS, read.length - INPUTS);
        double[] a = affine(w.apply("input.weight"), w.apply("input.bias"), read);
        double[] c = new double[HIDDEN];
        double[] h = new double[HIDDEN];
        for (int j = 0; j < HIDDEN; j++) {
          double f = logistic(a[HIDDEN + j]);
          c[j] = f * s[0][j] + (1 - f) * Math.tanh(a[j]);
          h[j] = logistic(a[2 * HIDDEN + j]) * c[j];
        }
        return new double[][] {h, c, Arrays.copyOf(read, read.length - INPUTS)};
      });
    }
  }

  @Test
  void linearRecurrentUnit() {
    int states = 3;
    compare(new LruCell(INPUTS, HIDDEN, states, Rng.of(1)), 1, (w, x, s) -> {
      double[] read = product(w.apply("weight_ih"), x);
      double[] re = new double[states];
      double[] im = new double[states];
      double[] both = new double[2 * states];
      for (int n = 0; n < states; n++) {
        double r = Math.exp(-Math.exp(w.apply("nu_log").at(n)));
        double angle = Math.exp(w.apply("theta_log").at(n));
        double scale = Math.exp(w.apply("gamma_log").at(n));
        re[n] = r * (Math.cos(angle) * s[0][n] - Math.sin(angle) * s[1][n]) + scale * read[n];
        im[n] = r * (Math.sin(angle) * s[0][n] + Math.cos(angle) * s[1][n]) + scale * read[states + n];
        both[n] = re[n];
        both[states + n] = -im[n];
      }
      return new double[][] {
          sum(product(w.apply("weight_ho"), both), product(w.apply("weight_io"), x)), re, im};
    });
  }

  /// With a rank of 2, of 20 elements, and 3 states.
  @Test
  void selectiveScan() {
    int size = 20;
    int states = 3;
    compare(new SelectiveScanCell(size, states, Rng.of(1)), 1, (w, x, s) -> {
      double[] read = product(w.apply("x_proj.weight"), x); // d, B, C
      double[] e = affine(w.apply("dt_proj.weight"), w.apply("dt_proj.bias"), Arrays.copyOf(read, 2));
      double[] y = new double[size];
      double[] h = new double[size * states];
      for (int j = 0; j < size; j++) {
        double length = Math.log1p(Math.exp(e[j]));
        y[j] = w.apply("D").at(j) * x[j];
        for (int n = 0; n < states; n++) {
          h[j * states + n] = Math.exp(-length * Math.exp(w.apply("A_log").at(j, n))) * s[0][j * states + n]
              + length * x[j] * read[2 + n];
          y[j] += h[j * states + n] * read[2 + states + n];
        }
      }
      return new double[][] {y, h};
    });
  }

  /// Four places of 2 features and 3 units, of which each sees its neighbours.
  @Test
  void lstmOverPlacesInARow() {
    int places = 4;
    int units = 3;
    compare(new ConvLstmCell(places, 2, units, 3, Rng.of(1)), (w, x, s) -> {
      double[] h = new double[places * units];
      double[] c = new double[places * units];
      for (int p = 0; p < places; p++) {
        double[] a = w.apply("conv.bias").toDoubles(); // i, f, g, o
        for (int row = 0; row < a.length; row++) {
          for (int q = Math.max(p - 1, 0); q <= Math.min(p + 1, places - 1); q++) {
            for (int k = 0; k < 2 + units; k++) {
              double seen = k < 2 ? x[q * 2 + k] : s[0][q * units + k - 2];
              a[row] += w.apply("conv.weight").at(row, k, q - p + 1) * seen;
            }
          }
        }
        for (int j = 0; j < units; j++) {
          int at = p * units + j;
          c[at] = logistic(a[units + j]) * s[1][at] + logistic(a[j]) * Math.tanh(a[2 * units + j]);
          h[at] = logistic(a[3 * units + j]) * Math.tanh(c[at]);
        }
      }
      return new double[][] {h, c};
    });
  }
}
