package dev.rewind.autograd.check;

import dev.rewind.autograd.check.CheckResult.Comparison;
import dev.rewind.autograd.check.CheckResult.Verdict;
import dev.rewind.autograd.check.Comparer.Findings;
import dev.rewind.autograd.check.Comparer.Part;
import dev.rewind.autograd.check.Differences.Precision;
import dev.rewind.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Compares derivatives that anyone wrote, in whatever way, with numerical ones: a gradient, a Jacobian or products
/// with it, a Hessian or products with it. What is given is checked; tolerances and verdicts are those of
/// [GradientCheck].
///
/// ```java
/// GradientCheck.ofVectorFunction(model::simulate).jvp(model::tangent).vjp(model::adjoint).at(x).run().assertPasses();
/// ```
///
/// The function must give the same value for the same point, whatever was evaluated before. One that keeps a state is
/// to be made anew in each call: `x -> new Simulation(x).loss()`. Functions get a copy of the point, which they may
/// change. Instances are immutable.
public final class FunctionCheck {
  private static final int DIRECTIONS = 2; // for products
  private static final int MOST_ELEMENTS = 2_000; // of a Jacobian that is compared as a whole
  private static final int MOST_OUTPUTS = 200;

  private final UnaryOperator<double[]> function;
  private final boolean isScalar;
  private UnaryOperator<double[]> gradient;
  private Function<double[], double[][]> jacobian;
  private BinaryOperator<double[]> jvp;
  private BinaryOperator<double[]> vjp;
  private Function<double[], double[][]> hessian;
  private BinaryOperator<double[]> hvp;
  private double[] x;
  private List<Part> parts = List.of();
  private Precision precision = Precision.FLOAT64;
  private boolean zeroAllowed;
  private long seed = 1;

  FunctionCheck(UnaryOperator<double[]> function, boolean isScalar) {
    this.function = function;
    this.isScalar = isScalar;
  }

  private FunctionCheck with(Consumer<FunctionCheck> change) {
    FunctionCheck copy = new FunctionCheck(function, isScalar);
    copy.gradient = gradient;
    copy.jacobian = jacobian;
    copy.jvp = jvp;
    copy.vjp = vjp;
    copy.hessian = hessian;
    copy.hvp = hvp;
    copy.x = x;
    copy.parts = parts;
    copy.precision = precision;
    copy.zeroAllowed = zeroAllowed;
    copy.seed = seed;
    change.accept(copy);
    return copy;
  }

  /// Checks this gradient, from a point to as many numbers.
  ///
  /// @throws IllegalStateException if the function has several results
  public FunctionCheck against(UnaryOperator<double[]> gradientOfFunction) {
    if (!isScalar) {
      throw new IllegalStateException(
          "gradient check: against(..) wants one result; for several, say jacobian(..), jvp(..), vjp(..)");
    }
    return with(copy -> copy.gradient = gradientOfFunction);
  }

  /// Checks this Jacobian, a row for each result and a column for each element of the point.
  public FunctionCheck jacobian(Function<double[], double[][]> matrix) {
    return with(copy -> copy.jacobian = matrix);
  }

  /// Checks this product of the Jacobian and a vector, from a point and a direction of its size to the change of the
  /// results: a tangent-linear code. With [#vjp(BinaryOperator)], both are held against each other too.
  public FunctionCheck jvp(BinaryOperator<double[]> product) {
    return with(copy -> copy.jvp = product);
  }

  /// Checks this product of the transposed Jacobian and a vector, from a point and weights of the results to a vector
  /// of the size of the point: an adjoint code. With [#jvp(BinaryOperator)], the dot-product test is made as well: `u .
  /// J v` must be `(J' u) . v` but for rounding (Claerbout 1992, "Earth Soundings Analysis").
  public FunctionCheck vjp(BinaryOperator<double[]> product) {
    return with(copy -> copy.vjp = product);
  }

  /// Checks this matrix of second derivatives as the Jacobian of the gradient, which must be given too.
  public FunctionCheck hessian(Function<double[], double[][]> matrix) {
    return with(copy -> copy.hessian = matrix);
  }

  /// Checks this product of the Hessian and a vector, from a point and a direction, as the derivative of the gradient,
  /// which must be given too.
  public FunctionCheck hvp(BinaryOperator<double[]> product) {
    return with(copy -> copy.hvp = product);
  }

