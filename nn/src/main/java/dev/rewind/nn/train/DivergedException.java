package dev.rewind.nn.train;

/// A training whose numbers are no longer finite, or of no use. What was saved before is untouched.
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Counted from 1.
  private final int iteration;

  /// A training that was found to have diverged.
  ///
  /// @param iteration counted from 1
  /// @param message what was found
  /// @param cause may be null
  public DivergedException(int iteration, String message, Throwable cause) {
    super(message, cause);
    this.iteration = iteration;
  }

  /// The iteration, counted from 1, that found it.
  public int iteration() {
    return iteration;
  }
}
