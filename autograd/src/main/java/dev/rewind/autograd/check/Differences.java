package dev.rewind.autograd.check;

import dev.rewind.autograd.check.CheckResult.Comparison;
import dev.rewind.autograd.check.CheckResult.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// What differences of a function of one number say of its analytic derivative at a point: that it is right, that it is
/// wrong, or that they cannot tell.
///
/// Where the function is smooth over the step, two central differences and Richardson's extrapolation settle it. Where
/// these disagree with the analytic value, show a kink, or leave the domain, the step is halved again and again.
/// Differences to the left and to the right are extrapolated with estimates of their errors (Ridders 1982, "Accurate
/// computation of F'(x) and F'(x) F''(x)"; Press et al., "Numerical Recipes", section 5.7) by tables of three columns,
/// so that steps across a kink drop out. The first step at which both sides agree decides. If none comes before
/// rounding takes over, the point itself is a kink, a jump or an end of the domain, and the last derivatives from both
/// sides decide.
///
/// An analytic value is right if it is as near to the numerical one as is tolerated and the estimated error together.
/// It is wrong only if it is further off than what is tolerated and several times that error, which is an estimate
/// and not a bound.
final class Differences {
  /// How the differences are made, and what is tolerated.
  ///
  /// @param step the first, in units of the larger of 1 and the point
  /// @param relative what is tolerated of the larger of both values
  /// @param floor what is tolerated of the largest gradient of the same tensor
  /// @param rounding the relative error of a value of the function
  /// @param single whether the function rounds its argument to FLOAT32
  record Precision(double step, double relative, double floor, double rounding, boolean single) {
    static final Precision FLOAT64 = new Precision(1e-3, 1e-6, 1e-10, 0x1p-52, false);
    static final Precision FLOAT32 = new Precision(3e-2, 1e-3, 1e-5, 0x1p-23, true);
  }

  /// A derivative that is claimed.
  ///
  /// @param floor what is tolerated whatever its value
  record Claimed(String what, List<Integer> index, double analytic, double floor) {}

  /// @param verdict on the analytic value
  /// @param passes whether it is right, or may be and is confirmed as far as differences can
  /// @param comparison with the numerical one, of several the one nearest to the analytic value
  /// @param remark what is special about the point; may be empty
  record Finding(Verdict verdict, boolean passes, Comparison comparison, String remark) {
    /// The same where a value that is not contradicted is not confirmed either.
    Finding inDoubt(String why) {
      return new Finding(passes ? Verdict.UNDECIDABLE : verdict, passes, comparison, why);
    }

    /// The same where nothing can be told.
    Finding undecided(String why) {
      return new Finding(Verdict.UNDECIDABLE, false, comparison, why);
    }
  }

  private static final int FINEST = 34; // halvings of the first step, and more where the point is small
  private static final int WIDEST = 5; // doublings of it, where rounding needs them
  private static final double SETTLED = 10; // the largest estimated error that decides, in units of what is tolerated
  private static final double ZERO = 1e-8; // the error of a derivative of zero that decides, of the function's size
  private static final double SAFETY = 4; // how many times the estimated error proves a value wrong

  private final DoubleUnaryOperator f;
  private final double x;
  private final double middle; // f(x)
  private final Precision precision;
  private final Claimed claimed;
  private final double analytic;
  private double size; // of the function's values near by, for each unit of the point
  private double noise; // the deviation of that in the function's values, once it is measured
  private double change; // the largest difference of the function's values near by

  /// @param middle the value of the function at `x`
  Differences(DoubleUnaryOperator f, double x, double middle, Precision precision, Claimed claimed) {
    this.f = f;
    this.x = x;
    this.middle = middle;
    this.precision = precision;
    this.claimed = claimed;
    this.analytic = claimed.analytic;
  }

  /// Values at both sides of the point.
  private record Around(double left, double right, double width) {
    double quotient() {
      return (right - left) / width;
    }

    double bend(double middle) {
      return Math.abs(right - 2 * middle + left);
    }
  }

  private Around around(double h) {
    double right = rounded(x + h);
    double left = rounded(x - h);
    return new Around(f.applyAsDouble(left), f.applyAsDouble(right), right - left);
  }

  /// Where the argument comes to lie.
  private double rounded(double at) {
    return precision.single ? (float) at : at;
  }

