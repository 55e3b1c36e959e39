package dev.rewind.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LbfgsTest {
  private final Param x = new Param("x", Tensor.of(new double[] {-1.2, 1}, 2));

  private Variable rosenbrock(Tape tape) {
    List<Variable> ab = tape.watch(x).split(0, 2);
    return ab.get(1).minus(ab.get(0).square()).square().times(100).plus(ab.get(0).negate().plus(1).square()).sum();
  }

  /// Its value and its two derivatives.
  private static double[] rosenbrock(double[] at) {
    double gap = at[1] - at[0] * at[0];
    return new double[] {100 * gap * gap + (1 - at[0]) * (1 - at[0]), -400 * at[0] * gap - 2 * (1 - at[0]), 200 * gap};
  }

  @Test
  void everyStepIsThatOfTheInverseHessianWrittenOut() {
    double[] at = x.value().toDoubles();
    List<double[]> s = new ArrayList<>();
    List<double[]> y = new ArrayList<>();
    for (int step = 1; step <= 12; step++) {
      double[][] inverse = inverse(s, y);
      double[] now = rosenbrock(at);
      double[] d = {-inverse[0][0] * now[1] - inverse[0][1] * now[2], -inverse[1][0] * now[1] - inverse[1][1] * now[2]};
      double slope = now[1] * d[0] + now[2] * d[1];
      double low = 0;
      double high = Double.POSITIVE_INFINITY;
      double t = step == 1 ? 1 / Math.hypot(now[1], now[2]) : 1;
      double[] next;
      while (true) {
        next = new double[] {at[0] + t * d[0], at[1] + t * d[1]};
        double[] there = rosenbrock(next);
        double along = there[1] * d[0] + there[2] * d[1];
        boolean falls = there[0] <= now[0] + 1e-4 * t * slope;
        if (falls && Math.abs(along) <= -0.9 * slope) {
          break;
        }
        if (falls && along < 0) {
          low = t;
        } else {
          high = t;
        }
        t = Double.isInfinite(high) ? 2 * t : (low + high) / 2;
      }
      s.add(new double[] {next[0] - at[0], next[1] - at[1]});
      y.add(new double[] {rosenbrock(next)[1] - now[1], rosenbrock(next)[2] - now[2]});
      at = next;
      x.value().assign(Tensor.of(new double[] {-1.2, 1}, 2));
      Lbfgs.Result result = new Lbfgs(List.of(x), 3).minimize(this::rosenbrock, step);
      assertThat(result.steps()).isEqualTo(step);
      assertThat(x.value().at(0)).as("step " + step).isCloseTo(at[0], within(1e-9));
      assertThat(x.value().at(1)).as("step " + step).isCloseTo(at[1], within(1e-9));
      assertThat(result.loss()).isCloseTo(rosenbrock(at)[0], within(1e-9));
    }
  }

  /// `(I - r s y') H (I - r y s') + r s s'` with `r = 1 / (s' y)`, for the last three changes.
  private static double[][] inverse(List<double[]> s, List<double[]> y) {
    int n = s.size();
    double scale = n == 0 ? 1 : dot(s.getLast(), y.getLast()) / dot(y.getLast(), y.getLast());
    double[][] h = {{scale, 0}, {0, scale}};
    for (int k = Math.max(0, n - 3); k < n; k++) {
      double r = 1 / dot(s.get(k), y.get(k));
      double[][] next = new double[2][2];
      for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
          next[i][j] = r * s.get(k)[i] * s.get(k)[j];
          for (int a = 0; a < 2; a++) {
            for (int b = 0; b < 2; b++) {
              next[i][j] += ((i == a ? 1 : 0) - r * s.get(k)[i] * y.get(k)[a]) * h[a][b]
                  * ((b == j ? 1 : 0) - r * y.get(k)[b] * s.get(k)[j]);
            }
          }
        }
      }
      h = next;
    }
    return h;
  }

  private static double dot(double[] a, double[] b) {
    return a[0] * b[0] + a[1] * b[1];
  }

  @Test
  void theValleyOfRosenbrockIsFoundInFewEvaluations() {
    Lbfgs.Result result = new Lbfgs(List.of(x), 10, 1e-9).minimize(this::rosenbrock, 100);
    assertThat(result.converged()).isTrue();
    assertThat(x.value().at(0)).isCloseTo(1, within(1e-8));
    assertThat(x.value().at(1)).isCloseTo(1, within(1e-8));
    assertThat(result.evaluations()).isBetween(result.steps() + 1, 80);
    assertThat(new Lbfgs(List.of(x), 10, 1e-9).minimize(this::rosenbrock, 100))
        .isEqualTo(new Lbfgs.Result(result.loss(), 0, 1, true));
  }

  @Test
  void aLineIsThatOfTheClosedForm() {
    for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
      Tensor inputs = Tensor.normal(Rng.of(1), dtype, 3, 2, 20, 1);
      Tensor outputs = inputs.times(-1.5).plus(4).plus(Tensor.normal(Rng.of(2), dtype, 0, 1, 20, 1));
      double[] u = inputs.toDoubles();
      double[] v = outputs.toDoubles();
      double meanU = Arrays.stream(u).average().orElseThrow();
      double meanV = Arrays.stream(v).average().orElseThrow();
      double covariance = 0;
      double variance = 0;
      for (int i = 0; i < 20; i++) {
        covariance += (u[i] - meanU) * (v[i] - meanV);
        variance += (u[i] - meanU) * (u[i] - meanU);
      }
      double tolerance = dtype == DType.FLOAT64 ? 1e-9 : 1e-3;
      for (boolean frozen : new boolean[] {false, true}) {
        Param weight = new Param("weight", Tensor.zeros(dtype, 1, 1));
        Param bias = new Param("bias", Tensor.zeros(dtype, 1));
        weight.freeze(frozen);
        new Lbfgs(List.of(weight, bias), 5, 1e-10).minimize(tape -> tape.constant(inputs)
            .linear(tape.watch(weight), tape.watch(bias)).minus(tape.constant(outputs)).square().mean(), 50);
        double slope = frozen ? 0 : covariance / variance;
        assertThat(weight.value().item()).isCloseTo(slope, within(tolerance));
        assertThat(bias.value().item()).isCloseTo(meanV - slope * meanU, within(tolerance));
      }
    }
  }

  /// `x - log x`: the second step goes to a negative `x` first, where the loss is NaN.
  @Test
  void aLossThatIsNotANumberIsSteppedBackFrom() {
    x.value().fill(10);
    Lbfgs.Result result = new Lbfgs(List.of(x), 10).minimize(tape -> tape.watch(x).minus(tape.watch(x).log()).sum(),
        50);
    assertThat(result.converged()).isTrue();
    assertThat(x.value().at(0)).isCloseTo(1, within(1e-6));
  }

  @Test
  void whatThrowsLeavesTheBestParameters() {
    AtomicInteger evaluations = new AtomicInteger();
    assertThatThrownBy(() -> new Lbfgs(List.of(x), 10).minimize(tape -> {
      if (evaluations.incrementAndGet() == 12) {
        throw new IllegalStateException("out of data");
      }
      return rosenbrock(tape);
    }, 100)).hasMessage("out of data");
    double[] left = x.value().toDoubles();
    x.value().assign(Tensor.of(new double[] {-1.2, 1}, 2));
    double lost = Double.POSITIVE_INFINITY;
    for (int steps = 0; steps < 11; steps++) { // the last one before the eleventh evaluation
      x.value().assign(Tensor.of(new double[] {-1.2, 1}, 2));
      if (new Lbfgs(List.of(x), 10).minimize(this::rosenbrock, steps).evaluations() <= 11) {
        lost = rosenbrock(x.value().toDoubles())[0];
      }
    }
    assertThat(rosenbrock(left)[0]).isEqualTo(lost).isLessThan(5);
  }

  @Test
  void saysWhatIsWrong() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Lbfgs(List.of(x), 0))
        .withMessage("optimizer: the history must be at least 1, not 0");
    assertThatIllegalArgumentException().isThrownBy(() -> new Lbfgs(List.of(x), 1, Double.NaN))
        .withMessageContaining("the tolerance must be in [0, Infinity), not NaN");
    Param other = new Param("other", Tensor.of(new double[] {1}, 1));
    Lbfgs lbfgs = new Lbfgs(List.of(x), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> lbfgs.minimize(tape -> rosenbrock(tape).times(tape.watch(other).sum()), 1))
        .withMessageContaining("there are gradients of other [1]");
    assertThatThrownBy(() -> lbfgs.minimize(tape -> rosenbrock(tape).times(Double.NaN), 1))
        .isInstanceOf(NotFiniteException.class)
        .hasMessage("minimize: the loss is NaN, the norm of its gradient NaN; nothing was changed");
    assertThat(x.value()).isEqualTo(Tensor.of(new double[] {-1.2, 1}, 2));
  }
}
