package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.UserError;

import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.OptionalDouble;

/// The course of a training run as comma-separated values, one row for each [#append], on disk as soon as it returns.
/// Numbers have a point whatever the locale, and as many digits as make a float.
public final class MetricsFile implements AutoCloseable {
  /// The first line.
  public static final String HEADER = "iteration,epoch,train_loss,validation_loss,"
      + "gradient_norm,learning_rate,chars_per_second,seconds";

  private final Path path;
  private final Writer writer;

  private MetricsFile(Path path, Writer writer) {
    this.path = path;
    this.writer = writer;
  }

  /// One row.
  ///
  /// @param iteration iterations done
  /// @param epoch counted from 1
  /// @param trainLoss nats per symbol
  /// @param validationLoss nats per symbol, if it was evaluated
  /// @param gradientNorm before clipping
  /// @param learningRate of the last update
  /// @param charsPerSecond symbols trained on in a second
  /// @param seconds since the start of the training
  public record Row(
      int iteration, int epoch, double trainLoss, OptionalDouble validationLoss, double gradientNorm,
      double learningRate,
      double charsPerSecond, double seconds) {

    String line() {
      String validation = validationLoss.isPresent() ? number(validationLoss.getAsDouble()) : "";
      return iteration + "," + epoch + "," + number(trainLoss) + "," + validation + "," + number(gradientNorm) + ","
          + number(learningRate) + "," + String.format(Locale.ROOT, "%.0f,%.3f", charsPerSecond, seconds);
    }

    private static String number(double value) {
      return Float.toString((float) value);
    }
  }

  /// The file of a run that has done so many iterations: without the rows of later ones, which the run will write
  /// again. If there is no file, one with a header and no rows is made. Its folder must exist.
  ///
  /// @throws UserError if it cannot be read or written, is not a file of this kind, or belongs to a run that is under
  ///     way
  public static MetricsFile resume(Path path, int iteration) {
    try {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ,
          StandardOpenOption.WRITE);
      try {
        lock(path, channel);
        Writer writer = Channels.newWriter(channel, StandardCharsets.UTF_8);
        // What follows the last line end is nothing, or a row that was being written when the machine stopped. All of
        // this goes through one channel: closing another would end the lock.
        String content = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.ISO_8859_1);
        int kept = HEADER.startsWith(content) ? 0 : lengthUpTo(path, content, iteration);
        channel.truncate(kept);
        if (kept == 0) {
          writer.write(HEADER + "\n");
          writer.flush();
        }
        return new MetricsFile(path, writer);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw UserError.of(path, e);
    }
  }

  /// Keeps other runs away for as long as the channel is open, where the file system can.
  private static void lock(Path path, FileChannel channel) {
    boolean free = true;
    try {
      free = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      free = false;
    } catch (IOException e) {
      // without a lock
    }
    if (!free) {
      throw new UserError(path + ": another training is writing to it; wait for that, or choose another --out");
    }
  }

  /// The length of the header and the rows of iterations up to `last`.
  private static int lengthUpTo(Path path, String content, int last) {
    if (!content.lines().findFirst().orElse("").equals(HEADER)) {
      throw new UserError(path + ": does not begin with '" + HEADER + "'");
    }
    int number = 1;
    int end = content.indexOf('\n') + 1;
    for (int next; (next = content.indexOf('\n', end) + 1) > 0; end = next) {
      if (iteration(path, ++number, content.substring(end, next).strip()) > last) {
        break;
      }
    }
    return end;
  }

  private static int iteration(Path path, int number, String line) {
    int comma = line.indexOf(',');
    try {
      return Integer.parseInt(line.substring(0, Math.max(comma, 0)));
    } catch (NumberFormatException e) {
      throw new UserError(path + ": line " + number + " does not begin with an iteration: '" + line + "'", e);
    }
  }

  /// Adds a row.
  ///
  /// @throws UserError if it cannot be written
  public void append(Row row) {
    try {
      writer.write(row.line() + "\n");
      writer.flush();
    } catch (IOException e) {
      throw UserError.of(path, e);
    }
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw UserError.of(path, e);
    }
  }
}
