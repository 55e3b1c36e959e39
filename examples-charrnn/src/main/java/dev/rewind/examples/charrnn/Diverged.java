package dev.rewind.examples.charrnn;

/// A training whose numbers are no longer finite. What was saved before is untouched.
final class Diverged extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int iteration;

  /// @param iteration counted from 1
  /// @param cause may be null
  Diverged(int iteration, String message, Throwable cause) {
    super(message, cause);
    this.iteration = iteration;
  }

  /// The iteration, counted from 1, that found it.
  int iteration() {
    return iteration;
  }
}