  Finding compare() {
    double h = precision.step * Math.max(1, Math.abs(x));
    Around wide = around(h);
    Around narrow = around(h / 2);
    // The derivatives from the left and from the right approach one another with the step, unless there is a kink.
    double rounding = rounding(Math.max(Math.abs(wide.right), Math.abs(wide.left)), h);
    double jump = narrow.bend(middle) / (h / 2);
    boolean kink = jump > 0.75 * wide.bend(middle) / h && jump > 1e-4 * Math.abs(narrow.quotient()) + 100 * rounding;
    size = largest(Math.abs(middle), wide.right, wide.left, narrow.right, narrow.left) / Math.max(1, Math.abs(x));
    change = largest(4 * precision.rounding * Math.abs(middle), wide.right - middle, wide.left - middle,
        narrow.right - middle, narrow.left - middle);
    Estimate estimate = new Estimate((4 * narrow.quotient() - wide.quotient()) / 3, rounding);
    Finding first = finding(estimate);
    boolean proves = first.passes && isSettled(estimate) && !kink && !isTooCoarse(h);
    return proves || !Double.isFinite(analytic) ? first : refined(h);
  }

  private static double largest(double least, double... values) {
    return Arrays.stream(values).map(Math::abs).filter(Double::isFinite).reduce(least, Math::max);
  }

  private double tolerated(double numerical) {
    return precision.relative * larger(numerical) + claimed.floor;
  }

  /// The larger of both values, or the analytic one if the other is not finite.
  private double larger(double numerical) {
    return Double.isFinite(numerical) ? Math.max(Math.abs(analytic), Math.abs(numerical)) : Math.abs(analytic);
  }

  private Finding finding(Estimate numerical) {
    double tolerated = tolerated(numerical.value);
    double off = Math.abs(analytic - numerical.value);
    boolean finite = Double.isFinite(analytic);
    Verdict verdict = finite && off <= tolerated + numerical.error ? Verdict.RIGHT
        : !Double.isFinite(numerical.value) || finite && off <= tolerated + SAFETY * numerical.error
            ? Verdict.UNDECIDABLE
            : Verdict.WRONG;
    return new Finding(verdict, verdict == Verdict.RIGHT, new Comparison(claimed.what, claimed.index, analytic,
        numerical.value, numerical.error, tolerated + numerical.error),
        verdict == Verdict.UNDECIDABLE ? onlyTo(numerical) : "");
  }

  private static String onlyTo(Estimate numerical) {
    return "differences give the derivative only to " + (float) numerical.error;
  }

  // ---- smaller steps ------------------------------------------------------------------------------------------------

  /// A derivative and how far off it may be.
  private record Estimate(double value, double error) {
    static final Estimate NONE = new Estimate(Double.NaN, Double.POSITIVE_INFINITY);

    boolean agreesWith(Estimate other, double tolerated) {
      return Math.abs(value - other.value) <= tolerated + error + other.error;
    }
  }

  /// The last row of a table of extrapolations, whose columns cancel one power of the step after another.
  private static final class Table {
    private double[] row = {};

    /// The best extrapolation from the quotients so far, with an infinite error if there is none.
    Estimate add(double quotient, double rounding) {
      Estimate best = new Estimate(quotient, Double.POSITIVE_INFINITY);
      double[] next = new double[Double.isFinite(quotient) ? Math.min(row.length + 1, 3) : 0];
      for (int column = 0; column < next.length; column++) {
        next[column] = quotient;
        if (column > 0) {
          double power = 1 << column; // of a step that was halved
          next[column] = (power * next[column - 1] - row[column - 1]) / (power - 1);
          double error = rounding + Math.max(
              Math.abs(next[column] - next[column - 1]), Math.abs(next[column] - row[column - 1]));
          best = error <= best.error ? new Estimate(next[column], error) : best;
        }
      }
      row = next;
      return best;
    }
  }

  /// Differences towards one side: from the point, and between points of the side alone, as the point's value may stand
  /// apart.
  private final class Side {
    private final Table fromPoint = new Table();
    private final Table beyond = new Table();
    private double at;
    private double value = Double.NaN;
    private Estimate now; // from the point
    private Estimate settled; // at the smallest step so far whose error is small; null if none is

    /// Moves to a new distance, to the right if positive, and gives the size of a rounding error of quotients there.
    double move(double distance) {
      double before = at;
      double valueBefore = value;
      at = rounded(x + distance);
      value = f.applyAsDouble(at);
      double rounding = rounding(Double.isFinite(value) ? Math.max(Math.abs(value), Math.abs(middle)) : middle,
          distance);
      now = fromPoint.add((value - middle) / (at - x), rounding);
      Estimate apart = beyond.add((valueBefore - value) / (before - at), rounding);
      settled = isSettled(now) ? now : isSettled(apart) ? apart : settled;
      return rounding;
    }

    /// Whether there are values and no derivative.
    boolean isLost() {
      return settled == null && Double.isFinite(value);
    }

    @Override
    public String toString() {
      return settled != null ? Double.toString(settled.value) : "undefined";
    }
  }

  private boolean isSettled(Estimate estimate) {
    return estimate.error <= SETTLED * tolerated(estimate.value) || isZero(estimate);
  }

