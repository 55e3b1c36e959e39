package dev.rewind.tensor;

/// Thrown when an operation meets a dtype it does not take, or two that differ; nothing is converted silently.
public final class DTypeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /// An exception with that message.
  public DTypeException(String message) {
    super(message);
  }
}
