package dev.rewind.autograd.check;

import dev.rewind.autograd.OperationCases;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// A function, what is claimed to be its gradient, and whether it is: what checkers of gradients are measured by.
///
/// @param kind the row of the table that it counts in
/// @param what in words
/// @param single whether it computes with `float`
record Subject(
    String kind, String what, ToDoubleFunction<double[]> function, UnaryOperator<double[]> gradient, double[] x,
    boolean single) {

  private Subject withGradient(String otherKind, String how, UnaryOperator<double[]> spoil) {
    return new Subject(otherKind, what + ", " + how, function, at -> spoil.apply(gradient.apply(at)), x, single);
  }

  // ---- right gradients ----------------------------------------------------------------------------------------------

  static List<Subject> right() {
    List<Subject> all = new ArrayList<>();
    OperationCases.all().forEach(row -> all.add(ofOperation(row)));
    all.addAll(cells());
    all.addAll(nearKinks());
    all.addAll(illConditioned());
    all.addAll(noisy());
    all.addAll(scaled());
    all.addAll(inFloat());
    all.addAll(large());
    return all;
  }

  private static Subject ofOperation(OperationCases.Case row) {
    double[] x = Arrays.stream(row.at()).flatMapToDouble(t -> Arrays.stream(t.toDoubles())).toArray();
    Function<List<Variable>, Variable> scalar = xs -> {
      Variable y = row.function().apply(xs);
      return y.times(y.tape().constant(Tensor.normal(Rng.of(5), DType.FLOAT64, 0, 1, y.shape().sizes()))).sum();
    };
    return new Subject("operations", row.toString(), at -> {
      try (Tape tape = tape()) {
        return scalar.apply(leaves(tape, row.at(), at)).item();
      }
    }, at -> {
      try (Tape tape = tape()) {
        List<Variable> leaves = leaves(tape, row.at(), at);
        Variable y = scalar.apply(leaves);
        return tape.differentiate(y, leaves).stream()
            .flatMapToDouble(g -> Arrays.stream(g.value().toDoubles())).toArray();
      }
    }, x, false);
  }

  private static Tape tape() {
    return Tape.recording(TapeOptions.defaults().withDType(DType.FLOAT64).withRng(Rng.of(1)));
  }

  private static List<Variable> leaves(Tape tape, Tensor[] like, double[] flat) {
    List<Variable> leaves = new ArrayList<>();
    int next = 0;
    for (Tensor tensor : like) {
      leaves.add(tape.watch(Tensor.of(Arrays.copyOfRange(flat, next, next + tensor.elements()),
          tensor.shape().sizes())));
      next += tensor.elements();
    }
    return leaves;
  }

  private static List<Subject> cells() {
    List<Subject> all = new ArrayList<>();
    for (int seed = 1; seed <= 6; seed++) {
      HandWrittenLstm lstm = new HandWrittenLstm(1 + seed % 3, 1 + seed, 2, 3);
      all.add(new Subject("LSTM by hand", "seed " + seed, lstm::loss,
          at -> lstm.gradient(at, HandWrittenLstm.Mistake.NONE), lstm.point(seed), false));
    }
    return all;
  }

  /// A sum over elements of a function with this derivative.
  private static Subject sum(
      String kind, String what, DoubleUnaryOperator f, DoubleUnaryOperator derivative, double... x) {
    return new Subject(kind, what, at -> Arrays.stream(at).map(f).sum(),
        at -> Arrays.stream(at).map(derivative).toArray(), x, false);
  }

  private static List<Subject> nearKinks() {
    List<Subject> all = new ArrayList<>();
    for (double d : new double[] {1e-2, 1e-3, 2e-4, 5e-5, 1e-6, 3e-7, 1e-8}) {
      for (double by : new double[] {d, -d}) {
        double[] x = {by, 0.7, -1.1};
        all.add(sum("near kinks", "relu " + by, v -> Math.max(0, v) + 0.1 * v, v -> v > 0 ? 1.1 : 0.1, x));
        all.add(sum("near kinks", "abs " + by, v -> Math.abs(v) + v * v, v -> Math.signum(v) + 2 * v, x));
        all.add(sum("near kinks", "Huber " + by,
            v -> Math.abs(v) < 1 ? 0.5 * v * v + 3 * v : Math.abs(v) - 0.5 + 3 * v,
            v -> Math.clamp(v, -1, 1) + 3, 1 + by, -1 + by, 0.3));
        all.add(sum("near kinks", "jump " + by, v -> (v > 0 ? 5 : 0) + Math.sin(v), Math::cos, x));
      }
      all.add(sum("near kinks", "sqrt " + d, Math::sqrt, v -> 0.5 / Math.sqrt(v), d, 2));
      all.add(sum("near kinks", "log " + d, Math::log, v -> 1 / v, d, 2));
    }
    return all;
  }

  private static List<Subject> illConditioned() {
    List<Subject> all = new ArrayList<>();
    for (int n : new int[] {3, 6, 10}) { // quadratic forms of Hilbert matrices
      double[] x = normal(n, n);
      all.add(new Subject("ill-conditioned", "Hilbert " + n, at -> {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            sum += 0.5 * at[i] * at[j] / (i + j + 1);
          }
        }
        return sum;
      }, at -> IntStream.range(0, n).mapToDouble(
          i -> IntStream.range(0, n).mapToDouble(j -> at[j] / (i + j + 1)).sum()).toArray(), x, false));
    }
    for (double offset : new double[] {1e2, 1e4, 1e6}) {
      all.add(sum("ill-conditioned", "hidden offset " + offset, v -> Math.pow(v + offset - offset, 2), v -> 2 * v, 1,
          -2, 0.3));
      all.add(sum("ill-conditioned", "large value " + offset, v -> offset * offset + v * v, v -> 2 * v, 1, -2, 0.3));
      all.add(sum("ill-conditioned", "narrow " + offset, v -> Math.tanh(offset * v),
          v -> offset * (1 - Math.pow(Math.tanh(offset * v), 2)), 0.3 / offset, 1 / offset));
      all.add(sum("ill-conditioned", "wide " + offset, v -> Math.sin(v / offset) * offset, v -> Math.cos(v / offset),
          0.3 * offset, 1.2 * offset));
    }
    for (double w : new double[] {30, 100, 300}) {
      all.add(sum("ill-conditioned", "waves " + w, v -> Math.sin(w * v), v -> w * Math.cos(w * v), 0.1, 1.3, -2));
      all.add(sum("ill-conditioned", "exp " + w, v -> Math.exp(w * v), v -> w * Math.exp(w * v), 0.1, 1, -0.5));
    }
    all.add(new Subject("ill-conditioned", "Rosenbrock", at -> 100 * Math.pow(at[1] - at[0] * at[0], 2)
        + Math.pow(1 - at[0], 2),
        at -> new double[] {
            -400 * at[0] * (at[1] - at[0] * at[0]) - 2 * (1 - at[0]), 200 * (at[1] - at[0] * at[0])},
        new double[] {1 + 1e-5, 1 + 2e-5}, false));
    return all;
  }

  /// With noise that depends on the point alone, as sums in another order or a solver that stops early have it.
  private static List<Subject> noisy() {
    List<Subject> all = new ArrayList<>();
    for (double noise : new double[] {1e-15, 1e-13, 1e-11, 1e-9, 1e-7}) {
      for (int seed = 1; seed <= 4; seed++) {
        double[] x = normal(5, seed);
        Subject smooth = seed % 2 == 0 ? sum("noisy", "sine, noise of " + noise, Math::sin, Math::cos, x)
            : sum("noisy", "square, noise of " + noise, v -> v * v, v -> 2 * v, x);
        all.add(new Subject(smooth.kind, smooth.what, at -> smooth.function.applyAsDouble(at)
            + noise * (new Random(Arrays.hashCode(at)).nextDouble() - 0.5), smooth.gradient, x, false));
      }
    }
    return all;
  }

  private static List<Subject> scaled() {
    List<Subject> all = new ArrayList<>();
    for (double s : new double[] {1e-30, 1e-12, 1e-8, 1e-5, 1e5, 1e8, 1e12, 1e30}) {
      all.add(sum("tiny and huge", "values of " + s, v -> s * Math.sin(v), v -> s * Math.cos(v), 0.3, 1, -2));
      all.add(
          sum("tiny and huge", "points of " + s, v -> Math.sin(v / s), v -> Math.cos(v / s) / s, 0.3 * s, s, -2 * s));
    }
    return all;
  }

  private static List<Subject> inFloat() {
    List<Subject> all = new ArrayList<>();
    for (int seed = 1; seed <= 8; seed++) {
      int n = 2 + 3 * seed;
      double[] x = normal(n, seed);
      Arrays.setAll(x, i -> (float) x[i]);
      all.add(new Subject("float32", "tanh " + n, at -> {
        float sum = 0;
        for (double v : at) {
          sum += (float) Math.tanh((float) v) * (float) v;
        }
        return sum;
      }, at -> Arrays.stream(at).map(v -> (float) (Math.tanh(v) + v * (1 - Math.pow(Math.tanh(v), 2)))).toArray(), x,
          true));
      all.add(new Subject("float32", "cross entropy " + n, at -> logSumExp(at) - (float) at[0], at -> {
        double[] g = new double[n];
        Arrays.setAll(g, i -> (float) Math.exp((float) at[i] - logSumExp(at)) - (i == 0 ? 1 : 0));
        return g;
      }, x, true));
      all.add(new Subject("float32", "norm " + n, at -> {
        float sum = 0;
        for (double v : at) {
          sum += (float) v * (float) v;
        }
        return (float) Math.sqrt(sum);
      }, at -> {
        double norm = Math.sqrt(Arrays.stream(at).map(v -> v * v).sum());
        return Arrays.stream(at).map(v -> (float) (v / norm)).toArray();
      }, x, true));
    }
    return all;
  }

  private static float logSumExp(double[] at) {
    float sum = 0;
    for (double v : at) {
      sum += (float) Math.exp((float) v);
    }
    return (float) Math.log(sum);
  }

  private static List<Subject> large() {
    List<Subject> all = new ArrayList<>();
    for (int n : new int[] {1_000, 2_000, 5_000}) {
      all.add(sum("large", "tanh " + n, Math::tanh, v -> 1 - Math.pow(Math.tanh(v), 2), normal(n, n)));
      all.add(sum("large", "relu and square " + n, v -> Math.max(0, v) + v * v, v -> (v > 0 ? 1 : 0) + 2 * v,
          normal(n, n)));
      all.add(sum("large", "relu at zeros " + n, v -> Math.max(0, v) + v, v -> v > 0 ? 2 : 1, at0(normal(n, n))));
    }
    return all;
  }

  /// With every tenth element at a kink.
  private static double[] at0(double[] x) {
    Arrays.setAll(x, i -> i % 10 == 0 ? 0 : x[i]);
    return x;
  }

  private static double[] normal(int n, long seed) {
    double[] x = new double[n];
    Rng.of(seed).fillNormal(x, 0, n, 0, 1);
    return x;
  }

  // ---- wrong gradients ----------------------------------------------------------------------------------------------

  static List<Subject> wrong() {
    List<Subject> all = new ArrayList<>();
    Rng rng = Rng.of(11);
    Set<String> seen = new HashSet<>();
    OperationCases.all().filter(row -> seen.add(row.operation())).forEach(row -> mutants(ofOperation(row),
        "operations", rng, 1, 0, all));
    for (HandWrittenLstm.Mistake mistake : HandWrittenLstm.Mistake.values()) {
      HandWrittenLstm lstm = new HandWrittenLstm(3, 4, 2, 3);
      if (mistake != HandWrittenLstm.Mistake.NONE) {
        all.add(new Subject("LSTM by hand", mistake.name(), lstm::loss, at -> lstm.gradient(at, mistake),
            lstm.point(7), false));
      }
    }
    nearKinks().forEach(s -> mutants(s, s.kind, rng, 1, 1e-3, all));
    illConditioned().forEach(s -> mutants(s, s.kind, rng, 1, 1e-3, all));
    noisy().forEach(s -> mutants(s, s.kind, rng, 1, 1e-2, all));
    scaled().forEach(s -> mutants(s, s.kind, rng, 4, 1e-3, all));
    inFloat().forEach(s -> mutants(s, s.kind, rng, 1, 3e-2, all));
    large().stream().filter(s -> !s.what.contains("zeros")).forEach(s -> mutants(s, s.kind, rng, 2, 1e-2, all));
    return all;
  }

  /// Adds gradients spoilt in ways that people spoil them in, which differ from the right one in an element by at least
  /// this fraction of it.
  private static void mutants(Subject right, String kind, Rng all, int wanted, double least, List<Subject> into) {
    Rng rng = all.split(right.what); // the same ones whatever other subjects there are
    double[] g = right.gradient.apply(right.x.clone());
    int n = g.length;
    int[] large = IntStream.range(0, n).filter(
        i -> Math.abs(g[i]) > 0.05 * Arrays.stream(g).map(Math::abs).max().orElse(0)).toArray();
    if (large.length == 0) {
      return; // no gradient to spoil
    }
    for (int found = 0; found < wanted;) {
      int at = large[rng.nextInt(large.length)];
      int how = rng.nextInt(7);
      String what = switch (how) {
        case 0 -> "the sign at " + at;
        case 1 -> "zero at " + at;
        case 2 -> "1.01 of it at " + at;
        case 3 -> "all twice";
        case 4 -> "all too late by one";
        case 5 -> "all in reverse";
        default -> least == 1e-2 || right.single ? "1.05 of all" : "1.0001 of it at " + at;
      };
      UnaryOperator<double[]> spoil = right1 -> {
        double[] s = right1.clone();
        switch (how) {
          case 0 -> s[at] = -s[at];
          case 1 -> s[at] = 0;
          case 2 -> s[at] *= right.single ? 1.05 : 1.01;
          case 3 -> Arrays.setAll(s, i -> 2 * s[i]);
          case 4 -> Arrays.setAll(s, i -> right1[(i + n - 1) % n]);
          case 5 -> Arrays.setAll(s, i -> right1[n - 1 - i]);
          default -> {
            if (least == 1e-2 || right.single) {
              Arrays.setAll(s, i -> 1.05 * s[i]);
            } else {
              s[at] *= 1.0001;
            }
          }
        }
        return s;
      };
      double[] spoilt = spoil.apply(g);
      if (IntStream.of(large).anyMatch(i -> Math.abs(spoilt[i] - g[i]) > 0.9e-4 * Math.abs(g[i]))) {
        into.add(right.withGradient(kind, what, spoil));
        found++;
      }
    }
  }
}
