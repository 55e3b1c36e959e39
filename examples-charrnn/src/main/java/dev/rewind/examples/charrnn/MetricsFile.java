package dev.rewind.examples.charrnn;

import dev.rewind.nn.io.AtomicFile;
import java.io.IOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// The course of a training run as comma-separated values, one row for each [#append], on disk as soon as it returns. Numbers
/// have a point whatever the locale, and as many digits as make a float.
public final class MetricsFile implements AutoCloseable {
  /// The first line.
  public static final String HEADER =
      "iteration,epoch,train_loss,validation_loss,gradient_norm,learning_rate,chars_per_second,seconds";

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
      int iteration, int epoch, double trainLoss, OptionalDouble validationLoss, double gradientNorm, double learningRate,
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

  /// A file with a header and no rows, in the place of one that may be there. Its folder must exist.
  ///
  /// @throws UserError if it cannot be written
  public static MetricsFile create(Path path) {
    try {
      replace(path, List.of(HEADER));
      return open(path);
    } catch (IOException e) {
      throw UserError.of(path, e);
    }
  }

  /// The file of an earlier run, without the rows of iterations after `iteration`: the run goes on from there and will write
  /// them again. If there is no file, it is created.
  ///
  /// @throws UserError if it cannot be read or written, or is not a file of this kind
  public static MetricsFile resume(Path path, int iteration) {
    if (Files.notExists(path)) {
      return create(path);
    }
    try {
      String before = Files.readString(path);
      List<String> kept = keep(path, before, iteration);
      if (!before.equals(text(kept))) {
        replace(path, kept);
      }
      return open(path);
    } catch (IOException e) {
      throw UserError.of(path, e);
    }
  }

  private static List<String> keep(Path path, String content, int last) {
    // What follows the last line end is nothing, or a row that was being written when the machine stopped.
    List<String> lines = content.substring(0, content.lastIndexOf('\n') + 1).lines().toList();
    if (lines.isEmpty() || !lines.getFirst().equals(HEADER)) {
      throw new UserError(path + ": does not begin with '" + HEADER + "'");
    }
    List<String> kept = new ArrayList<>(List.of(HEADER));
    for (int i = 1; i < lines.size(); i++) {
      if (iteration(path, i + 1, lines.get(i)) <= last) {
        kept.add(lines.get(i));
      }
    }
    return kept;
  }

  private static int iteration(Path path, int number, String line) {
    int comma = line.indexOf(',');
    try {
      return Integer.parseInt(line.substring(0, Math.max(comma, 0)));
    } catch (NumberFormatException e) {
      throw new UserError(path + ": line " + number + " does not begin with an iteration: '" + line + "'", e);
    }
  }

  private static MetricsFile open(Path path) throws IOException {
    return new MetricsFile(path, Files.newBufferedWriter(path, StandardOpenOption.APPEND));
  }

  private static String text(List<String> lines) {
    return String.join("\n", lines) + "\n";
  }

  private static void replace(Path path, List<String> lines) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text(lines).getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(path, channel -> {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    });
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
