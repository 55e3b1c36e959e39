package dev.rewind.nn.train;

import dev.rewind.nn.io.TensorArchive;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.nn.io.TensorFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// The folder of a training and the names of its files: `model.safetensors` (the latest model), `best.safetensors`,
/// `metrics.csv`, and the last few checkpoints, of which `resume.safetensors` is the newest, `resume-1.safetensors` the
/// one before, and so on. A [TrainingLoop] does all of this by itself; a loop of your own may use it for whatever there
/// is to save:
///
/// ```java
/// TrainingFolder folder = new TrainingFolder(Path.of("run"));
/// folder.save(new TensorFile(trainer.state(), Map.of()), 3);
/// trainer.load(TensorFile.read(folder.newest(System.err::println).orElseThrow()).tensors());
/// ```
///
/// @param path the folder, which need not be there
public record TrainingFolder(Path path) {
  private static final int MOST = 100;

  /// The file of the latest model.
  public Path model() {
    return path.resolve("model.safetensors");
  }

  /// The file of the best model.
  public Path best() {
    return path.resolve("best.safetensors");
  }

  /// The table of what each step and each validation found.
  public Path metrics() {
    return path.resolve("metrics.csv");
  }

  /// A checkpoint: 0 is the newest.
  public Path checkpoint(int age) {
    return path.resolve(age == 0 ? "resume.safetensors" : "resume-" + age + ".safetensors");
  }

  /// Where the next checkpoint is written before it takes the place of the newest.
  private Path next() {
    return path.resolve("resume-next.safetensors");
  }

  /// Whether there is a checkpoint, sound or not.
  public boolean isSaved() {
    return IntStream.range(0, MOST).anyMatch(age -> Files.exists(checkpoint(age)));
  }

  /// Whether a file of that name may be left by a training that ended before its first checkpoint, or while it wrote
  /// that.
  public boolean isLeftBehind(String name) {
    return name.equals(metrics().getFileName().toString()) || name.equals(next().getFileName().toString())
        || name.matches("\\.(model|best|resume-next|resume)\\.safetensors\\.tmp");
  }

  /// Adds a checkpoint, after which each of the others is one older, and removes those that are then too many. If the
  /// file cannot be written, all are as they were; whenever the machine stops, one that is whole is there.
  ///
  /// @param kept how many there are at most, from 1 to 100
  public void save(TensorFile file, int kept) throws IOException {
    if (kept < 1 || kept > MOST) {
      throw new IllegalArgumentException("training: kept checkpoints must be 1 to " + MOST + ", not " + kept);
    }
    file.write(next());
    for (int age = kept - 1; age > 0; age--) {
      if (Files.exists(checkpoint(age - 1))) {
        move(checkpoint(age - 1), checkpoint(age));
      }
    }
    move(next(), checkpoint(0));
    for (int age = kept; age < MOST; age++) {
      Files.deleteIfExists(checkpoint(age));
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// The newest checkpoint that is not damaged; empty if nothing is saved. What a safetensors file's header and length
  /// can tell is looked at; its numbers are not.
  ///
  /// @param warnings is told of each damaged one, in a line
  /// @throws TensorFileException of the newest, if all are damaged
  public Optional<Path> newest(Consumer<String> warnings) throws IOException {
    TensorFileException first = null;
    for (int age = 0; age < MOST; age++) {
      if (Files.exists(checkpoint(age))) {
        try (TensorArchive _ = TensorArchive.open(checkpoint(age))) {
          return Optional.of(checkpoint(age));
        } catch (TensorFileException e) {
          first = first == null ? e : first;
          warnings.accept("this checkpoint is damaged, so the one before it is taken: " + e.getMessage());
        }
      }
    }
    if (first != null) {
      throw first;
    }
    return Optional.empty();
  }
}
