package dev.rewind.examples.charrnn.model;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// Something that the person at the keyboard can mend. The message is one line that names what is wrong and, if
/// possible, what would be right; the command line shows it without a stack trace.
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// An error with one line of explanation.
  public UserError(String message) {
    super(message);
  }

  /// An error with one line of explanation and its reason.
  public UserError(String message, Throwable cause) {
    super(message, cause);
  }

  /// What went wrong with a file, such as `text.txt: no such file`.
  ///
  /// @param file its name, as the user knows it
  public static UserError of(Object file, IOException cause) {
    return new UserError(file + ": " + reason(cause), cause);
  }

  /// The reason of a failed input or output in words. The messages of a [FileSystemException] are often but the file's
  /// name.
  public static String reason(IOException cause) {
    return switch (cause) {
      case NoSuchFileException _ -> "no such file or directory";
      case AccessDeniedException _ -> "access is denied";
      case NotDirectoryException _ -> "not a directory";
      case FileAlreadyExistsException _ -> "is already there";
      case FileSystemException failed when failed.getReason() != null -> failed.getReason();
      case FileSystemException failed -> failed.getClass().getSimpleName();
      default -> cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    };
  }
}
