package dev.rewind.nn.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Replaces files as a whole: the new content goes to a temporary file beside the target, is forced to disk, and takes
/// the target's name. Whatever happens, the target is either the old file or the new one.
public final class AtomicFile {
  private AtomicFile() {}

  /// Writes the content.
  @FunctionalInterface
  public interface Writer {
    /// Writes everything to the channel.
    void write(FileChannel channel) throws IOException;
  }

  /// Replaces `target`, or creates it.
  ///
  /// @throws FileSystemException naming the folder, if there is none to put it in
  public static void write(Path target, Writer writer) throws IOException {
    Path absolute = target.toAbsolutePath();
    if (!Files.isDirectory(absolute.getParent())) {
      throw new FileSystemException(target.toString(), null, "there is no folder " + absolute.getParent());
    }
    Path temporary = absolute.resolveSibling("." + absolute.getFileName() + ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
          StandardOpenOption.TRUNCATE_EXISTING)) {
        writer.write(channel);
        channel.force(true);
      }
      Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
