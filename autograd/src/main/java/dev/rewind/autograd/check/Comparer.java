package dev.rewind.autograd.check;

import dev.rewind.autograd.check.CheckResult.Comparison;
import dev.rewind.autograd.check.CheckResult.Verdict;
import dev.rewind.autograd.check.Differences.Finding;
import dev.rewind.autograd.check.Differences.Precision;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Compares what is claimed to be the gradient of a function of named parts with differences: every element of a small
/// part; a large part by random projections, and where one of these disagrees a sample of the elements, and then a
/// search by halves.
///
/// A projection is the derivative along a direction of normal numbers. That of an error `e` of the gradient is normal
/// with deviation `|e|`, so one projection, which tolerates `t`, misses it with a probability of at most `0.8 t / |e|`,
/// and all four with `(0.8 t / |e|)^4`: 4e-5 for an error of ten times what is tolerated.
final class Comparer {
  /// A stretch of the point that is an input or a parameter.
  record Part(String name, Shape shape, int offset) {
    int elements() {
      return shape.elements();
    }

    List<Integer> sizes() {
      return Arrays.stream(shape.sizes()).boxed().toList();
    }
  }

  /// What was found for the elements of a part.
  ///
  /// @param analytic all elements of the claimed gradient
  /// @param found what was compared; null for other elements
  /// @param projections those of a large part
  record Findings(Part part, double[] analytic, Finding[] found, List<Finding> projections) {
    static Findings of(Part part, double[] analytic) {
      return new Findings(part, analytic, new Finding[analytic.length], new ArrayList<>());
    }

    boolean isWrong(int element) {
      return found[element] != null && found[element].verdict() == Verdict.WRONG;
    }

    double scale() {
      return Arrays.stream(analytic).map(Math::abs).max().orElse(0);
    }

    boolean isZero() {
      return Arrays.stream(analytic).allMatch(a -> a == 0);
    }

    CheckResult result(String what) {
      CheckResult all = CheckResult.passed();
      for (int i = 0; i < found.length; i++) {
        if (found[i] != null) {
          List<Integer> index = Arrays.stream(part.shape.index(i)).boxed().toList();
          all = all.and(result(what, index, analytic[i], found[i]));
        }
      }
      for (Finding projection : projections) { // of which the analytic value is the sum of products
        all = all.and(result(what + " along a random direction", List.of(),
            projection.analytic(), projection));
      }
      List<Finding> every = Stream.concat(Arrays.stream(found).filter(f -> f != null), projections.stream()).toList();
      return all.withRow(new CheckResult.Row(what, part.sizes(), every.size(), count(every, Verdict.WRONG),
          count(every, Verdict.UNDECIDABLE), all.worst()));
    }

    private static CheckResult result(String what, List<Integer> index, double analytic, Finding finding) {
      return CheckResult.of(finding, new Comparison(
          what, index, analytic, finding.numerical(), finding.error(), finding.tolerated()));
    }

    private static int count(List<Finding> findings, Verdict verdict) {
      return (int) findings.stream().filter(finding -> finding.verdict() == verdict).count();
    }
  }

  private static final int MOST_ELEMENTS = 200; // that are all compared
  private static final int PROJECTIONS = 4;
  private static final int SAMPLE = 64;
  private static final int NAMED = 4; // elements that a search looks for

  private final List<Part> parts;
  private final Precision precision;
  private final long seed;
  private final boolean zeroAllowed;
  private final String cutOff; // what may have cut off a gradient that is zero

  Comparer(List<Part> parts, Precision precision, long seed, boolean zeroAllowed, String cutOff) {
    this.parts = parts;
    this.precision = precision;
    this.seed = seed;
    this.zeroAllowed = zeroAllowed;
    this.cutOff = cutOff;
  }

  /// @param what which derivative
  /// @param size of values that the function computes with; at least that of its result is assumed
  CheckResult compare(
      String what, ToDoubleFunction<double[]> f, UnaryOperator<double[]> gradient, double[] x, double size) {
    double value = f.applyAsDouble(x.clone());
    if (Double.compare(value, f.applyAsDouble(x.clone())) != 0) {
      return undecidable(what, "the function is not deterministic: two runs gave different values");
    }
    if (!Double.isFinite(value)) {
      return undecidable(what, "the function is " + value + " at this point");
    }
    double[] analytic = gradient.apply(x.clone()).clone();
    if (analytic.length != x.length) {
      throw new IllegalArgumentException(
          "gradient check: " + what + ": " + analytic.length + " elements for " + x.length + " of the point");
    }
    List<Findings> all = new ArrayList<>();
    for (Part part : parts) {
      Findings findings = Findings.of(part,
          Arrays.copyOfRange(analytic, part.offset, part.offset + part.elements()));
      double point = Arrays.stream(x, part.offset, part.offset + part.elements()).map(Math::abs).reduce(1, Math::max);
      new Search(f, x, value, findings, Math.max(size, Math.abs(value)) / point).run();
      all.add(findings);
    }
    String again = " at the same point after the function was evaluated at others: it is random, or keeps a state or a"
        + " cache from call to call";
    if (Double.compare(value, f.applyAsDouble(x.clone())) != 0) {
      return undecidable(what, "the function gives another value" + again);
    }
    var _ = f.applyAsDouble(moved(x, precision.step(), direction(x.length, -1))); // what a cache may now be of
    if (!Arrays.equals(analytic, gradient.apply(x.clone()))) {
      return undecidable(what, "the analytic one is another" + again);
    }
    return result(what, all);
  }

