package dev.rewind.nn.io;

import dev.rewind.tensor.DType;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/// A program that prints what a file of tensors holds, of any kind that [TensorArchive] reads:
///
/// ```
/// java -m rewind.nn/dev.rewind.nn.io.Inspect model.safetensors
/// ```
public final class Inspect {
  private static final int LONGEST_TEXT = 60;

  private Inspect() {}

  /// Prints files; ends with status 2 and one line if one cannot be read.
  public static void main(String[] files) {
    try {
      if (files.length == 0) {
        throw new IOException("which file? (safetensors, its index, .npy, .npz, or of torch.save)");
      }
      for (String file : files) {
        print(Path.of(file), System.out);
      }
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("inspect: " + printable(e.getMessage()));
      System.exit(2);
    }
  }

  /// Prints a line for each tensor, with name, dtype and shape, the range of its finite elements, and how many are NaN
  /// or infinite; then the metadata, shortened. One tensor is in memory at a time.
  ///
  /// @throws TensorFileException if it is not well-formed; a tensor that alone cannot be read has a line that says so
  public static void print(Path file, PrintStream out) throws IOException {
    try (TensorArchive archive = TensorArchive.open(file)) {
      for (Map.Entry<String, StoredTensor> named : archive.tensors().entrySet()) {
        String range;
        try {
          range = range(named.getValue());
        } catch (TensorFileException e) {
          range = e.getMessage();
        }
        out.println(printable(named.getKey() + "  " + named.getValue() + "  " + range));
      }
      archive.metadata()
          .forEach((name, text) -> out.println(printable(name + ": " + (text.length() <= LONGEST_TEXT ? text
              : text.substring(0, LONGEST_TEXT) + ".. (" + text.length() + " characters)"))));
    }
  }

  private static String range(StoredTensor stored) throws IOException {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    int nan = 0;
    int infinite = 0;
    for (double x : stored.read().to(DType.FLOAT64).toDoubles()) {
      if (Double.isFinite(x)) {
        least = Math.min(least, x);
        most = Math.max(most, x);
      } else {
        nan += Double.isNaN(x) ? 1 : 0;
        infinite += Double.isNaN(x) ? 0 : 1;
      }
    }
    return (least > most ? "nothing finite" : String.format(Locale.ROOT, "%.4g to %.4g", least, most))
        + (nan == 0 ? "" : ", NaN: " + nan) + (infinite == 0 ? "" : ", infinite: " + infinite);
  }

  /// Without what could steer a terminal.
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
