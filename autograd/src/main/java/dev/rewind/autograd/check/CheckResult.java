package dev.rewind.autograd.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a gradient check found. With AssertJ: `assertThat(check.run()).satisfies(CheckResult::assertPasses)`, or, for a
/// check that ought to fail, `assertThat(check.run()).returns(false, CheckResult::passes)`.
///
/// @param passes whether all compared elements agree, and nothing else was wrong
/// @param compared how many elements were compared
/// @param worst the element with the largest error in relation to what is tolerated; empty if none was compared
/// @param reason why it fails, in words; empty if it passes
/// @param warnings what limits the worth of the check, such as FLOAT32
public record CheckResult(
    boolean passes, int compared, Optional<Comparison> worst, String reason, List<String> warnings) {

  /// One element.
  ///
  /// @param what which derivative, and of what: `gradient of input 0`
  /// @param index of the element
  /// @param analytic what the tape computed
  /// @param numerical what differences gave
  /// @param tolerated the largest difference that passes
  public record Comparison(String what, List<Integer> index, double analytic, double numerical, double tolerated) {
    /// The difference in relation to the larger of both values.
    public double relativeError() {
      double scale = Math.max(Math.abs(analytic), Math.abs(numerical));
      return scale == 0 ? 0 : Math.abs(analytic - numerical) / scale;
    }

    /// The difference in units of what is tolerated; infinite for NaN.
    double severity() {
      double error = Math.abs(analytic - numerical) / tolerated;
      return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%s at %s: analytic %s, numerical %s, relative error %.2e",
          what, index, analytic, numerical, relativeError());
    }
  }

  static CheckResult passed() {
    return new CheckResult(true, 0, Optional.empty(), "", List.of());
  }

  static CheckResult failed(String reason) {
    return new CheckResult(false, 0, Optional.empty(), reason, List.of());
  }

  static CheckResult of(Comparison comparison) {
    return new CheckResult(true, 1, Optional.of(comparison), "", List.of());
  }

  /// That of a comparison that fails.
  static CheckResult failed(Comparison comparison, String remark) {
    return new CheckResult(false, 1, Optional.of(comparison), comparison + remark, List.of());
  }

  CheckResult withWarning(String warning) {
    List<String> more = new ArrayList<>(warnings);
    more.add(warning);
    return new CheckResult(passes, compared, worst, reason, List.copyOf(more));
  }

  CheckResult because(String other) {
    return new CheckResult(passes, compared, worst, other, warnings);
  }

  /// Both together: the worst of all elements, and the reason of the worse failure.
  CheckResult and(CheckResult other) {
    boolean theirs = severity() < other.severity() || worst.isEmpty();
    List<String> all = new ArrayList<>(warnings);
    other.warnings.stream().filter(warning -> !all.contains(warning)).forEach(all::add);
    String first = theirs && !other.passes || passes ? other.reason : reason;
    return new CheckResult(
        passes && other.passes, compared + other.compared, theirs ? other.worst : worst, first, List.copyOf(all));
  }

  private double severity() {
    return worst.map(Comparison::severity).orElse(-1.0);
  }

  /// The finding in words: the reason of a failure, else the worst element; then the warnings.
  public String message() {
    String finding = passes ? worst.map(w -> compared + " elements agree; worst: " + w).orElse("nothing was compared")
        : reason;
    return warnings.isEmpty() ? finding : finding + " (" + String.join("; ", warnings) + ")";
  }

  /// Throws an [AssertionError] with the message unless the check passes; returns this.
  public CheckResult assertPasses() {
    if (!passes) {
      throw new AssertionError("gradient check failed: " + message());
    }
    return this;
  }

  @Override
  public String toString() {
    return (passes ? "passes: " : "fails: ") + message();
  }
}
