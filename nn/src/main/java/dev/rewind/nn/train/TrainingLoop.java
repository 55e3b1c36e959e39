package dev.rewind.nn.train;

import dev.rewind.nn.Block;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/// A training from its first or next step to its last: validates, keeps the best model, ends early, saves, shows how
/// far it is, and goes on after an interruption to the same bits. [#run] is all of it.
///
/// ```java
/// new TrainingLoop<>(model, trainer)
///     .epochs(20)
///     .lowest("validation_loss", () -> trainer.evaluate(held, Batch::steps))
///     .patience(3)
///     .folder(Path.of("run")).resume()
///     .progress(System.err)
///     .run();
/// ```
///
/// The folder holds `model.safetensors` (the latest), `best.safetensors` (the best by the first metric),
/// `resume.safetensors` (all that going on needs), `resume-1.safetensors` (the same one checkpoint earlier) and
/// `metrics.csv`; see [TrainingFolder]. Each is replaced as a whole: whenever the machine stops, the old or the new one
/// is there. Ctrl-C, and an interrupt of the thread, end the training after the current
/// step, saved.
///
/// @param <B> a batch
public final class TrainingLoop<B> {
  private final Block model;
  private final Trainer<B> trainer;
  private final List<Metric> metrics = new ArrayList<>();
  private int steps = Integer.MAX_VALUE;
  private int epochs = Integer.MAX_VALUE;
  private int every; // steps between validations; 0 for the end of each epoch
  private int patience = Integer.MAX_VALUE;
  private TrainingFolder folder; // null if nothing is saved
  private int kept = 2; // checkpoints
  private Supplier<TensorFile> modelFile;
  private Supplier<Map<String, String>> metadata = Map::of;
  private PrintStream out; // null if nothing is shown
  private String unit = "steps";
  private ToLongFunction<? super B> units = _ -> 1;
  private Listener listener = new Listener() {};
  private Progress progress; // null before and after
  private double best = Double.POSITIVE_INFINITY; // by the sign of the metric
  private int waited; // validations since the best one
  private double seconds; // spent so far
  private int saved; // iterations done at the last checkpoint
  private final List<String> warnings = new ArrayList<>(); // of resuming, until it can be shown

  /// @param sign by which its values are multiplied, so that the lowest is the best
  private record Metric(String name, int sign, DoubleSupplier value) {}

  /// Where a training is.
  ///
  /// @param step what the last step found
  /// @param metrics by name, if there was a validation; without those that were NaN
  /// @param isSaved whether a checkpoint is written next
  /// @param isLast whether there are no further steps, for whatever reason
  public record Report(Trainer.Step step, Map<String, Double> metrics, boolean isSaved, boolean isLast) {}

  /// Why a training ended.
  public enum End {
    /// All epochs or steps are done.
    COMPLETE,
    /// The first metric did not get better any more.
    PATIENCE,
    /// It was told to.
    INTERRUPTED
  }

  /// What is told of a training, on its thread. An exception ends it, with what was saved before.
  public interface Listener {
    /// The first or next step is about to be made; the files are open.
    default void started(TrainingLoop<?> loop) {}

    /// A step was made. If a checkpoint is due, it is written after this. Shows metrics in a line, unless told
    /// otherwise.
    default void stepped(TrainingLoop<?> loop, Report report) {
      if (!report.metrics.isEmpty()) {
        loop.line("iteration " + report.step.iteration() + ": " + report.metrics.entrySet().stream()
            .map(metric -> String.format(Locale.ROOT, "%s %.4f", metric.getKey(), metric.getValue()))
            .collect(Collectors.joining(", ")));
      }
    }

    /// All is saved, and the program, if it was told to end, does after this.
    default void ended(TrainingLoop<?> loop, End end) {}
  }

  /// A loop that saves and shows nothing.
  ///
  /// @param model whose parameters are saved
  public TrainingLoop(Block model, Trainer<B> trainer) {
    this.model = model;
    this.trainer = trainer;
    this.modelFile = () -> new TensorFile(model.state(), Map.of("iteration", Integer.toString(trainer.iteration())));
  }

  // ---- options ------------------------------------------------------------------------------------------------------

  /// Ends after so many epochs.
  public TrainingLoop<B> epochs(int count) {
    epochs = positive("epochs", count);
    return this;
  }

  /// Ends after so many steps, if not before.
  public TrainingLoop<B> steps(int count) {
    steps = positive("steps", count);
    return this;
  }

  /// Validates and saves every so many steps, and at the end; without this at the end of each epoch.
  public TrainingLoop<B> every(int count) {
    every = positive("every", count);
    return this;
  }

  /// Adds a metric of which the lowest value is the best: a loss, an error. The first metric says which model is the
  /// best; all are columns of the metrics file.
  ///
  /// @param name for the header of the metrics file
  /// @param value computed at each validation; NaN if there is none
  /// @throws IllegalArgumentException if the name is taken, empty, or has a comma, a quote or a line break
  public TrainingLoop<B> lowest(String name, DoubleSupplier value) {
    return metric(name, 1, value);
  }

