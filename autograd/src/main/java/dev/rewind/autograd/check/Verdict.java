package dev.rewind.autograd.check;

/// What a gradient check found.
///
/// @param passes whether all compared elements agree
/// @param compared how many were compared
/// @param worst the largest difference, in units of what is tolerated
/// @param message the worst element in words
public record Verdict(boolean passes, int compared, double worst, String message) {

  static Verdict passed() {
    return new Verdict(true, 0, 0, "nothing was compared");
  }

  static Verdict passed(String what, int element, double error) {
    return new Verdict(true, 1, error, "worst: " + what + ", element " + element + ", " + error + " of the tolerance");
  }

  static Verdict failed(String message) {
    return new Verdict(false, 0, Double.POSITIVE_INFINITY, message);
  }

  static Verdict failed(String what, int element, double error, String message) {
    return new Verdict(false, 1, error, message);
  }

  /// Both together: the worse one speaks.
  Verdict and(Verdict other) {
    boolean mine = passes == other.passes ? compared > 0 && worst >= other.worst || other.compared == 0 : !passes;
    return new Verdict(passes && other.passes, compared + other.compared, Math.max(worst, other.worst),
        mine ? message : other.message);
  }

  /// Throws an [AssertionError] with the message unless the check passes; returns this.
  public Verdict assertPasses() {
    if (!passes) {
      throw new AssertionError("gradient check failed: " + message);
    }
    return this;
  }
}