  /// Whether a step proves nothing: were the claim right, the function would change by more over it, or what is
  /// tolerated would let a change as large as its values pass.
  private boolean isTooCoarse(double h) {
    return Math.abs(analytic) * h > 4 * change
        || size > 0 && claimed.floor * h > 1e-3 * size * Math.max(1, Math.abs(x));
  }

  /// Whether the derivative is claimed to be zero, and known as well as differences of this function allow.
  private boolean isZero(Estimate estimate) {
    return Math.abs(analytic) <= claimed.floor && estimate.error <= ZERO * size;
  }

  /// What rounding, or noise if that is larger, may do to a quotient.
  private double rounding(double value, double distance) {
    return 4 * Math.max(precision.rounding * Math.abs(value), noise) / Math.abs(distance);
  }

  /// The deviation of noise in the function's values, from differences of high order of values close together, to which
  /// a smooth function contributes nothing (Moré and Wild 2011, "Estimating computational noise"); 0 if these do not
  /// look like noise.
  private double noise() {
    double[] t = new double[14];
    double apart = Math.scalb(x == 0 ? 1 : Math.abs(x), precision.single ? -20 : -34);
    for (int side = 1; side >= -1; side -= 2) {
      for (int i = 0; i < t.length; i++) {
        t[i] = f.applyAsDouble(rounded(x + side * (i + 1) * apart));
      }
      if (Arrays.stream(t).allMatch(Double::isFinite)) {
        break;
      }
    }
    double unit = Math.max(largest(0, t), Double.MIN_NORMAL); // so that squares neither overflow nor vanish
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    double variance = 1; // of noise, for each of a difference's
    for (int order = 1; order <= 6; order++) {
      double squares = 0;
      for (int i = 0; i < t.length - order; i++) {
        t[i] = t[i + 1] - t[i];
        squares += t[i] / unit * (t[i] / unit);
      }
      variance *= order / (4.0 * order - 2);
      double deviation = Math.sqrt(variance * squares / (t.length - order));
      least = order < 4 ? least : Math.min(least, deviation);
      most = order < 4 ? most : Math.max(most, deviation);
    }
    return most <= 4 * least ? most * unit : 0;
  }

  private Finding refined(double first) {
    noise = noise();
    Side left = new Side();
    Side right = new Side();
    double h = Math.scalb(1.0, Math.getExponent(first)); // a power of two, which is added without rounding
    for (int k = 0; k < WIDEST && rounding(middle, h) > tolerated(analytic); k++) {
      h *= 2;
    }
    double coarsest = rounding(middle, h);
    Estimate best = Estimate.NONE;
    int finest = x == 0 ? FINEST : FINEST + Math.max(0, -Math.getExponent(x));
    for (int k = 0; k < finest; k++, h /= 2) {
      double rounding = Math.max(left.move(-h), right.move(h));
      Estimate both = new Estimate(
          (left.now.value + right.now.value) / 2, Math.max(left.now.error, right.now.error));
      best = isTooCoarse(h) ? Estimate.NONE
          : both.error < best.error && left.now.agreesWith(right.now, tolerated(both.value)) ? both : best;
      Finding finding = finding(best);
      if ((best.error <= tolerated(best.value) || isZero(best)) && finding.verdict != Verdict.UNDECIDABLE) {
        return finding;
      }
      if (rounding > best.error && rounding > SETTLED * tolerated(both.value)) {
        break;
      }
    }
    if (isSettled(best)) {
      return finding(best);
    }
    return left.isLost() || right.isLost() || left.settled == null && right.settled == null
        ? uncertain(best, coarsest) : atKink(left, right);
  }

  /// Where the derivatives from both sides differ, any value between them passes: it is one of the generalised
  /// gradient.
  private Finding atKink(Side left, Side right) {
    Estimate a = left.settled == null ? right.settled : left.settled;
    Estimate b = right.settled == null ? left.settled : right.settled;
    if (a != b && a.agreesWith(b, tolerated(a.value))) {
      return finding(new Estimate((a.value + b.value) / 2, Math.max(a.error, b.error)));
    }
    double nearest = Math.clamp(analytic, Math.min(a.value, b.value), Math.max(a.value, b.value));
    return finding(new Estimate(nearest, Math.max(a.error, b.error))).inDoubt(
        "the function has a kink, a jump or an end there: its derivative from the left is " + left + ", from the right "
            + right);
  }

  /// Where nothing settles, rounding may be the reason.
  private Finding uncertain(Estimate best, double rounding) {
    return best.error <= Math.max(1e-2 * larger(best.value), 100 * rounding)
        ? finding(best).inDoubt(onlyTo(best) + ", as the function is rounded too coarsely")
        : finding(best).undecided(onlyTo(best) + ": they do not converge as the step gets smaller");
  }
}
