package dev.rewind.nn.train;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// The metrics of a training as comma-separated values: a row for each [#append], on disk as soon as that returns. The
/// first column is the iteration. While it is open, no other training can open it.
public final class MetricsFile implements AutoCloseable {
  private final Path path;
  private final RandomAccessFile file; // which, other than a channel, an interrupt does not close

  private MetricsFile(Path path, RandomAccessFile file) {
    this.path = path;
    this.file = file;
  }

  /// The file of a training that has done this many iterations. Rows of later iterations are dropped, since the
  /// training will write them again. If there is no file, one with just a header is created. Its folder must exist.
  ///
  /// @throws IOException if it cannot be read or written, is not a file of these columns, or belongs to a training that
  ///     is still running
  public static MetricsFile resume(Path path, List<String> columns, int iteration) throws IOException {
    // For its exceptions, which say more than those of the other.
    FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE).close();
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    try {
      MetricsFile opened = new MetricsFile(path, file);
      opened.lock();
      opened.keep(String.join(",", columns), iteration);
      return opened;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /// Keeps other trainings away for as long as the file is open, where the file system can.
  private void lock() throws IOException {
    boolean free;
    try {
      free = file.getChannel().tryLock() != null;
    } catch (OverlappingFileLockException e) {
      free = false;
    } catch (IOException e) {
      free = true; // without a lock
    }
    if (!free) {
      throw fault("another training is writing to it; wait for that, or choose another folder", null);
    }
  }

  /// Drops what comes after the header and the rows of iterations up to `last`. What follows the last line end is
  /// nothing, or a row that was being written when the machine stopped.
  private void keep(String header, int last) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(file.length())];
    file.readFully(bytes);
    String content = new String(bytes, StandardCharsets.ISO_8859_1); // a character for each byte
    String begins = new String(header.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    if (begins.startsWith(content)) {
      file.setLength(0);
      write(header);
      return;
    }
    if (!content.lines().findFirst().orElse("").equals(begins)) {
      throw fault("does not begin with '" + header + "'; resume with the same metrics, or choose another folder", null);
    }
    int end = content.indexOf('\n') + 1;
    int number = 1;
    for (int next; (next = content.indexOf('\n', end) + 1) > 0; end = next) {
      if (iteration(++number, content.substring(end, next).strip()) > last) {
        break;
      }
    }
    file.setLength(end);
    file.seek(end);
  }

  private int iteration(int number, String line) throws IOException {
    try {
      return Integer.parseInt(line.substring(0, Math.max(line.indexOf(','), 0)));
    } catch (NumberFormatException e) {
      throw fault("line " + number + " does not begin with an iteration: '" + line + "'", e);
    }
  }

  /// A number as a cell: with a point whatever the locale, and as many digits as make a float; NaN, which is a number
  /// that was not found out, is left blank.
  public static String number(double value) {
    return Double.isNaN(value) ? "" : Float.toString((float) value);
  }

  /// Adds a row.
  ///
  /// @param cells as many as there are columns, the iteration first
  public void append(List<String> cells) throws IOException {
    write(String.join(",", cells));
  }

  private void write(String line) throws IOException {
    try {
      file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw fault(e.getMessage(), e);
    }
  }

  private IOException fault(String reason, Throwable cause) {
    IOException fault = new FileSystemException(path.toString(), null, reason);
    fault.initCause(cause);
    return fault;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
