package dev.rewind.autograd.check;

import dev.rewind.tensor.Rng;
import java.util.Arrays;

/// An LSTM over a batch of sequences with its backward pass written by hand, as one would without a tape, and the
/// mistakes that people make in it. The point is `Wx [4H, I]`, `Wh [4H, H]`, `b [4H]`, `x [T, B, I]`, `h0 [B, H]`,
/// `c0 [B, H]`; gates are in the order input, forget, candidate, output. The loss is the mean over the batch of half the
/// squares of all outputs' distances to targets.
final class HandWrittenLstm {
  enum Mistake {
    NONE, BATCH_NOT_AVERAGED, FORGET_GATE_SIGN, CANDIDATE_WITHOUT_DERIVATIVE, RECURRENT_TRANSPOSED, GATES_EXCHANGED, CELL_NOT_CARRIED, HIDDEN_NOT_CARRIED, STATE_A_STEP_LATE, BIAS_OF_ONE_STEP, FORGET_USES_NEW_CELL, INPUT_A_STEP_LATE
  }

  final int batch;
  final int steps;
  final int inputs;
  final int hidden;
  private final double[] targets;

  HandWrittenLstm(int batch, int steps, int inputs, int hidden) {
    this.batch = batch;
    this.steps = steps;
    this.inputs = inputs;
    this.hidden = hidden;
    this.targets = new double[steps * batch * hidden];
    Rng.of(3).fillNormal(targets, 0, targets.length, 0, 1);
  }

  private int weights() {
    return 4 * hidden * inputs;
  }

  private int recurrent() {
    return 4 * hidden * hidden;
  }

  double[] point(long seed) {
    double[] point = new double[weights() + recurrent() + 4 * hidden + steps * batch * inputs + 2 * batch * hidden];
    Rng.of(seed).fillNormal(point, 0, point.length, 0, 0.7);
    return point;
  }

  /// One at which many units do not saturate.
  double[] smallPoint() {
    return Arrays.stream(point(1)).map(v -> v / Math.sqrt(hidden)).toArray();
  }

  FunctionCheck check(Mistake mistake, long seed) {
    return GradientCheck.ofFunction(this::loss).against(x -> gradient(x, mistake)).at(point(seed))
        .parameter("Wx", 4 * hidden, inputs).parameter("Wh", 4 * hidden, hidden).parameter("b", 4 * hidden)
        .parameter("x", steps, batch, inputs).parameter("h0", batch, hidden).parameter("c0", batch, hidden);
  }

  /// What the forward pass leaves: gates `[T, B, 4H]`, and states `[T + 1, B, H]`.
  private record Run(double[] gates, double[] h, double[] c, double loss) {}

  private Run forward(double[] p) {
    int n = hidden;
    int wh = weights();
    int b = wh + recurrent();
    int x = b + 4 * n;
    int h0 = x + steps * batch * inputs;
    double[] gates = new double[steps * batch * 4 * n];
    double[] h = Arrays.copyOf(Arrays.copyOfRange(p, h0, h0 + batch * n), (steps + 1) * batch * n);
    double[] c = Arrays.copyOf(Arrays.copyOfRange(p, h0 + batch * n, h0 + 2 * batch * n), (steps + 1) * batch * n);
    double loss = 0;
    for (int tb = 0; tb < steps * batch; tb++) {
      for (int k = 0; k < 4 * n; k++) {
        double z = p[b + k];
        for (int i = 0; i < inputs; i++) {
          z += p[k * inputs + i] * p[x + tb * inputs + i];
        }
        for (int j = 0; j < n; j++) {
          z += p[wh + k * n + j] * h[tb * n + j];
        }
        gates[tb * 4 * n + k] = k / n == 2 ? Math.tanh(z) : 1 / (1 + Math.exp(-z));
      }
      for (int j = 0; j < n; j++) {
        int g = tb * 4 * n + j;
        int next = (tb + batch) * n + j;
        c[next] = gates[g + n] * c[tb * n + j] + gates[g] * gates[g + 2 * n];
        h[next] = gates[g + 3 * n] * Math.tanh(c[next]);
        loss += 0.5 * Math.pow(h[next] - targets[tb * n + j], 2) / batch;
      }
    }
    return new Run(gates, h, c, loss);
  }

  double loss(double[] p) {
    return forward(p).loss;
  }

  double[] gradient(double[] p, Mistake mistake) {
    int n = hidden;
    int wh = weights();
    int b = wh + recurrent();
    int x = b + 4 * n;
    int h0 = x + steps * batch * inputs;
    Run run = forward(p);
    double[] gradient = new double[p.length];
    double[] dh = new double[batch * n];
    double[] dc = new double[batch * n];
    double scale = mistake == Mistake.BATCH_NOT_AVERAGED ? 1 : 1.0 / batch;
    for (int tb = steps * batch - 1; tb >= 0; tb--) {
      int row = tb % batch;
      double[] dz = new double[4 * n];
      for (int j = 0; j < n; j++) {
        int at = tb * 4 * n + j;
        double i = run.gates[at];
        double f = run.gates[at + n];
        double g = run.gates[at + 2 * n];
        double o = run.gates[at + 3 * n];
        int next = (tb + batch) * n + j;
        double tanh = Math.tanh(run.c[next]);
        double ofOutput = dh[row * n + j] + scale * (run.h[next] - targets[tb * n + j]);
        double ofCell = dc[row * n + j] + ofOutput * o * (1 - tanh * tanh);
        double before = mistake == Mistake.FORGET_USES_NEW_CELL ? run.c[next] : run.c[tb * n + j];
        dz[j] = ofCell * g * i * (1 - i);
        dz[n + j] = ofCell * before * f * (1 - f) * (mistake == Mistake.FORGET_GATE_SIGN ? -1 : 1);
        dz[2 * n + j] = ofCell * i * (mistake == Mistake.CANDIDATE_WITHOUT_DERIVATIVE ? 1 : 1 - g * g);
        dz[3 * n + j] = ofOutput * tanh * o * (1 - o);
        dc[row * n + j] = mistake == Mistake.CELL_NOT_CARRIED ? 0 : ofCell * f;
        dh[row * n + j] = 0;
      }
      for (int k = 0; k < 4 * n; k++) {
        int to = mistake == Mistake.GATES_EXCHANGED && k / n < 2 ? (1 - k / n) * n + k % n : k; // of parameters
        for (int i = 0; i < inputs; i++) {
          gradient[to * inputs + i] += dz[k] * p[x + tb * inputs + i];
          int late = mistake == Mistake.INPUT_A_STEP_LATE ? tb + batch : tb;
          if (late < steps * batch) {
            gradient[x + late * inputs + i] += dz[k] * p[k * inputs + i];
          }
        }
        for (int j = 0; j < n; j++) {
          double state = run.h[(mistake == Mistake.STATE_A_STEP_LATE ? tb + batch : tb) * n + j];
          int at = mistake == Mistake.RECURRENT_TRANSPOSED ? k / n * n * n + j * n + k % n : to * n + j;
          gradient[wh + at] += dz[k] * state;
          dh[row * n + j] += mistake == Mistake.HIDDEN_NOT_CARRIED ? 0 : dz[k] * p[wh + k * n + j];
        }
        gradient[b + to] = dz[k] + (mistake == Mistake.BIAS_OF_ONE_STEP ? 0 : gradient[b + to]);
      }
    }
    System.arraycopy(dh, 0, gradient, h0, batch * n);
    System.arraycopy(dc, 0, gradient, h0 + batch * n, batch * n);
    return gradient;
  }
}
