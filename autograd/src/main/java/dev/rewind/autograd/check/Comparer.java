package dev.rewind.autograd.check;

import dev.rewind.autograd.check.CheckResult.Verdict;
import dev.rewind.autograd.check.Differences.Claimed;
import dev.rewind.autograd.check.Differences.Finding;
import dev.rewind.autograd.check.Differences.Precision;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Compares what is claimed to be derivatives of a function with differences: every element of a small part; a large
/// part by random projections, and where one of these disagrees a sample of the elements, and then a search by halves.
///
/// A projection is the derivative along a direction of normal numbers. That of an error `e` of the gradient is normal
/// with deviation `|e|`, so one projection, which tolerates `t`, misses it with a probability of at most `0.8 t / |e|`,
/// and all four with `(0.8 t / |e|)^4`: 4e-5 for an error of ten times what is tolerated.
///
/// @param zeroAllowed whether derivatives may be zero everywhere
/// @param cutOff what may have cut off a gradient that is zero, in words
/// @param progress is told how far a check has come, once a second
record Comparer(Precision precision, long seed, boolean zeroAllowed, String cutOff, Consumer<String> progress) {
  private static final int MOST_ELEMENTS = 200; // that are all compared
  private static final int PROJECTIONS = 4;
  private static final int SAMPLE = 64;
  private static final int NAMED = 4; // elements that a search looks for
  private static final double NEAR = 1e-3; // of a point, relatively
  private static final long SECOND = 1_000_000_000; // in nanoseconds

  Comparer(String cutOff) {
    this(Precision.FLOAT64, 1, false, cutOff, _ -> {});
  }

  Comparer with(Precision value) {
    return new Comparer(value, seed, zeroAllowed, cutOff, progress);
  }

  Comparer withSeed(long value) {
    return new Comparer(precision, value, zeroAllowed, cutOff, progress);
  }

  Comparer allowingZero() {
    return new Comparer(precision, seed, true, cutOff, progress);
  }

  Comparer with(Consumer<String> lines) {
    return new Comparer(precision, seed, zeroAllowed, cutOff, lines);
  }

  /// A stretch of what is claimed: an input, a parameter, a matrix.
  record Part(String name, Shape shape, int offset) {
    int elements() {
      return shape.elements();
    }
  }

  /// Derivatives and of what they are: a row for each result of a function, with a column for each element of the
  /// point.
  ///
  /// @param what they are called
  /// @param parts that make up all that is claimed
  /// @param direction along which each result is differentiated instead, in one column; null if there is none
  /// @param size of values that the function computes with; at least that of its results is assumed
  record Claim(
      String what, List<Part> parts, UnaryOperator<double[]> function, UnaryOperator<double[]> derivatives,
      double[] direction, double size) {

    Claim(String what, List<Part> parts, UnaryOperator<double[]> function, UnaryOperator<double[]> derivatives) {
      this(what, parts, function, derivatives, null, 0);
    }
  }

  /// What was found for the elements of a part.
  ///
  /// @param analytic all elements of what is claimed
  /// @param found what was compared; null for other elements
  /// @param projections those of a large part
  record Findings(Part part, double[] analytic, Finding[] found, List<Finding> projections) {
    static Findings of(Part part, double[] analytic) {
      return new Findings(part, analytic, new Finding[analytic.length], new ArrayList<>());
    }

    boolean isWrong(int element) {
      return found[element] != null && found[element].verdict() == Verdict.WRONG;
    }

    long wrong() {
      return IntStream.range(0, found.length).filter(this::isWrong).count();
    }

    /// The largest value; NaN if one is.
    double scale() {
      return largest(0, analytic);
    }

    CheckResult result(String what) {
      List<Finding> every = Stream.concat(Arrays.stream(found).filter(f -> f != null), projections.stream()).toList();
      CheckResult all = every.stream().map(CheckResult::of).reduce(CheckResult.passed(0), CheckResult::and);
      return all.withRow(new CheckResult.Row(what, Arrays.stream(part.shape.sizes()).boxed().toList(), every.size(),
          count(every, Verdict.WRONG), count(every, Verdict.UNDECIDABLE), all.worst()));
    }

    private static int count(List<Finding> findings, Verdict verdict) {
      return (int) findings.stream().filter(finding -> finding.verdict() == verdict).count();
    }
  }

  static double[] sized(String what, double[] values, int n) {
    if (values == null || values.length != n) {
      throw new IllegalArgumentException("gradient check: " + what + " has " + (values == null ? "no" : values.length)
          + " elements, not " + n);
    }
    return values;
  }

  CheckResult compare(Claim claim, double[] x) {
    return new Run(claim, x).result();
  }

  static double[] toFloats(double[] x) {
    return Arrays.stream(x).map(value -> (float) value).toArray();
  }

