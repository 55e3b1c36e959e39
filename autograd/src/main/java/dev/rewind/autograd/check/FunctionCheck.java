package dev.rewind.autograd.check;

import dev.rewind.autograd.check.CheckResult.Comparison;
import dev.rewind.autograd.check.CheckResult.Verdict;
import dev.rewind.autograd.check.Comparer.Claim;
import dev.rewind.autograd.check.Comparer.Part;
import dev.rewind.autograd.check.Differences.Finding;
import dev.rewind.autograd.check.Differences.Precision;
import dev.rewind.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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

  private enum Kind {
    GRADIENT, JACOBIAN, JVP, VJP, HESSIAN, HVP
  }

  private final UnaryOperator<double[]> function;
  private final boolean isScalar;
  private final Map<Kind, BinaryOperator<double[]>> claimed; // from a point, and a vector for products
  private final List<Part> parts;
  private final Optional<double[]> at;
  private final Comparer comparer;

  FunctionCheck(UnaryOperator<double[]> function, boolean isScalar) {
    this(function, isScalar, Map.of(), List.of(), Optional.empty(), new Comparer(""));
  }

  private FunctionCheck(UnaryOperator<double[]> function, boolean isScalar, Map<Kind, BinaryOperator<double[]>> claimed,
      List<Part> parts, Optional<double[]> at, Comparer comparer) {
    this.function = function;
    this.isScalar = isScalar;
    this.claimed = claimed;
    this.parts = parts;
    this.at = at;
    this.comparer = comparer;
  }

  private FunctionCheck claiming(Kind kind, BinaryOperator<double[]> derivatives) {
    Map<Kind, BinaryOperator<double[]>> more = new TreeMap<>(claimed);
    more.put(kind, derivatives);
    return new FunctionCheck(function, isScalar, more, parts, at, comparer);
  }

  private FunctionCheck with(Comparer other) {
    return new FunctionCheck(function, isScalar, claimed, parts, at, other);
  }

  /// Checks this gradient, from a point to as many numbers.
  ///
  /// @throws IllegalStateException if the function has several results
  public FunctionCheck against(UnaryOperator<double[]> gradientOfFunction) {
    if (!isScalar) {
      throw new IllegalStateException(
          "gradient check: against(..) wants one result; for several, say jacobian(..), jvp(..), vjp(..)");
    }
    return claiming(Kind.GRADIENT, (x, _) -> gradientOfFunction.apply(x));
  }

  /// Checks this Jacobian, a row for each result and a column for each element of the point.
  public FunctionCheck jacobian(Function<double[], double[][]> matrix) {
    return claiming(Kind.JACOBIAN, (x, _) -> flat("Jacobian", matrix.apply(x), x.length));
  }

  /// Checks this product of the Jacobian and a vector, from a point and a direction of its size to the change of the
  /// results: a tangent-linear code. With [#vjp(BinaryOperator)], both are held against each other too.
  public FunctionCheck jvp(BinaryOperator<double[]> product) {
    return claiming(Kind.JVP, product);
  }

  /// Checks this product of the transposed Jacobian and a vector, from a point and weights of the results to a vector
  /// of the size of the point: an adjoint code. With [#jvp(BinaryOperator)], the dot-product test is made as well: `u .
  /// J v` must be `(J' u) . v` but for rounding (Claerbout 1992, "Earth Soundings Analysis").
  public FunctionCheck vjp(BinaryOperator<double[]> product) {
    return claiming(Kind.VJP, product);
  }

  /// Checks this matrix of second derivatives as the Jacobian of the gradient, which must be given too.
  public FunctionCheck hessian(Function<double[], double[][]> matrix) {
    return claiming(Kind.HESSIAN, (x, _) -> flat("Hessian", matrix.apply(x), x.length));
  }

  /// Checks this product of the Hessian and a vector, from a point and a direction, as the derivative of the gradient,
  /// which must be given too.
  public FunctionCheck hvp(BinaryOperator<double[]> product) {
    return claiming(Kind.HVP, product);
  }

  /// At this point.
  public FunctionCheck at(double... point) {
    return new FunctionCheck(function, isScalar, claimed, parts, Optional.of(point.clone()), comparer);
  }

  /// Names the next elements of the point: a tensor of this shape, row by row. Without names the point is one vector.
  /// Names and shapes are what tables and hints speak of.
  public FunctionCheck parameter(String name, int... sizes) {
    List<Part> more = new ArrayList<>(parts);
    int offset = parts.isEmpty() ? 0 : parts.getLast().offset() + parts.getLast().elements();
    more.add(new Part(name, Shape.of(sizes), offset));
    return new FunctionCheck(function, isScalar, claimed, List.copyOf(more), at, comparer);
  }

  /// The function computes with `float` inside: its values are off by a few in 2^-24, and its point is rounded. Longer
  /// steps are taken, and `1e-3 max(|a|, |n|) + 1e-5 s` is tolerated.
  public FunctionCheck float32() {
    return with(comparer.with(Precision.FLOAT32));
  }

  /// Accepts derivatives that are zero everywhere.
  public FunctionCheck allowingZeroGradient() {
    return with(comparer.allowingZero());
  }

  /// With other random numbers.
  public FunctionCheck seed(long value) {
    return with(comparer.withSeed(value));
  }

  /// Says once a second how far a long check has come: `progress(System.err::println)`.
  public FunctionCheck progress(Consumer<String> lines) {
    return with(comparer.with(lines));
  }

  /// Runs the check.
  ///
  /// @throws IllegalStateException if there is no point, no derivative to check, names for another number of elements
  ///     than the point has, or a Hessian without a gradient
  /// @throws IllegalArgumentException if a derivative is of another size than point and results want
  public CheckResult run() {
    double[] x = at.map(comparer.precision().single() ? Comparer::toFloats : double[]::clone)
        .orElseThrow(() -> new IllegalStateException("gradient check: say where with at(..)"));
    require(!claimed.isEmpty(),
        "nothing to check; say against(..), jacobian(..), jvp(..), vjp(..), hessian(..) or hvp(..)");
    require(claimed.containsKey(Kind.GRADIENT) || !claimed.containsKey(Kind.HESSIAN) && !claimed.containsKey(Kind.HVP),
        "second derivatives want the gradient: against(..)");
    List<Part> named = parts.isEmpty() ? List.of(new Part("x", Shape.of(x.length), 0)) : parts;
    int size = named.getLast().offset() + named.getLast().elements();
    require(size == x.length, "the parameters have " + size + " elements, the point " + x.length);
    CheckResult result = claimed.entrySet().stream()
        .flatMap(claim -> claims(claim.getKey(), claim.getValue(), x, named))
        .map(claim -> comparer.compare(claim, x)).reduce(CheckResult.passed(comparer.seed()), CheckResult::and);
    if (claimed.containsKey(Kind.JVP) && claimed.containsKey(Kind.VJP)) {
      result = result.and(dotProducts(x));
    }
    return result.compared() > 0 || !result.passes() ? result
        : CheckResult.failed(Verdict.UNDECIDABLE, "nothing was compared: the point or the result has no elements");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalStateException("gradient check: " + message);
    }
  }

  // ---- what is claimed ----------------------------------------------------------------------------------------------

  private Stream<Claim> claims(Kind kind, BinaryOperator<double[]> derivatives, double[] x, List<Part> named) {
    UnaryOperator<double[]> gradient = p -> claimed.get(Kind.GRADIENT).apply(p, p);
    return switch (kind) {
      case GRADIENT -> Stream.of(new Claim("gradient", named, function, gradient));
      case JACOBIAN -> matrix("Jacobian", function, derivatives, x, named);
      case JVP -> along("Jacobian-vector product", function, derivatives, x);
      case VJP -> transposed("vector-Jacobian product", function, derivatives, x, named);
      case HESSIAN -> matrix("Hessian", gradient, derivatives, x, named);
      case HVP -> along("Hessian-vector product", gradient, derivatives, x);
    };
  }

  private static double[] flat(String what, double[][] rows, int columns) {
    double[] all = new double[rows.length * columns];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(Comparer.sized("row " + i + " of the " + what, rows[i], columns), 0, all, i * columns, columns);
    }
    return all;
  }

  private Stream<Claim> matrix(
      String what, UnaryOperator<double[]> f, BinaryOperator<double[]> rows, double[] x, List<Part> named) {
    int m = f.apply(x.clone()).length;
    int n = x.length;
    UnaryOperator<double[]> all = p -> {
      double[] flat = rows.apply(p, p);
      if (flat.length != m * n) {
        throw new IllegalArgumentException(
            "gradient check: the " + what + " has " + flat.length / n + " rows, not " + m);
      }
      return flat;
    };
    if (m * n <= MOST_ELEMENTS) {
      return Stream.of(new Claim(what, List.of(new Part("the function", Shape.of(m, n), 0)), f, all));
    }
    return transposed(what + ", its rows weighted at random,", f, (p, u) -> {
      double[] flat = all.apply(p);
      return IntStream.range(0, n).mapToDouble(
          j -> IntStream.range(0, m).mapToDouble(i -> u[i] * flat[i * n + j]).sum()).toArray();
    }, x, named);
  }

  private Stream<Claim> along(String what, UnaryOperator<double[]> f, BinaryOperator<double[]> product, double[] x) {
    int m = f.apply(x.clone()).length;
    return IntStream.range(0, DIRECTIONS).mapToObj(k -> {
      double[] direction = comparer.direction(x.length, k);
      return new Claim(what, List.of(new Part("direction " + k, Shape.of(m), 0)), f,
          p -> product.apply(p, direction.clone()), direction, 0);
    });
  }

  private Stream<Claim> transposed(
      String what, UnaryOperator<double[]> f, BinaryOperator<double[]> product, double[] x, List<Part> named) {
    int m = f.apply(x.clone()).length;
    return IntStream.range(0, DIRECTIONS).mapToObj(k -> {
      double[] weights = comparer.direction(m, -2 - k);
      return new Claim(what + " " + k, named, p -> new double[] {Comparer.inner(weights, f.apply(p))},
          p -> product.apply(p, weights.clone()));
    });
  }

  private CheckResult dotProducts(double[] x) {
    double[] v = comparer.direction(x.length, DIRECTIONS);
    double[] u = comparer.direction(function.apply(x.clone()).length, -2 - DIRECTIONS);
    double[] forward = claimed.get(Kind.JVP).apply(x.clone(), v.clone());
    double[] backward = claimed.get(Kind.VJP).apply(x.clone(), u.clone());
    double left = Comparer.inner(u, forward);
    double right = Comparer.inner(backward, v);
    double error = 100 * comparer.precision().rounding()
        * (Math.sqrt(Comparer.inner(u, u) * Comparer.inner(forward, forward))
            + Math.sqrt(Comparer.inner(v, v) * Comparer.inner(backward, backward)));
    boolean agrees = Math.abs(left - right) <= 10 * error;
    return CheckResult.of(new Finding(agrees ? Verdict.RIGHT : Verdict.WRONG, agrees, new Comparison(
        "dot-product test, J' u . v and u . J v", List.of(), right, left, error, 10 * error), ""));
  }
}
