package dev.rewind.report;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The columns of a metrics file, such as [dev.rewind.nn.train.TrainingLoop] and [dev.rewind.nn.train.MetricsFile]
/// write: a header, then a row for each iteration, whose number comes first. A blank cell is a number that was not
/// found out.
///
/// @param names of the columns
/// @param rows a number for each column, NaN where it is blank
public record Metrics(List<String> names, List<List<Double>> rows) {
  /// Copies the lists.
  public Metrics {
    names = List.copyOf(names);
    rows = rows.stream().map(List::copyOf).toList();
  }

  /// Reads a file. What follows the last line end was being written, and is left out.
  ///
  /// @throws IOException if it cannot be read or is not such a file, with the line
  public static Metrics read(Path file) throws IOException {
    String content = Files.readString(file);
    List<String> lines = content.substring(0, content.lastIndexOf('\n') + 1).lines().toList();
    if (lines.isEmpty() || lines.getFirst().isBlank()) {
      throw new FileSystemException(file.toString(), null, "is not a metrics file: it has no header");
    }
    List<String> names = List.of(lines.getFirst().split(",", -1));
    List<List<Double>> rows = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      try {
        List<Double> row = new ArrayList<>();
        for (String cell : line.split(",", -1)) {
          row.add(cell.isBlank() ? Double.NaN : Double.parseDouble(cell));
        }
        if (row.size() == names.size() && Double.isFinite(row.getFirst())) {
          rows.add(row);
          continue;
        }
      } catch (NumberFormatException _) {
        // said below
      }
      throw new FileSystemException(file.toString(), null, "is not a metrics file: line " + (rows.size() + 2)
          + " is not " + names.size() + " numbers, the iteration first: '" + line + "'");
    }
    return new Metrics(names, rows);
  }

  /// A column.
  ///
  /// @throws IllegalArgumentException if there is none of that name, with those that there are
  public double[] column(String name) {
    int at = names.indexOf(name);
    if (at < 0) {
      throw new IllegalArgumentException("metrics: no column '" + name + "', but " + names);
    }
    return rows.stream().mapToDouble(row -> row.get(at)).toArray();
  }
}