  /// Adds a metric of which the highest value is the best, as accuracy and F1; otherwise as [#lowest].
  public TrainingLoop<B> highest(String name, DoubleSupplier value) {
    return metric(name, -1, value);
  }

  private TrainingLoop<B> metric(String name, int sign, DoubleSupplier value) {
    if (!name.matches("[^,\"\\p{Cntrl}]+") || metrics.stream().anyMatch(metric -> metric.name.equals(name))) {
      throw new IllegalArgumentException(
          "training: a metric needs a name of its own, without commas, quotes or line breaks, not '" + name + "'");
    }
    metrics.add(new Metric(name, sign, value));
    return this;
  }

  /// Ends after so many validations in a row in which the first metric was not the best.
  public TrainingLoop<B> patience(int validations) {
    patience = positive("patience", validations);
    return this;
  }

  /// Saves into a folder, which is made if it is not there.
  public TrainingLoop<B> folder(Path path) {
    folder = path == null ? null : new TrainingFolder(path);
    return this;
  }

  /// Keeps so many checkpoints, 2 unless told otherwise: the newest, and older ones from which [#resume] goes on if it
  /// is damaged.
  public TrainingLoop<B> keep(int checkpoints) {
    kept = positive("kept checkpoints", checkpoints);
    return this;
  }

  /// What a model file holds, instead of the parameters by their names.
  public TrainingLoop<B> modelFile(Supplier<TensorFile> value) {
    modelFile = value;
    return this;
  }

  /// What else `resume.safetensors` says, such as the options of a program.
  public TrainingLoop<B> metadata(Supplier<Map<String, String>> value) {
    metadata = value;
    return this;
  }

  /// Shows how far it is: on a terminal in one line that is drawn over and over, elsewhere by a line now and then.
  public TrainingLoop<B> progress(PrintStream stream) {
    out = stream;
    return this;
  }

  /// Counts speed in units of one's own.
  ///
  /// @param name such as `words`
  /// @param of how many there are in a batch
  public TrainingLoop<B> unit(String name, ToLongFunction<? super B> of) {
    unit = name;
    units = of;
    return this;
  }

  /// Tells someone else what happens, instead of showing metrics.
  public TrainingLoop<B> listener(Listener value) {
    listener = value;
    return this;
  }