  /// Normal numbers.
  double[] direction(int n, int number) {
    double[] direction = new double[n];
    Rng.of(seed).split("direction").split(number).fillNormal(direction, 0, n, 0, 1);
    return direction;
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

  private static double largest(double least, double... values) {
    return Arrays.stream(values).map(Math::abs).reduce(least, Math::max);
  }

  /// One comparison of all that is claimed.
  private final class Run {
    private final Claim claim;
    private final double[] x;
    private final double[] values;
    private final Map<List<? extends Number>, double[]> known = new HashMap<>(); // results by column and place
    private final long start = System.nanoTime();
    private long told = start;
    private int evaluations;
    private int compared;
    private int planned; // comparisons

    Run(Claim claim, double[] x) {
      this.claim = claim;
      this.x = x;
      this.values = f(x.clone());
    }

    /// The function; tells how far the comparison has come.
    private double[] f(double[] at) {
      double[] results = claim.function.apply(at);
      evaluations++;
      long now = System.nanoTime();
      if (now - told >= SECOND) {
        told = now;
        progress.accept("gradient check: " + claim.what + ": " + compared + " of " + Math.max(planned, compared)
            + " comparisons, " + evaluations + " evaluations, " + (now - start) / SECOND + " s");
      }
      return results;
    }

    private CheckResult undecidable(String reason) {
      return CheckResult.failed(Verdict.UNDECIDABLE, claim.what + ": " + reason);
    }

    CheckResult result() {
      if (!Arrays.equals(values, f(x.clone()))) {
        return undecidable("the function is not deterministic: two runs gave different values");
      }
      for (double value : values) {
        if (!Double.isFinite(value)) {
          return undecidable("the function is " + value + " at this point");
        }
      }
      double[] analytic = sized(claim.what, claim.derivatives.apply(x.clone()),
          values.length * (claim.direction == null ? x.length : 1)).clone();
      List<Findings> all = claim.parts.stream().map(part -> Findings.of(part,
          Arrays.copyOfRange(analytic, part.offset, part.offset + part.elements()))).toList();
      planned = all.stream().mapToInt(part -> isProjected(part) ? PROJECTIONS : part.analytic.length).sum();
      all.forEach(this::compare);
      String again = " at the same point after the function was evaluated at others: it is random, or keeps a state or"
          + " a cache from call to call";
      if (!Arrays.equals(values, f(x.clone()))) {
        return undecidable("the function gives another value" + again);
      }
      var _ = f(moved(x, precision.step(), direction(x.length, -1))); // what a cache may now be of
      if (!Arrays.equals(analytic, claim.derivatives.apply(x.clone()))) {
        return undecidable("the analytic one is another" + again);
      }
      CheckResult result = summary(all);
      return result.passes() || precision.single() || !looksSingle() ? result : inSinglePrecision(result);
    }

    private CheckResult summary(List<Findings> all) {
      CheckResult verdict = CheckResult.passed(0);
      List<String> cut = new ArrayList<>();
      for (Findings findings : all) {
        CheckResult one = findings.result(claim.what + " of " + findings.part.name);
        boolean isKnown = one.worst().map(worst -> Double.isFinite(worst.numerical())).orElse(true);
        if (!one.passes() && findings.scale() == 0 && isKnown) {
          cut.add(findings.part.name);
        }
        verdict = verdict.and(one);
      }
      if (!cut.isEmpty() || verdict.verdict() == Verdict.WRONG) {
        return verdict.because((cut.isEmpty() ? "" : claim.what + " of " + String.join(", ", cut)
            + ": the analytic one is zero everywhere, the numerical one is not; is it cut off" + cutOff + "? Worst: ")
            + verdict.reason(), Hints.of(all));
      }
      boolean zero = !zeroAllowed && verdict.compared() > 0 && all.stream().allMatch(part -> part.scale() == 0);
      return zero && verdict.passes() ? undecidable("zero everywhere; if that is right, say allowingZeroGradient()")
          : verdict;
    }

    // ---- single precision -------------------------------------------------------------------------------------------

    /// Whether the function seems to compute with float: near by, its results change, and they are all float, or stay
    /// the same when the point is rounded to float.
    private boolean looksSingle() {
      boolean roundsResult = true;
      boolean roundsPoint = true;
      boolean changes = false;
      for (int k = 1; k <= 3; k++) {
        double[] near = direction(x.length, -k);
        Arrays.setAll(near, i -> x[i] == 0 ? NEAR * near[i] : x[i] * (1 + NEAR * near[i]));
        double[] results = f(near.clone());
        roundsPoint &= Arrays.equals(results, f(toFloats(near)));
        for (int i = 0; i < results.length; i++) {
          roundsResult &= results[i] == (float) results[i];
          changes |= Math.abs(results[i] - values[i]) > 0x1p-30 * Math.abs(results[i]);
        }
      }
      return changes && (roundsResult || roundsPoint);
    }

    private CheckResult inSinglePrecision(CheckResult result) {
      CheckResult single = with(Precision.FLOAT32).compare(claim, toFloats(x));
      String advice = "the function seems to compute in single precision: check it by float32(), or, better, let it"
          + " compute in double precision";
      return single.passes() ? result.undecided(claim.what + ": right as far as single precision can tell; " + advice)
          : single.and(CheckResult.passed(0, advice));
    }

    // ---- a part -----------------------------------------------------------------------------------------------------

    private boolean isProjected(Findings part) {
      return part.analytic.length > MOST_ELEMENTS && (values.length == 1 || claim.direction != null);
    }

    private void compare(Findings part) {
      int n = part.analytic.length;
      if (!isProjected(part)) {
        IntStream.range(0, n).forEach(i -> element(part, i));
        return;
      }
      double[] wrong = null;
      for (int k = 0; k < PROJECTIONS; k++) {
        double[] weights = direction(n, part.part.offset * PROJECTIONS + k);
        Finding finding = projection(part, weights, 0, n);
        part.projections.add(finding);
        wrong = finding.passes() ? wrong : weights;
      }
      if (part.projections.stream().anyMatch(finding -> finding.verdict() != Verdict.RIGHT)) {
        planned += SAMPLE;
        int[] sample = Rng.of(seed).split("elements").split(part.part.offset).permutation(n);
        Arrays.stream(sample, 0, SAMPLE).forEach(i -> element(part, i));
      }
      if (wrong != null && part.wrong() == 0) {
        planned += 2 * (Integer.SIZE - Integer.numberOfLeadingZeros(n)); // both halves at each level
        search(part, wrong, 0, n);
      }
      if (part.wrong() == 0) { // directions cross kinks, and add up what is tolerated of each element
        part.projections.replaceAll(finding -> finding.passes() ? finding
            : finding.undecided("no single element is wrong by more than is tolerated"));
      }
    }

    private void search(Findings part, double[] weights, int from, int to) {
      if (to - from == 1) {
        element(part, from);
        return;
      }
      int middle = (from + to) >>> 1;
      for (int[] half : new int[][] {{from, middle}, {middle, to}}) {
        if (part.wrong() < NAMED && !projection(part, weights, half[0], half[1]).passes()) {
          search(part, weights, half[0], half[1]);
        }
      }
    }

    private void element(Findings part, int i) {
      int columns = part.analytic.length / values.length;
      int row = i / columns;
      int at = part.part.offset + i % columns;
      part.found[i] = difference(part, "", Arrays.stream(part.part.shape.index(i)).boxed().toList(),
          part.analytic[i], part.scale(), t -> known.computeIfAbsent(List.of(at, t), _ -> {
            double[] point = x.clone();
            point[at] = t;
            return f(claim.direction == null ? point : moved(x, t, claim.direction));
          })[row], claim.direction == null ? x[at] : 0, values[row]);
    }

    /// The sum of the elements of a range times weights: a derivative along a direction, or of weighted results.
    private Finding projection(Findings part, double[] weights, int from, int to) {
      double[] some = new double[part.analytic.length];
      System.arraycopy(weights, from, some, from, to - from);
      double[] analytic = Arrays.copyOfRange(part.analytic, from, to);
      double sum = inner(Arrays.copyOfRange(weights, from, to), analytic);
      double norm = Math.sqrt(inner(analytic, analytic));
      if (claim.direction != null) {
        return difference(part, " along a random direction", List.of(), sum, norm,
            t -> inner(some, f(moved(x, t, claim.direction))), 0,
            inner(some, values));
      }
      double[] direction = new double[x.length];
      System.arraycopy(some, 0, direction, part.part.offset, some.length);
      return difference(part, " along a random direction", List.of(), sum, norm, t -> f(moved(x, t, direction))[0], 0,
          values[0]);
    }

    /// @param scale of the derivatives of this kind
    private Finding difference(Findings part, String how, List<Integer> index, double analytic, double scale,
        DoubleUnaryOperator f, double start, double middle) {
      compared++;
      double unit = claim.direction == null
          ? largest(1, Arrays.copyOfRange(x, part.part.offset, part.part.offset + part.part.elements())) : 1;
      // a scale that is no more than rounding makes of zero is zero
      double zero = 64 * precision.rounding() * largest(claim.size, values) / unit;
      double floor = scale <= zero ? zero : precision.floor() * scale;
      return new Differences(f, start, middle, precision,
          new Claimed(claim.what + " of " + part.part.name + how, index, analytic, floor)).compare();
    }
  }
}
