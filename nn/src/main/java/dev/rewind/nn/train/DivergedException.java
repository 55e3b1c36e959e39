package dev.rewind.nn.train;

/// Thrown when the numbers of a training are no longer finite, or are useless. What was saved before is untouched.
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// Counted from 1.
  private final int iteration;

  /// A training that has diverged.
  ///
  /// @param iteration counted from 1
  /// @param message what was found
  /// @param cause may be null
  public DivergedException(int iteration, String message, Throwable cause) {
    super(message, cause);
    this.iteration = iteration;
  }

  /// The iteration at which this was found, counted from 1.
  public int iteration() {
    return iteration;
  }
}