  private static CheckResult undecidable(String what, String reason) {
    return CheckResult.failed(Verdict.UNDECIDABLE, what + ": " + reason);
  }

  CheckResult result(String what, List<Findings> all) {
    CheckResult verdict = CheckResult.passed();
    List<String> cut = new ArrayList<>();
    for (Findings findings : all) {
      CheckResult one = findings.result(what + " of " + findings.part.name);
      boolean isKnown = one.worst().map(worst -> Double.isFinite(worst.numerical())).orElse(true);
      if (!one.passes() && findings.isZero() && isKnown) {
        cut.add(findings.part.name);
      }
      verdict = verdict.and(one);
    }
    if (!cut.isEmpty()) {
      return verdict.because(what + " of " + String.join(", ", cut)
          + ": the analytic one is zero everywhere, the numerical one is not; is it cut off" + cutOff + "? Worst: "
          + verdict.reason(), Hints.of(all));
    }
    if (verdict.verdict() == Verdict.WRONG) {
      return verdict.because(verdict.reason(), Hints.of(all));
    }
    boolean zero = !zeroAllowed && verdict.compared() > 0 && all.stream().allMatch(Findings::isZero);
    return zero && verdict.passes() ? undecidable(what, "zero everywhere; if that is right, say allowingZeroGradient()")
        : verdict;
  }

  /// Normal numbers.
  double[] direction(int n, int number) {
    double[] direction = new double[n];
    Rng.of(seed).split("direction").split(number).fillNormal(direction, 0, n, 0, 1);
    return direction;
  }

  /// What is tolerated of the largest gradient of a tensor. If that is no more than rounding makes of zero, it is zero.
  double floor(double scale, double size) {
    double zero = 64 * precision.rounding() * size;
    return scale <= zero ? zero : precision.floor() * scale;
  }

  Finding compare(DoubleUnaryOperator f, double x, double middle, double analytic, double floor) {
    return Differences.compare(f, x, middle, precision, analytic, floor);
  }

  /// The point with a step along a direction.
  static double[] moved(double[] x, double step, double[] direction) {
    double[] moved = x.clone();
    Arrays.setAll(moved, i -> x[i] + step * direction[i]);
    return moved;
  }

  static double inner(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }

  /// One part.
  private final class Search {
    private final ToDoubleFunction<double[]> f;
    private final double[] x;
    private final double value;
    private final Findings findings;
    private final double[] analytic;
    private final int offset;
    private final double size;

    Search(ToDoubleFunction<double[]> f, double[] x, double value, Findings findings, double size) {
      this.f = f;
      this.x = x;
      this.value = value;
      this.findings = findings;
      this.analytic = findings.analytic;
      this.offset = findings.part.offset;
      this.size = size;
    }

    void run() {
      int n = analytic.length;
      if (n <= MOST_ELEMENTS) {
        IntStream.range(0, n).forEach(this::element);
        return;
      }
      double[] wrong = null;
      for (int k = 0; k < PROJECTIONS; k++) {
        double[] direction = direction(n, offset * PROJECTIONS + k);
        Finding finding = along(direction, 0, n);
        findings.projections.add(finding);
        wrong = finding.passes() ? wrong : direction;
      }
      if (findings.projections.stream().anyMatch(finding -> finding.verdict() != Verdict.RIGHT)) {
        int[] sample = Rng.of(seed).split("elements").split(offset).permutation(n);
        Arrays.stream(sample, 0, SAMPLE).forEach(this::element);
      }
      if (wrong != null && named() == 0) {
        search(wrong, 0, n);
      }
      if (named() == 0) { // directions cross kinks, and add up what is tolerated of each element
        findings.projections.replaceAll(Finding::inDoubt);
      }
    }

    private long named() {
      return IntStream.range(0, analytic.length).filter(findings::isWrong).count();
    }

    private void element(int i) {
      findings.found[i] = compare(t -> {
        double[] moved = x.clone();
        moved[offset + i] = t;
        return f.applyAsDouble(moved);
      }, x[offset + i], value, analytic[i], floor(findings.scale(), size));
    }

    /// The projection on a direction, of the elements of a range alone.
    private Finding along(double[] direction, int from, int to) {
      double norm = 0;
      double sum = 0;
      for (int i = from; i < to; i++) {
        sum += analytic[i] * direction[i];
        norm += analytic[i] * analytic[i];
      }
      return compare(t -> {
        double[] moved = x.clone();
        for (int i = from; i < to; i++) {
          moved[offset + i] += t * direction[i];
        }
        return f.applyAsDouble(moved);
      }, 0, value, sum, floor(Math.sqrt(norm), size));
    }

    private void search(double[] direction, int from, int to) {
      if (to - from == 1) {
        element(from);
        return;
      }
      int middle = (from + to) >>> 1;
      for (int[] half : new int[][] {{from, middle}, {middle, to}}) {
        if (named() < NAMED && !along(direction, half[0], half[1]).passes()) {
          search(direction, half[0], half[1]);
        }
      }
    }
  }
}
