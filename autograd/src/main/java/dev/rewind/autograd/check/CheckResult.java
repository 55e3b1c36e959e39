package dev.rewind.autograd.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// What a gradient check found. With AssertJ: `assertThat(check.run()).satisfies(CheckResult::assertPasses)`, or, for a
/// check that ought to fail, `assertThat(check.run()).returns(Verdict.WRONG, CheckResult::verdict)`.
///
/// @param verdict the worst of all elements
/// @param passes whether it is right, or undecidable at some elements only, where it is confirmed as far as differences
///     can: between the derivatives from both sides of a kink, or within the error that rounding leaves
/// @param compared how many elements and random projections were compared
/// @param worst the element with the largest error in relation to what is tolerated; empty if none was compared
/// @param reason why it does not pass, in words; empty if it passes
/// @param hint which mistake makes such a gradient, in words; empty if none is known
/// @param warnings what limits the worth of the check, such as FLOAT32
/// @param rows what was found for each input and parameter
/// @param seed of the random numbers in the check
public record CheckResult(
    Verdict verdict, boolean passes, int compared, Optional<Comparison> worst, String reason, String hint,
    List<String> warnings, List<Row> rows, long seed) {

  /// What differences say of a gradient, from the best to the worst.
  public enum Verdict {
    /// It is what differences give, as near as is tolerated.
    RIGHT,
    /// Differences cannot tell, for a reason that is given: a kink, rounding, a function that is not deterministic.
    UNDECIDABLE,
    /// It is further off than what is tolerated and several times the error of the differences.
    WRONG
  }

  /// One element.
  ///
  /// @param what which derivative, and of what: `gradient of input 0`
  /// @param index of the element; empty for a scalar and for a random projection
  /// @param analytic what the tape computed, or a function that claims to be the gradient
  /// @param numerical what differences gave
  /// @param error how far off the numerical value may be, by estimate
  /// @param tolerated the largest difference that passes
  public record Comparison(
      String what, List<Integer> index, double analytic, double numerical, double error, double tolerated) {
    /// The difference in relation to the larger of both values.
    public double relativeError() {
      double scale = Math.max(Math.abs(analytic), Math.abs(numerical));
      return scale == 0 ? 0 : Math.abs(analytic - numerical) / scale;
    }

    /// The difference in units of the estimated error of the numerical value.
    public double timesNumericalError() {
      return Math.abs(analytic - numerical) / error;
    }

    /// The difference in units of what is tolerated; infinite for NaN.
    double severity() {
      double off = Math.abs(analytic - numerical) / tolerated;
      return Double.isNaN(off) ? tolerated == 0 && analytic == numerical ? 0 : Double.POSITIVE_INFINITY : off;
    }

    private String where() {
      return index.isEmpty() ? what : what + " at " + index;
    }

    @Override
    public String toString() {
      String off = timesNumericalError() > 1
          ? String.format(Locale.ROOT, ", %.2g times the numerical error", timesNumericalError()) : "";
      return String.format(Locale.ROOT, "%s: analytic %s, numerical %s, relative error %.2e%s",
          where(), analytic, numerical, relativeError(), off);
    }
  }

  /// What was found for one input or parameter.
  ///
  /// @param what which derivative, and of what
  /// @param shape of the input or parameter
  /// @param compared how many elements and random projections were
  /// @param wrong how many of these are wrong
  /// @param undecidable how many could not be told
  /// @param worst the one with the largest error; empty if none was compared
  public record Row(
      String what, List<Integer> shape, int compared, int wrong, int undecidable, Optional<Comparison> worst) {}

  static CheckResult passed(long seed, String... warnings) {
    return new CheckResult(
        Verdict.RIGHT, true, 0, Optional.empty(), "", "", List.of(warnings), List.of(), seed);
  }

  /// A check that compared nothing, as something that it relies on does not hold.
  public static CheckResult failed(Verdict verdict, String reason) {
    return new CheckResult(verdict, false, 0, Optional.empty(), reason, "", List.of(), List.of(), 0);
  }

  static CheckResult of(Differences.Finding finding) {
    Comparison at = finding.comparison();
    String remark = finding.remark().isEmpty() ? "" : "; " + finding.remark();
    return new CheckResult(finding.verdict(), finding.passes(), 1, Optional.of(at),
        finding.passes() ? "" : at + remark, "",
        finding.passes() && !remark.isEmpty() ? List.of(at.where() + ": " + finding.remark()) : List.of(), List.of(),
        0);
  }

  CheckResult because(String otherReason, String otherHint) {
    return new CheckResult(verdict, passes, compared, worst, otherReason, otherHint, warnings, rows, seed);
  }

  CheckResult undecided(String why) {
    return new CheckResult(Verdict.UNDECIDABLE, false, compared, worst, why, "", warnings, rows, seed);
  }

  CheckResult withRow(Row row) {
    return new CheckResult(verdict, passes, compared, worst, reason, hint, warnings, List.of(row), seed);
  }

  /// Both together: the worst of all elements, and the reason of the worse failure.
  CheckResult and(CheckResult other) {
    boolean theirs = severity() < other.severity() || worst.isEmpty();
    List<String> all = new ArrayList<>(warnings);
    other.warnings.stream().filter(warning -> !all.contains(warning)).forEach(all::add);
    int order = verdict.compareTo(other.verdict);
    boolean theirReason = passes || !other.passes && (order < 0 || order == 0 && theirs);
    return new CheckResult(
        order < 0 ? other.verdict : verdict, passes && other.passes, compared + other.compared,
        theirs ? other.worst : worst, theirReason ? other.reason : reason, hint.isEmpty() ? other.hint : hint,
        List.copyOf(all), Stream.concat(rows.stream(), other.rows.stream()).toList(), seed);
  }

  private double severity() {
    return worst.map(Comparison::severity).orElse(-1.0);
  }

  /// The finding in words: the reason of a failure with a hint, else the worst element; then the warnings.
  public String message() {
    String finding = passes ? worst.map(w -> compared + " elements agree; worst: " + w).orElse("nothing was compared")
        : hint.isEmpty() ? reason : reason + "; hint: " + hint;
    return warnings.isEmpty() ? finding : finding + " (" + String.join("; ", warnings) + ")";
  }

  /// A line for each input and parameter: how many elements were compared, are wrong, are undecidable, and the worst
  /// relative error.
  public String table() {
    int width = rows.stream().mapToInt(row -> label(row).length()).max().orElse(0);
    StringBuilder text = new StringBuilder(
        String.format(Locale.ROOT, "%-" + (width + 1) + "s %8s %6s %11s  %s%n", "", "compared", "wrong", "undecidable",
            "worst relative error"));
    for (Row row : rows) {
      text.append(String.format(Locale.ROOT, "%-" + (width + 1) + "s %8d %6d %11d  %s%n", label(row), row.compared,
          row.wrong, row.undecidable, row.worst.map(worst -> String.format(Locale.ROOT, "%.2e", worst.relativeError())
              + (worst.index.isEmpty() ? "" : " at " + worst.index)).orElse("")));
    }
    return text.toString();
  }

  private static String label(Row row) {
    return row.what + " " + row.shape;
  }

  /// Throws an [AssertionError] with the message, the table and the seed unless the check passes; returns this.
  public CheckResult assertPasses() {
    if (!passes) {
      throw new AssertionError(
          "gradient check failed: " + message() + (rows.isEmpty() ? "" : "\n" + table() + "seed " + seed));
    }
    return this;
  }

  @Override
  public String toString() {
    return (passes ? "passes: " : "fails: ") + message();
  }
}
