package dev.rewind.autograd;

/// A NaN or an infinity, found by a tape in anomaly mode; the message names the operation and the line.
public final class AnomalyException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  AnomalyException(String message) {
    super(message);
  }
}
