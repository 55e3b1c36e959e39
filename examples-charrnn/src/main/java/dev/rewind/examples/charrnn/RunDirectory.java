package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.nn.io.TensorArchive;
import dev.rewind.nn.train.MetricsFile;
import dev.rewind.nn.train.TrainingFolder;
import dev.rewind.report.Metrics;
import dev.rewind.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The [TrainingFolder] of a run, what may be in it before the run begins, and `samples.csv`: what it wrote on the way.
final class RunDirectory {
  static final String RESUME_FORMAT = "charrnn-run/2";
  private static final String DEFAULT_NAME = "charrnn-run";
  private static final String SAMPLES = "samples.csv";

  private final Path path;
  private final TrainingFolder folder;

  private RunDirectory(Path path) {
    this.path = path;
    this.folder = new TrainingFolder(path);
  }

  /// The folder of a new run: one that is not there yet, is empty, or holds only what a run left that ended before its
  /// first checkpoint; without a wish the first free of `charrnn-run`, `charrnn-run-2`, .. It is made when the run
  /// begins.
  ///
  /// @throws UserError if the folder holds anything else
  static RunDirectory fresh(Path wish) {
    Path path = wish;
    for (int n = 2; path == null; n++) {
      Path free = Path.of(n == 2 ? DEFAULT_NAME : DEFAULT_NAME + "-" + (n - 1));
      path = Files.exists(free) ? null : free;
    }
    RunDirectory directory = new RunDirectory(path);
    directory.requireFree();
    return directory;
  }

  private void requireFree() {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new UserError("--out " + path + ": is a file, not a folder");
    }
    if (saved(path) != null) {
      throw new UserError("--out " + path + ": holds a run; --resume goes on with it, another folder starts anew");
    }
    if (Files.isDirectory(path)) {
      try (Stream<Path> content = Files.list(path)) {
        content.map(file -> file.getFileName().toString())
            .filter(name -> !folder.isLeftBehind(name) && !name.equals(SAMPLES))
            .findAny()
            .ifPresent(name -> {
              throw new UserError(
                  "--out " + path + ": holds other files (" + name + ") and no run; choose an empty or a new folder");
            });
      } catch (IOException e) {
        throw UserError.of(path, e);
      }
    }
  }

  /// The folder of an earlier run, or null if nothing is saved there.
  static RunDirectory saved(Path path) {
    return new TrainingFolder(path).isSaved() ? new RunDirectory(path) : null;
  }

  /// Whether a run began to write there.
  static boolean isBegun(Path path) {
    return Files.exists(new TrainingFolder(path).metrics());
  }

  /// The model file that a folder or a file stands for: of a folder the best one if there is, else the latest.
  static Path modelIn(Path path) {
    if (!Files.isDirectory(path)) {
      return path;
    }
    Path best = new TrainingFolder(path).best();
    Path latest = new TrainingFolder(path).model();
    if (Files.exists(best) || Files.exists(latest)) {
      return Files.exists(best) ? best : latest;
    }
    throw new UserError(path + ": holds neither best.safetensors nor model.safetensors");
  }

  Path path() {
    return path;
  }

  /// The path as a word of a command line.
  String quoted() {
    String name = path.toString();
    return name.matches("[\\w./+:,@%-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
  }

  /// Adds a text that the model wrote after so many iterations, in place of those of this and later iterations.
  void keepSample(int iteration, String text) throws IOException {
    try (MetricsFile rows = MetricsFile.resume(path.resolve(SAMPLES), List.of("iteration", "text"), iteration - 1)) {
      rows.append(List.of(Integer.toString(iteration), '"' + text.replace("\\", "\\\\").replace("\n", "\\n")
          .replace("\r", "\\r").replace("\"", "\"\"") + '"'));
    }
  }

  /// The texts that were kept, in their order.
  List<Report.Sample> samples() throws IOException {
    Path file = path.resolve(SAMPLES);
    if (!Files.exists(file)) {
      return List.of();
    }
    // What does not match is a row that was being written.
    return Files.readAllLines(file).stream()
        .map(Pattern.compile("(?s)(\\d{1,9}),\"(.*)\"")::matcher)
        .filter(row -> row.matches() && !row.group(2).replaceAll("\\\\[nr\\\\]", "").contains("\\"))
        .map(row -> new Report.Sample(Integer.parseInt(row.group(1)),
            row.group(2).replace("\"\"", "\"").translateEscapes()))
        .toList();
  }

  /// The course of the run, unless its file is gone.
  Optional<Metrics> metrics() throws IOException {
    return Files.exists(folder.metrics()) ? Optional.of(Metrics.read(folder.metrics())) : Optional.empty();
  }

  /// What the run saved for resuming, beside tensors; of damage to it, the run says more.
  Map<String, String> resumeMetadata() throws IOException {
    Path file = folder.newest(_ -> {}).orElseThrow();
    Map<String, String> metadata;
    try (TensorArchive archive = TensorArchive.open(file)) {
      metadata = archive.metadata();
    }
    if (!RESUME_FORMAT.equals(metadata.get("format"))) {
      throw new UserError(file + ": its format is '" + metadata.get("format") + "', not '" + RESUME_FORMAT + "'");
    }
    return metadata;
  }
}
