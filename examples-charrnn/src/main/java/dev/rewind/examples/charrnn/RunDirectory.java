package dev.rewind.examples.charrnn;

import dev.rewind.nn.io.TensorFile;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/// The folder of a training run: `model.safetensors` (latest), `best.safetensors` (lowest validation loss),
/// `resume.safetensors` (all that going on needs) and `metrics.csv`. Files are replaced as a whole.
final class RunDirectory {
  private static final String RESUME_FORMAT = "charrnn-run/1";
  private static final String DEFAULT_NAME = "charrnn-run";

  private final Path path;

  private RunDirectory(Path path) {
    this.path = path;
  }

  /// A new run in a folder that is not there yet, or is empty; without a wish in the first free of `charrnn-run`,
  /// `charrnn-run-2`, ..
  ///
  /// @throws UserError if the folder holds something; nothing is touched
  static RunDirectory create(Path wish) {
    Path path = wish;
    for (int n = 2; path == null; n++) {
      Path free = Path.of(n == 2 ? DEFAULT_NAME : DEFAULT_NAME + "-" + (n - 1));
      path = Files.exists(free) ? null : free;
    }
    try {
      requireEmpty(path);
      Files.createDirectories(path);
      return new RunDirectory(path);
    } catch (IOException e) {
      throw UserError.of(path, e);
    }
  }

  private static void requireEmpty(Path path) throws IOException {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new UserError("--out " + path + ": is a file, not a folder");
    }
    if (Files.exists(path.resolve("resume.safetensors"))) {
      throw new UserError("--out " + path + ": holds a run; --resume goes on with it, another folder starts anew");
    }
    if (Files.isDirectory(path)) {
      try (Stream<Path> content = Files.list(path)) {
        if (content.findAny().isPresent()) {
          throw new UserError("--out " + path + ": holds other files and no run; choose an empty or a new folder");
        }
      }
    }
  }

  /// The folder of an earlier run.
  ///
  /// @throws UserError if it holds none
  static RunDirectory existing(Path path) {
    if (path == null) {
      throw new UserError("--resume needs --out, the folder of the run to go on with");
    }
    if (!Files.exists(path.resolve("resume.safetensors"))) {
      throw new UserError("--out " + path + ": holds no run to resume (no resume.safetensors)");
    }
    return new RunDirectory(path);
  }

  /// The model file that a folder or a file stands for: of a folder the best one if there is, else the latest.
  static Path modelIn(Path path) {
    if (!Files.isDirectory(path)) {
      return path;
    }
    Path best = path.resolve("best.safetensors");
    Path latest = path.resolve("model.safetensors");
    if (Files.exists(best) || Files.exists(latest)) {
      return Files.exists(best) ? best : latest;
    }
    throw new UserError(path + ": holds neither best.safetensors nor model.safetensors");
  }

  Path path() {
    return path;
  }

  Path metrics() {
    return path.resolve("metrics.csv");
  }

  /// Writes the latest model, and the best one if this is it, and what resuming needs; the last of these decides.
  void save(TensorFile model, boolean best, Map<String, Tensor> state, Map<String, String> settings) throws IOException {
    model.write(path.resolve("model.safetensors"));
    if (best) {
      model.write(path.resolve("best.safetensors"));
    }
    Map<String, Tensor> all = new LinkedHashMap<>();
    model.tensors().forEach((name, tensor) -> all.put("model." + name, tensor));
    all.putAll(state);
    Map<String, String> metadata = new LinkedHashMap<>(settings);
    metadata.put("format", RESUME_FORMAT);
    new TensorFile(all, metadata).write(path.resolve("resume.safetensors"));
  }

  /// What [#save] wrote for resuming.
  TensorFile resumeFile() throws IOException {
    Path file = path.resolve("resume.safetensors");
    TensorFile read = TensorFile.read(file);
    if (!RESUME_FORMAT.equals(read.metadata().get("format"))) {
      throw new UserError(file + ": its format is '" + read.metadata().get("format") + "', not '" + RESUME_FORMAT + "'");
    }
    return read;
  }
}