  private static int positive(String option, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("training: " + option + " must be at least 1, not " + value);
    }
    return value;
  }

  // ---- training -----------------------------------------------------------------------------------------------------

  /// Goes on with what the folder holds; starts anew if nothing is saved there. If the newest checkpoint is damaged, it
  /// goes on from the one before, with a warning.
  ///
  /// @throws IOException if none can be read, or it is the checkpoint of another model
  /// @throws IllegalStateException if no folder was named
  public TrainingLoop<B> resume() throws IOException {
    if (folder == null) {
      throw new IllegalStateException("training: resume() needs a folder");
    }
    Optional<Path> newest = folder.newest(warnings::add);
    if (newest.isPresent()) {
      Path file = newest.get();
      Map<String, Tensor> state = TensorFile.read(file).tensors();
      try {
        model.load(Trainer.under("model.", state));
        trainer.load(state);
        best = Trainer.number(state, "loop.best");
        waited = (int) Trainer.number(state, "loop.waited");
        seconds = Trainer.number(state, "loop.seconds");
      } catch (IllegalArgumentException e) {
        throw new IOException(file + ": is not a checkpoint of this training: " + e.getMessage(), e);
      }
      saved = trainer.iteration();
    }
    return this;
  }

  /// Trains to the end, or until told to end. An interrupt is still there afterwards.
  ///
  /// @throws DivergedException if the numbers are no longer finite; what was saved before is as it was
  /// @throws IOException if a file cannot be written; the last checkpoint is as it was
  /// @throws IllegalStateException if neither epochs nor steps were set, or the folder holds a run that is not this one
  public End run() throws IOException {
    requireReady();
    try (Interruption interruption = new Interruption(); MetricsFile rows = openMetrics()) {
      PrintStream shown = out == null ? new PrintStream(OutputStream.nullOutputStream()) : out;
      progress = new Progress(shown, Progress.interactive(), trainer.iteration(), unit, System::nanoTime);
      try {
        warnings.forEach(out != null ? this::line
            : text -> System.getLogger("dev.rewind.nn.train").log(System.Logger.Level.WARNING, text));
        listener.started(this);
        train(interruption, rows);
      } finally {
        progress.finish();
        progress = null;
      }
      End end = waited >= patience ? End.PATIENCE : isComplete() ? End.COMPLETE : End.INTERRUPTED;
      listener.ended(this, end);
      return end;
    }
  }

  private void train(Interruption interruption, MetricsFile rows) throws IOException {
    double before = seconds;
    long begun = System.nanoTime();
    long done = 0; // units
    boolean last = isComplete() || interruption.isAsked();
    while (!last) {
      Trainer.Step step = trainer.step();
      done += units.applyAsLong(trainer.batch());
      seconds = before + (System.nanoTime() - begun) * 1e-9;
      progress.update(step.iteration(), total(), done, step.loss());
      boolean asked = interruption.isAsked();
      boolean due = isComplete() || (every == 0 ? trainer.isEpochDone() : step.iteration() % every == 0);
      Map<String, Double> found = due && !asked ? evaluate() : Map.of();
      boolean isBest = isBest(found);
      last = asked || isComplete();
      Map<String, Tensor> checkpoint = due || last ? checkpoint() : Map.of();
      listener.stepped(this, new Report(step, found, due || last, last));
      append(rows, step, found); // before the checkpoint: rows after the last one are dropped and written again
      if (due || last) {
        save(checkpoint, isBest);
      }
    }
  }

  private boolean isComplete() {
    return trainer.iteration() >= steps || waited >= patience || trainer.epoch() >= epochs && trainer.isEpochDone();
  }

  /// How many steps there will be; 0 if that is not known.
  private int total() {
    long ofEpochs = epochs == Integer.MAX_VALUE ? steps : (long) epochs * trainer.batchesInEpoch();
    return (int) Math.min(ofEpochs == 0 && steps < Integer.MAX_VALUE ? steps : ofEpochs, steps);
  }

  private Map<String, Double> evaluate() {
    Map<String, Double> found = new LinkedHashMap<>();
    metrics.forEach(metric -> found.put(metric.name, metric.value.getAsDouble()));
    found.values().removeIf(value -> value.isNaN());
    return found;
  }

  private boolean isBest(Map<String, Double> found) {
    if (metrics.isEmpty() || !found.containsKey(metrics.getFirst().name)) {
      return false;
    }
    double score = metrics.getFirst().sign * found.get(metrics.getFirst().name);
    boolean better = score < best;
    waited = better ? 0 : waited + 1;
    best = better ? score : best;
    return better;
  }

  /// Shows a line above the progress.
  public void line(String text) {
    if (progress != null) {
      progress.line(text);
    }
  }

  /// Iterations done when the last checkpoint was written; 0 if there is none.
  public int saved() {
    return saved;
  }

  // ---- files --------------------------------------------------------------------------------------------------------

  private void requireReady() throws IOException {
    if (steps == Integer.MAX_VALUE && epochs == Integer.MAX_VALUE) {
      throw new IllegalStateException("training: how long? set epochs(..) or steps(..)");
    }
    if (folder != null) {
      if (saved == 0 && folder.isSaved()) {
        throw new IllegalStateException(
            "training: " + folder.path() + " holds a run; resume() goes on with it, another folder starts anew");
      }
      Files.createDirectories(folder.path());
    }
  }

  private MetricsFile openMetrics() throws IOException {
    if (folder == null) {
      return null;
    }
    List<String> columns = new ArrayList<>(List.of("iteration", "epoch", "train_loss"));
    metrics.forEach(metric -> columns.add(metric.name));
    columns.addAll(List.of("gradient_norm", "learning_rate", unit + "_per_second", "seconds"));
    return MetricsFile.resume(folder.metrics(), columns, trainer.iteration());
  }

  private void append(MetricsFile rows, Trainer.Step step, Map<String, Double> found) throws IOException {
    if (rows != null) {
      List<String> cells = new ArrayList<>(List.of(Integer.toString(step.iteration()), Integer.toString(step.epoch()),
          MetricsFile.number(step.loss())));
      metrics.forEach(metric -> cells.add(MetricsFile.number(found.getOrDefault(metric.name, Double.NaN))));
      cells.addAll(List.of(MetricsFile.number(step.gradientNorm()), MetricsFile.number(step.learningRate()),
          String.format(Locale.ROOT, "%.0f", progress.unitsPerSecond()), String.format(Locale.ROOT, "%.3f", seconds)));
      rows.append(cells);
    }
  }

  /// All that going on needs. Nothing may take the place of a good checkpoint that is none.
  ///
  /// @throws DivergedException if a number is not finite
  private Map<String, Tensor> checkpoint() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    model.namedParameters().forEach((name, parameter) -> state.put("model." + name, parameter.value()));
    state.putAll(trainer.state());
    state.forEach((name, tensor) -> {
      if (tensor.dtype().isFloating() && tensor.isFinite().all().item() == 0) {
        throw new DivergedException(trainer.iteration(), name + " is not finite", null);
      }
    });
    state.put("loop.best", Tensor.scalar(best));
    state.put("loop.waited", Tensor.scalar(waited));
    state.put("loop.seconds", Tensor.scalar(seconds));
    return state;
  }

  /// Writes the latest model, the best one if this is it, and what resuming needs; the last of these decides.
  private void save(Map<String, Tensor> checkpoint, boolean isBest) throws IOException {
    if (folder != null) {
      TensorFile file = modelFile.get();
      TensorFile resume = new TensorFile(checkpoint, metadata.get());
      Interruption.uninterrupted(() -> {
        file.write(folder.model());
        if (isBest) {
          file.write(folder.best());
        }
        folder.save(resume, kept);
      });
    }
    saved = trainer.iteration();
  }
}