  /// At this point.
  public FunctionCheck at(double... point) {
    double[] values = point.clone();
    return with(copy -> copy.x = values);
  }

  /// Names the next elements of the point: a tensor of this shape, row by row. Without names the point is one vector.
  /// Names and shapes are what tables and hints speak of.
  public FunctionCheck parameter(String name, int... sizes) {
    List<Part> more = new ArrayList<>(parts);
    int offset = parts.isEmpty() ? 0 : parts.getLast().offset() + parts.getLast().elements();
    more.add(new Part(name, Shape.of(sizes), offset));
    return with(copy -> copy.parts = List.copyOf(more));
  }

  /// The function computes with `float` inside: its values are off by a few in 2^-24, and its point is rounded. Longer
  /// steps are taken, and `1e-3 max(|a|, |n|) + 1e-5 s` is tolerated.
  public FunctionCheck float32() {
    return with(copy -> copy.precision = Precision.FLOAT32);
  }

  /// Accepts derivatives that are zero everywhere.
  public FunctionCheck allowingZeroGradient() {
    return with(copy -> copy.zeroAllowed = true);
  }

  /// With other random numbers.
  public FunctionCheck seed(long value) {
    return with(copy -> copy.seed = value);
  }

  /// Runs the check.
  ///
  /// @throws IllegalStateException if there is no point, no derivative to check, names for another number of elements
  ///     than the point has, or a Hessian without a gradient
  /// @throws IllegalArgumentException if a derivative is of another size than point and results want
  public CheckResult run() {
    require(x != null, "say where with at(..)");
    require(gradient != null || jacobian != null || jvp != null || vjp != null || hessian != null || hvp != null,
        "nothing to check; say against(..), jacobian(..), jvp(..), vjp(..), hessian(..) or hvp(..)");
    require(gradient != null || hessian == null && hvp == null, "second derivatives want the gradient: against(..)");
    List<Part> named = parts.isEmpty() ? List.of(new Part("x", Shape.of(x.length), 0)) : parts;
    int size = named.getLast().offset() + named.getLast().elements();
    require(size == x.length, "the parameters have " + size + " elements, the point " + x.length);
    double[] at = x.clone();
    if (precision.single()) {
      Arrays.setAll(at, i -> (float) at[i]);
    }
    Run run = new Run(new Comparer(named, precision, seed, zeroAllowed, ""), at);
    CheckResult verdict = CheckResult.passed().withSeed(seed);
    if (gradient != null) {
      verdict = verdict.and(run.comparer.compare("gradient", p -> function.apply(p)[0], gradient, at, 0));
    }
    if (jacobian != null) {
      verdict = verdict.and(run.matrix("Jacobian", function, jacobian));
    }
    if (jvp != null) {
      verdict = verdict.and(run.along("Jacobian-vector product", function, jvp));
    }
    if (vjp != null) {
      verdict = verdict.and(run.transposed());
    }
    if (jvp != null && vjp != null) {
      verdict = verdict.and(run.dotProducts());
    }
    if (hessian != null) {
      verdict = verdict.and(run.matrix("Hessian", gradient, hessian));
    }
    if (hvp != null) {
      verdict = verdict.and(run.along("Hessian-vector product", gradient, hvp));
    }
    return verdict.compared() > 0 || !verdict.passes() ? verdict
        : CheckResult.failed(Verdict.UNDECIDABLE, "nothing was compared: the point or the result has no elements");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalStateException("gradient check: " + message);
    }
  }

  private static double[] sized(String what, double[] values, int n) {
    if (values.length != n) {
      throw new IllegalArgumentException("gradient check: " + what + " has " + values.length + " elements, not " + n);
    }
    return values;
  }

  private final class Run {
    private final Comparer comparer;
    private final double[] at;

    Run(Comparer comparer, double[] at) {
      this.comparer = comparer;
      this.at = at;
    }

    /// Fills a column of findings: the derivatives of all results along a path through the point.
    private void column(
        Findings into, int column, int columns, Function<Double, double[]> path, double start) {
      Map<Double, double[]> known = new HashMap<>(); // all results are wanted at the same points
      double[] middle = path.apply(start);
      double floor = comparer.floor(into.scale(), Arrays.stream(middle).map(Math::abs).max().orElse(0)
          / Math.max(1, Math.abs(start)));
      for (int i = 0; i < into.analytic().length / columns; i++) {
        int row = i;
        into.found()[i * columns + column] = comparer.compare(
            t -> known.computeIfAbsent(t, path)[row], start, middle[i], into.analytic()[i * columns + column], floor);
      }
    }

    CheckResult matrix(String what, UnaryOperator<double[]> f, Function<double[], double[][]> claimed) {
      int m = f.apply(at.clone()).length;
      double[][] rows = claimed.apply(at.clone());
      double[] all = new double[m * at.length];
      if (rows.length != m) {
        throw new IllegalArgumentException("gradient check: the " + what + " has " + rows.length + " rows, not " + m);
      }
      for (int i = 0; i < m; i++) {
        System.arraycopy(sized("row " + i + " of the " + what, rows[i], at.length), 0, all, i * at.length, at.length);
      }
      if (all.length > MOST_ELEMENTS) {
        double[] weights = comparer.direction(m, -2);
        return comparer.compare(what + ", its rows weighted at random,", p -> Comparer.inner(weights, f.apply(p)),
            p -> {
              double[][] matrix = claimed.apply(p);
              double[] sum = new double[at.length];
              for (int i = 0; i < m; i++) {
                for (int j = 0; j < sum.length; j++) {
                  sum[j] += weights[i] * matrix[i][j];
                }
              }
              return sum;
            }, at, 0);
      }
      Findings findings = Findings.of(new Part("the function", Shape.of(m, at.length), 0), all);
      for (int j = 0; j < at.length; j++) {
        int element = j;
        column(findings, j, at.length, t -> {
          double[] moved = at.clone();
          moved[element] = t;
          return f.apply(moved);
        }, at[j]);
      }
      return comparer.result(what, List.of(findings));
    }

    CheckResult along(String what, UnaryOperator<double[]> f, BinaryOperator<double[]> claimed) {
      List<Findings> all = new ArrayList<>();
      for (int k = 0; k < DIRECTIONS; k++) {
        double[] direction = comparer.direction(at.length, k);
        double[] product = sized(what, claimed.apply(at.clone(), direction.clone()), f.apply(at.clone()).length);
        double[] some = Arrays.copyOf(product, Math.min(product.length, MOST_OUTPUTS));
        Findings findings = Findings.of(new Part("direction " + k, Shape.of(some.length), 0), some);
        column(findings, 0, 1, t -> f.apply(Comparer.moved(at, t, direction)), 0);
        all.add(findings);
      }
      return comparer.result(what, all);
    }

    CheckResult transposed() {
      CheckResult all = CheckResult.passed();
      int m = function.apply(at.clone()).length;
      for (int k = 0; k < DIRECTIONS; k++) {
        double[] weights = comparer.direction(m, -2 - k);
        all = all.and(comparer.compare("vector-Jacobian product " + k, p -> Comparer.inner(weights, function.apply(p)),
            p -> vjp.apply(p, weights.clone()), at, 0));
      }
      return all;
    }

    CheckResult dotProducts() {
      double[] v = comparer.direction(at.length, DIRECTIONS);
      double[] u = comparer.direction(function.apply(at.clone()).length, -2 - DIRECTIONS);
      double[] forward = jvp.apply(at.clone(), v.clone());
      double[] backward = vjp.apply(at.clone(), u.clone());
      double left = Comparer.inner(u, forward);
      double right = Comparer.inner(backward, v);
      double size = Math.sqrt(Comparer.inner(u, u) * Comparer.inner(forward, forward))
          + Math.sqrt(Comparer.inner(v, v) * Comparer.inner(backward, backward));
      double error = 100 * precision.rounding() * size;
      boolean agrees = Math.abs(left - right) <= 10 * error;
      Comparison comparison = new Comparison(
          "dot-product test, J' u . v and u . J v", List.of(), right, left, error, 10 * error);
      return new CheckResult(agrees ? Verdict.RIGHT : Verdict.WRONG, agrees, 1, Optional.of(comparison),
          agrees ? "" : comparison.toString(), "", List.of(), List.of(), 0);
    }
  }
}
