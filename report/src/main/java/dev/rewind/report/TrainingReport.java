package dev.rewind.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// A page about any training that left a metrics file: curves of all its columns, and the last numbers.
///
/// ```java
/// TrainingReport.of(Path.of("run/metrics.csv")).write(Path.of("training.html"));
/// ```
///
/// What it gives is a [Report], to which more can be added.
public final class TrainingReport {
  private TrainingReport() {}

  /// A page about a training.
  ///
  /// @throws IOException if the file cannot be read or is not a metrics file
  public static Report of(Path metrics) throws IOException {
    Metrics read = Metrics.read(metrics);
    Report report = Report.titled("Training");
    return report.facts(facts(read)).training(read)
        .provenance(Map.of("metrics", String.valueOf(metrics.getFileName())));
  }

  /// The last number in each column; of losses other than the training's the lowest.
  public static Map<String, String> facts(Metrics metrics) {
    Map<String, String> facts = new LinkedHashMap<>();
    for (String name : metrics.names()) {
      double[] known = Arrays.stream(metrics.column(name)).filter(Double::isFinite).toArray();
      boolean lowest = name.endsWith("_loss") && !name.equals("train_loss");
      if (known.length > 0) {
        facts.put((lowest ? "lowest " : "") + name.replace('_', ' '), Markup.shown(lowest
            ? Arrays.stream(known).min().getAsDouble() : known[known.length - 1]));
      }
    }
    return facts;
  }
}
