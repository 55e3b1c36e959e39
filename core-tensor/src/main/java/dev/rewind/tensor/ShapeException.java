package dev.rewind.tensor;

/// Thrown when the sizes of tensors do not fit an operation; the message names the operation and the sizes it met.
public final class ShapeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /// An exception with that message.
  public ShapeException(String message) {
    super(message);
  }
}
