package dev.rewind.testing;

import dev.rewind.autograd.check.CheckResult;
import dev.rewind.autograd.check.CheckResult.Verdict;
import org.assertj.core.api.AbstractAssert;

/// Assertions on what a gradient check found. A failure shows the worst element, a hint, a table of the parameters and
/// the seed.
public final class CheckResultAssert extends AbstractAssert<CheckResultAssert, CheckResult> {
  CheckResultAssert(CheckResult actual) {
    super(actual, CheckResultAssert.class);
  }

  /// That the check passes: right, or as far as differences can tell at a kink and where rounding hides a derivative.
  public CheckResultAssert isCorrect() {
    isNotNull();
    return actual.passes() ? this : failed("expected a correct gradient");
  }

  /// That every element that was compared is right, without a kink and without a warning.
  public CheckResultAssert isCorrectEverywhere() {
    isNotNull();
    return actual.passes() && actual.verdict() == Verdict.RIGHT && actual.warnings().isEmpty() ? this
        : failed("expected a correct gradient without warnings");
  }

  /// That the gradient is wrong: for tests of checks.
  public CheckResultAssert isWrong() {
    return hasVerdict(Verdict.WRONG);
  }

  /// That the check has this verdict.
  public CheckResultAssert hasVerdict(Verdict verdict) {
    isNotNull();
    return actual.verdict() == verdict ? this : failed("expected the verdict " + verdict);
  }

  /// That the hint which mistake it may be has this text in it.
  public CheckResultAssert hasHint(String text) {
    isNotNull();
    return actual.hint().contains(text) ? this : failed("expected the hint '" + text + "'");
  }

  private CheckResultAssert failed(String expectation) {
    failWithMessage("%s", expectation + ": " + actual.verdict() + ", " + actual.message() + "\n" + actual.table()
        + "seed " + actual.seed());
    return this;
  }
}
