package dev.rewind.nn.io;

import java.io.IOException;

/// A file that is not what it should be; the message names the file, the place, and what was expected.
public final class TensorFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /// A fault in words.
  public TensorFileException(String message) {
    super(message);
  }
}
