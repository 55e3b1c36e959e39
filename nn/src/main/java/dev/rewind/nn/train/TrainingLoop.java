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

/// A training run from start to finish: it validates, keeps the best model, stops early, saves, shows progress, and
/// resumes after an interruption with the same bits. [#run] does all of it.
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
/// `resume.safetensors` (everything needed to resume), `resume-1.safetensors` (the same, one checkpoint earlier) and
/// `metrics.csv`; see [TrainingFolder]. Each is replaced as a whole: whenever the machine stops, either the old file or
/// the new one is there. Ctrl-C or an interrupt of the thread ends the training after the current step, and that step
/// is saved.
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

  /// The state of a training after a step.
  ///
  /// @param step the last step
  /// @param metrics by name, if there was a validation; without those that were NaN
  /// @param isSaved whether a checkpoint is written next
  /// @param isLast whether there are no further steps, for whatever reason
  public record Report(Trainer.Step step, Map<String, Double> metrics, boolean isSaved, boolean isLast) {}

  /// Why a training ended.
  public enum End {
    /// All epochs or steps are done.
    COMPLETE,
    /// The first metric stopped improving.
    PATIENCE,
    /// It was interrupted.
    INTERRUPTED
  }

  /// Is called during a training, on its thread. An exception ends the training; what was saved stays.
  public interface Listener {
    /// The training is about to begin or resume; the files are open.
    default void started(TrainingLoop<?> loop) {}

    /// A step is done. If a checkpoint is due, it is written after this call. By default, metrics are shown in a line.
    default void stepped(TrainingLoop<?> loop, Report report) {
      if (!report.metrics.isEmpty()) {
        loop.line("iteration " + report.step.iteration() + ": " + report.metrics.entrySet().stream()
            .map(metric -> String.format(Locale.ROOT, "%s %.4f", metric.getKey(), metric.getValue()))
            .collect(Collectors.joining(", ")));
      }
    }

    /// Everything is saved. If the program was told to stop, it stops after this call.
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

  /// Ends after this many epochs.
  public TrainingLoop<B> epochs(int count) {
    epochs = positive("epochs", count);
    return this;
  }

  /// Ends after this many steps at the latest.
  public TrainingLoop<B> steps(int count) {
    steps = positive("steps", count);
    return this;
  }

  /// Validates and saves every `count` steps and at the end. The default is at the end of each epoch.
  public TrainingLoop<B> every(int count) {
    every = positive("every", count);
    return this;
  }

  /// Adds a metric where lower is better, such as a loss or an error. The first metric decides which model is the best;
  /// all of them are columns of the metrics file.
  ///
  /// @param name for the header of the metrics file
  /// @param value computed at each validation; NaN if there is none, which counts as no improvement
  /// @throws IllegalArgumentException if the name is taken, empty, or has a comma, a quote or a line break
  public TrainingLoop<B> lowest(String name, DoubleSupplier value) {
    return metric(name, 1, value);
  }

  /// Adds a metric where higher is better, such as accuracy or F1. Everything else is as for [#lowest].
  public TrainingLoop<B> highest(String name, DoubleSupplier value) {
    return metric(name, -1, value);
  }

  private TrainingLoop<B> metric(String name, int sign, DoubleSupplier value) {
    if (!name.matches("[^,\"\\p{Cntrl}]+") || metrics.stream().anyMatch(metric -> metric.name.equals(name))) {
      throw new IllegalArgumentException(
          "training: a metric needs a unique name without commas, quotes or line breaks, not '" + name + "'");
    }
    metrics.add(new Metric(name, sign, value));
    return this;
  }

  /// Ends after this many validations in a row in which the first metric did not improve.
  public TrainingLoop<B> patience(int validations) {
    patience = positive("patience", validations);
    return this;
  }

  /// Saves to a folder, which is created if it does not exist.
  public TrainingLoop<B> folder(Path path) {
    folder = path == null ? null : new TrainingFolder(path);
    return this;
  }

  /// Keeps the last `checkpoints` checkpoints, 2 by default: if the newest is damaged, [#resume] takes the one before.
  public TrainingLoop<B> keep(int checkpoints) {
    kept = positive("kept checkpoints", checkpoints);
    return this;
  }

  /// The contents of a model file, if not simply the parameters by name.
  public TrainingLoop<B> modelFile(Supplier<TensorFile> value) {
    modelFile = value;
    return this;
  }

  /// Extra metadata for `resume.safetensors`, such as the options of a program.
  public TrainingLoop<B> metadata(Supplier<Map<String, String>> value) {
    metadata = value;
    return this;
  }

  /// Shows progress: on a terminal as one line that is updated in place, elsewhere as a new line now and then.
  public TrainingLoop<B> progress(PrintStream stream) {
    out = stream;
    return this;
  }

  /// Measures speed in other units than steps.
  ///
  /// @param name such as `words`
  /// @param of how many there are in a batch
  public TrainingLoop<B> unit(String name, ToLongFunction<? super B> of) {
    unit = name;
    units = of;
    return this;
  }

  /// Sets a listener, which replaces the one that shows metrics.
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

  /// Resumes from what is in the folder. If nothing is saved there, the training starts from scratch. If the newest
  /// checkpoint is damaged, it resumes from the one before, with a warning.
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

  /// Trains to the end or until interrupted. The interrupt status of the thread is preserved.
  ///
  /// @throws DivergedException if the numbers are no longer finite; what was saved before is as it was
  /// @throws IOException if a file cannot be written; the last checkpoint is as it was
  /// @throws IllegalStateException if neither epochs nor steps were set, there is patience without a metric, or the
  ///     folder holds another run
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
      boolean isBest = due && !asked && isBest(found);
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

  /// How many steps there will be; 0 if unknown.
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

  /// Whether the first metric is the best so far; NaN never is.
  private boolean isBest(Map<String, Double> found) {
    if (metrics.isEmpty()) {
      return false;
    }
    Metric first = metrics.getFirst();
    double score = first.sign * found.getOrDefault(first.name, Double.NaN);
    boolean better = score < best;
    waited = better ? 0 : waited + 1;
    best = better ? score : best;
    return better;
  }

  /// Shows a line above the progress line.
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
      throw new IllegalStateException("training: no length was set; call epochs(..) or steps(..)");
    }
    if (patience < Integer.MAX_VALUE && metrics.isEmpty()) {
      throw new IllegalStateException("training: patience(..) needs a metric, from lowest(..) or highest(..)");
    }
    if (folder != null) {
      if (saved == 0 && folder.isSaved()) {
        throw new IllegalStateException(
            "training: " + folder.path() + " already holds a run; call resume() to continue it, or use another folder");
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

  /// Everything needed to resume. A bad checkpoint must never replace a good one.
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

  /// Writes the latest model, the best model if this is it, and last the file to resume from, which is the one that
  /// counts.
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
