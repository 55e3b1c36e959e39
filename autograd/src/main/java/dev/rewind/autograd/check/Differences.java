package dev.rewind.autograd.check;

import java.util.function.DoubleUnaryOperator;

/// What differences of a function of one number say of its analytic derivative at a point.
///
/// Where the function is smooth over the step, two central differences and Richardson's extrapolation settle it. Where
/// these disagree with the analytic value, show a kink, or leave the domain, the step is halved again and again.
/// Differences to the left and to the right are extrapolated with estimates of their errors (Ridders 1982, "Accurate
/// computation of F'(x) and F'(x) F''(x)"; Press et al., "Numerical Recipes", section 5.7) by tables of three columns,
/// so that steps across a kink drop out. The first step at which both sides agree decides. If none comes before
/// rounding takes over, the point itself is a kink, a jump or an end of the domain, and the last derivatives from both
/// sides decide.
final class Differences {
  /// How the differences are made, and what is tolerated.
  ///
  /// @param step the first, in units of the larger of 1 and the point
  /// @param relative what is tolerated of the larger of both values
  /// @param absolute what is tolerated in addition
  /// @param rounding the relative error of a value of the function
  record Precision(double step, double relative, double absolute, double rounding) {}

  /// @param agrees whether the analytic value is a derivative of the function
  /// @param numerical the derivative by differences, of several the one nearest to the analytic value
  /// @param tolerated the largest difference of both that passes
  /// @param remark what is special about the point; may be empty
  record Finding(boolean agrees, double numerical, double tolerated, String remark) {}

  private static final int FINEST = 34; // halvings of the first step
  private static final int WIDEST = 5; // doublings of it, where rounding needs them
  private static final double SETTLED = 10; // the largest estimated error that decides, in units of what is tolerated

  private final DoubleUnaryOperator f;
  private final double x;
  private final double middle; // f(x)
  private final Precision precision;
  private final double analytic;

  private Differences(DoubleUnaryOperator f, double x, double middle, Precision precision, double analytic) {
    this.f = f;
    this.x = x;
    this.middle = middle;
    this.precision = precision;
    this.analytic = analytic;
  }

  static Finding compare(DoubleUnaryOperator f, double x, double middle, Precision precision, double analytic) {
    return new Differences(f, x, middle, precision, analytic).compare();
  }

  private Finding compare() {
    double h = precision.step * Math.max(1, Math.abs(x));
    double[] up = new double[2];
    double[] down = new double[2];
    for (int k = 0; k < 2; k++) {
      up[k] = f.applyAsDouble(x + h / (k + 1));
      down[k] = f.applyAsDouble(x - h / (k + 1));
    }
    double wide = (up[0] - down[0]) / (2 * h);
    double narrow = (up[1] - down[1]) / h;
    // The derivatives from the left and from the right approach one another with the step, unless there is a kink.
    double jump = Math.abs(up[1] - 2 * middle + down[1]) / (h / 2);
    boolean kink = jump > 0.75 * Math.abs(up[0] - 2 * middle + down[0]) / h && jump > 1e-4 * (1 + Math.abs(narrow));
    Finding first = finding(new Estimate((4 * narrow - wide) / 3, 0), "");
    return first.agrees && !kink || !Double.isFinite(analytic) ? first : refined(h);
  }

  private double tolerated(double numerical) {
    return precision.relative * larger(numerical) + precision.absolute;
  }

  /// The larger of both values, or the analytic one if the other is not finite.
  private double larger(double numerical) {
    return Double.isFinite(numerical) ? Math.max(Math.abs(analytic), Math.abs(numerical)) : Math.abs(analytic);
  }

  private Finding finding(Estimate numerical, String remark) {
    double tolerated = tolerated(numerical.value) + numerical.error;
    boolean finite = Double.isFinite(numerical.value) && Double.isFinite(analytic);
    return new Finding(
        finite && Math.abs(analytic - numerical.value) <= tolerated, numerical.value, tolerated, remark);
  }

  // ---- smaller steps ------------------------------------------------------------------------------------------------

  /// A derivative and how far off it may be.
  private record Estimate(double value, double error) {
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
      at = x + distance;
      value = f.applyAsDouble(at);
      double rounding = rounding(Double.isFinite(value) ? Math.max(Math.abs(value), Math.abs(middle)) : middle,
          distance);
      now = fromPoint.add((value - middle) / (at - x), rounding);
      Estimate apart = beyond.add((valueBefore - value) / (before - at), rounding);
      settled = isSettled(now) ? now : isSettled(apart) ? apart : settled;
      return rounding;
    }

    @Override
    public String toString() {
      return settled != null ? Double.toString(settled.value) : Double.isFinite(value) ? "none found" : "undefined";
    }
  }

  private boolean isSettled(Estimate estimate) {
    return estimate.error <= SETTLED * tolerated(estimate.value);
  }

  private double rounding(double value, double distance) {
    return 4 * precision.rounding * Math.abs(value) / Math.abs(distance);
  }

  private Finding refined(double first) {
    Side left = new Side();
    Side right = new Side();
    double h = Math.scalb(1, Math.getExponent(first)); // a power of two, which is added without rounding
    for (int k = 0; k < WIDEST && rounding(middle, h) > tolerated(analytic); k++) {
      h *= 2;
    }
    double coarsest = rounding(middle, h);
    Estimate best = new Estimate(Double.NaN, Double.POSITIVE_INFINITY);
    for (int k = 0; k < FINEST; k++, h /= 2) {
      double rounding = Math.max(left.move(-h), right.move(h));
      Estimate both = new Estimate(
          (left.now.value + right.now.value) / 2, Math.max(left.now.error, right.now.error));
      best = both.error < best.error && left.now.agreesWith(right.now, tolerated(both.value)) ? both : best;
      if (best.error <= tolerated(best.value)) {
        return finding(best, "");
      }
      if (rounding > best.error && rounding > SETTLED * tolerated(both.value)) {
        break;
      }
    }
    if (isSettled(best)) {
      return finding(best, "");
    }
    return left.settled == null && right.settled == null ? uncertain(best, coarsest) : atKink(left, right);
  }

  /// Where the derivatives from both sides differ, any value between them passes: it is one of the generalised
  /// gradient.
  private Finding atKink(Side left, Side right) {
    Estimate a = left.settled == null ? right.settled : left.settled;
    Estimate b = right.settled == null ? left.settled : right.settled;
    double nearest = Math.clamp(analytic, Math.min(a.value, b.value), Math.max(a.value, b.value));
    return finding(new Estimate(nearest, Math.max(a.error, b.error)),
        "the function has a kink, a jump or an end there: its derivative from the left is " + left + ", from the right "
            + right);
  }

  /// Where nothing settles, rounding may be the reason.
  private Finding uncertain(Estimate best, double rounding) {
    String remark = "differences give the derivative only to " + best.error;
    if (best.error <= Math.max(1e-2 * larger(best.value), 100 * rounding)) {
      return finding(best, remark + ", as the function is rounded too coarsely");
    }
    return finding(new Estimate(best.value, 0), remark + ": they do not converge as the step gets smaller");
  }
}
