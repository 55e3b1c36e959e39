package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.CharRnnTrainer;
import dev.rewind.examples.charrnn.model.ModelFile;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.TextModel;
import dev.rewind.examples.charrnn.model.TrainOptions;
import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.examples.charrnn.model.Vocabulary;
import dev.rewind.nn.data.Batch;
import dev.rewind.nn.data.Split;
import dev.rewind.nn.generate.Sampling;
import dev.rewind.nn.train.DivergedException;
import dev.rewind.nn.train.Trainer;
import dev.rewind.nn.train.TrainingLoop;
import dev.rewind.tensor.Rng;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A training run from its first or next iteration to its last: what the program says while a [TrainingLoop] runs.
final class TrainingRun implements TrainingLoop.Listener {
  private static final int SAMPLE_LENGTH = 300;
  private static final int FINAL_LENGTH = 1000;
  /// Nats per symbol. A model that draws lots has the logarithm of the size of its vocabulary, at most 14; in FLOAT32
  /// the probability of a symbol becomes 0 at 104.
  private static final double HOPELESS = 100;
  private static final Sampling SAMPLING = new Sampling(0.8, 0, 1);

  private final Main main;
  private final RunDirectory directory;
  private final Settings settings;
  private final Vocabulary vocabulary;
  private String fingerprint; // of the text; null before it is first wanted, as it takes a while
  private int[] symbols; // of the text; null afterwards
  private final Split<int[]> split;
  private final CharRnn<?> model;
  private final Trainer<Batch> trainer;
  private final TrainingLoop<Batch> loop;
  private final List<String> notes = new ArrayList<>();

  /// A new run. Nothing is written yet.
  ///
  /// @throws UserError if it needs more memory than there is
  TrainingRun(Main main, RunDirectory directory, Settings settings, TrainingText text) {
    this.main = main;
    this.directory = directory;
    this.settings = settings;
    this.vocabulary = text.vocabulary();
    this.symbols = text.symbols();
    this.split = text.split();
    TrainOptions training = settings.training();
    MemoryNeed.of(settings.model(), training.batch(), training.steps())
        .requireFits(Runtime.getRuntime().maxMemory());
    this.model = CharRnn.of(settings.model(), Rng.of(training.seed()).split("model"));
    this.trainer = CharRnnTrainer.of(model, training, text.windows());
    this.loop = new TrainingLoop<>(model, trainer)
        .steps(training.iterations()).every(training.checkpointEvery())
        .lowest("validation_loss", this::validate)
        .folder(directory.path()).modelFile(() -> ModelFile.toFile(model, vocabulary, progress()))
        .metadata(this::metadata)
        .progress(main.err()).unit("chars", Batch::steps).listener(this);
  }

  /// Makes it the run that was saved.
  ///
  /// @throws UserError if that has done more iterations than this one is to do
  void resume() throws IOException {
    loop.resume();
    if (loop.saved() > settings.training().iterations()) {
      throw new UserError("--iterations " + settings.training().iterations() + ": the run in " + directory.path()
          + " has done " + loop.saved() + " already");
    }
  }

  /// Adds a line to what is shown at the start.
  void note(String line) {
    notes.add(line);
  }

  /// Trains to the end, or until the program is told to end.
  void run() throws IOException {
    try {
      loop.run();
    } catch (DivergedException e) {
      throw explained(e);
    }
  }

  @Override
  public void started(TrainingLoop<?> running) {
    notes.forEach(loop::line);
    loop.line(describe());
    if (model.options().dropout() > 0 && model.options().layers() == 1) {
      loop.line("--dropout does nothing here: it drops between layers, and there is one layer");
    }
    if (trainer.iteration() == settings.training().iterations()) {
      loop.line("all " + loop.saved() + " iterations are done; a larger --iterations goes on");
    }
  }

  @Override
  public void stepped(TrainingLoop<?> running, TrainingLoop.Report report) {
    if (report.isSaved() && report.metrics().isEmpty()) {
      requireLearning("training", report.step().loss());
    }
    if (!report.isLast() && trainer.iteration() % settings.training().sampleEvery() == 0) {
      loop.line(keptSample(SAMPLE_LENGTH));
    }
  }

  @Override
  public void ended(TrainingLoop<?> running, TrainingLoop.End end) {
    if (end == TrainingLoop.End.INTERRUPTED) {
      main.err().println("stopped at iteration " + trainer.iteration() + "; to go on: " + resuming());
      main.err().flush();
    } else {
      main.out().println(keptSample(FINAL_LENGTH));
      main.out().flush();
      String folder = directory.quoted();
      main.err().println("the model is in " + directory.path() + "; to write more: charrnn sample --model " + folder);
    }
  }

  private String resuming() {
    return "charrnn train --resume --out " + directory.quoted();
  }

  /// Where it was, what is saved, and what to do.
  private DivergedException explained(DivergedException e) {
    TrainOptions training = settings.training();
    String smaller = "--learning-rate " + BigDecimal.valueOf(training.learningRate()).movePointLeft(1).doubleValue();
    String what = loop.saved() == 0
        ? "nothing was saved yet; start again with smaller steps, as by " + smaller
        : directory.path() + " holds the run as it was after iteration " + loop.saved()
            + "; to go on from there with smaller steps: "
            + resuming() + " " + smaller;
    return new DivergedException(e.iteration(),
        "the training diverged at iteration " + e.iteration() + ": " + e.getMessage() + "; " + what
            + " (it was " + training.learningRate() + "), perhaps with a smaller --clip (it was " + training.clip()
            + ")",
        e);
  }

  private String describe() {
    ModelOptions options = model.options();
    String input = settings.options().get("input");
    return String.format(Locale.ROOT,
        "%s: %,d symbols of %d kinds; %d x %s of %d, %,d parameters, %s form; folder %s",
        input.isEmpty() ? Corpus.TITLE : Path.of(input).getFileName(),
        split.training().length + split.validation().length,
        vocabulary.size(), options.layers(), options.cell().label(), options.hidden(), model.parameterCount(),
        settings.training().form(),
        directory.path());
  }

  private double validate() {
    if (split.validation().length == 0) {
      return Double.NaN; // nothing is held out
    }
    double loss = TextModel.loss(model, split.validation());
    loop.line(String.format(Locale.ROOT, "iteration %d: validation loss %.4f nats per symbol", trainer.iteration(),
        loss));
    return requireLearning("validation", loss);
  }

  private double requireLearning(String which, double loss) {
    if (!(loss < HOPELESS)) {
      throw new DivergedException(trainer.iteration(), "the " + which + " loss is " + (float) loss
          + " nats per symbol", null);
    }
    return loss;
  }

  private Map<String, String> progress() {
    return Map.of("iteration", Integer.toString(trainer.iteration()));
  }

  private Map<String, String> metadata() {
    if (fingerprint == null) {
      fingerprint = Settings.fingerprint(symbols);
      symbols = null;
    }
    Map<String, String> kept = new LinkedHashMap<>(settings.options());
    kept.put("fingerprint", fingerprint);
    kept.put("format", RunDirectory.RESUME_FORMAT);
    return kept;
  }

  /// A text that the model writes now, which the folder keeps as well.
  private String keptSample(int length) {
    String text = sample(length);
    try {
      directory.keepSample(trainer.iteration(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text;
  }

  private String sample(int length) {
    Rng draws = Rng.of(settings.training().seed()).split("sample").split(trainer.iteration());
    return vocabulary.decode(TextModel.write(model, vocabulary, new int[0], SAMPLING, draws).limit(length).toArray());
  }
}
