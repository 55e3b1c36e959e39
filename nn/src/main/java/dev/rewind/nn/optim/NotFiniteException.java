package dev.rewind.nn.optim;

/// A step that an optimizer refused, for a gradient with a NaN or an infinity, or so large that what is computed of it
/// overflows. Nothing was changed.
public final class NotFiniteException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /// A refusal that names the parameter.
  public NotFiniteException(String message) {
    super(message);
  }
}
