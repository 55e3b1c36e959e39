package dev.rewind.benchmarks.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/// The results, as Markdown.
final class Table {
  private final StringBuilder rows = new StringBuilder();
  private final StringBuilder settings = new StringBuilder();
  private final Set<String> sides = new LinkedHashSet<>();

  /// One row.
  void add(Case chosen, String title, Race.Result ours, Race.Result theirs) {
    double scale = chosen.repeats() * chosen.unit().nanoseconds();
    rows.append(String.format(Locale.ROOT, "| %s | %s | %s (%s) | %s (%s) | %.2f (%.2f) | %s | %d / %d | %,d |%n",
        title, chosen.unit().name(),
        time(ours.median() / scale), time(ours.minimum() / scale),
        time(theirs.median() / scale), time(theirs.minimum() / scale),
        (double) theirs.median() / ours.median(), (double) theirs.minimum() / ours.minimum(),
        rates(chosen, ours, theirs), ours.memory().peakKilobytes() / 1024, theirs.memory().peakKilobytes() / 1024,
        ours.memory().allocated() / chosen.repeats()));
    sides.add(ours.child().description());
    sides.add(theirs.child().description());
    settings.append(title).append(": ").append(theirs.child().name()).append('\n');
  }

  private static String time(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%,.0f", value);
  }

  private static String rates(Case chosen, Race.Result ours, Race.Result theirs) {
    String rate = chosen.rate((double) ours.median() / chosen.repeats());
    return rate.isEmpty() ? "" : rate + " / " + chosen.rate((double) theirs.median() / chosen.repeats());
  }

  private static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 2)).findFirst().orElse("unknown processor");
    } catch (IOException e) {
      return "unknown processor";
    }
  }

  @Override
  public String toString() {
    return processor() + ", " + Runtime.getRuntime().availableProcessors() + " "
        + "processors; " + String.join("; ", sides) + "\n\n"
        + "Median (minimum); a ratio above 1 says that Rewind is faster. Slashes: Rewind / peer.\n\n"
        + "| case | time | Rewind | peer | ratio | speed | peak MB | bytes allocated |\n"
        + "|---|---|---|---|---|---|---|---|\n" + rows + "\n" + settings;
  }
}
