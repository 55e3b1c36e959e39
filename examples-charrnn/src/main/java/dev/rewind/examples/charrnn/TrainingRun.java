package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.Diverged;
import dev.rewind.examples.charrnn.model.ModelFile;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.Split;
import dev.rewind.examples.charrnn.model.TextModel;
import dev.rewind.examples.charrnn.model.TrainOptions;
import dev.rewind.examples.charrnn.model.Trainer;
import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.examples.charrnn.model.Vocabulary;
import dev.rewind.nn.generate.Sampling;
import dev.rewind.nn.io.TensorFile;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;

/// A training run from its first or next iteration to its last: shows progress, keeps checkpoints, ends when told to.
final class TrainingRun {
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
  private final Split split;
  private final CharRnn<?> model;
  private final Trainer<?> trainer;
  private final List<String> notes = new ArrayList<>();
  private double best = Double.POSITIVE_INFINITY;
  private double seconds; // spent so far
  private int saved; // iterations done at the last checkpoint
  private volatile boolean stopping;

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
    MemoryNeed.of(settings.model(), settings.training().batch(), settings.training().steps())
        .requireFits(Runtime.getRuntime().maxMemory());
    this.model = CharRnn.of(settings.model(), Rng.of(settings.training().seed()).split("model"));
    this.trainer = Trainer.of(model, settings.training(), text.windows());
  }

  /// Makes it the run that a checkpoint holds.
  ///
  /// @throws UserError if that has done more iterations than this one is to do
  void restore(TensorFile file) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    file.tensors().forEach((name, tensor) -> {
      if (name.startsWith("model.")) {
        parameters.put(name.substring("model.".length()), tensor);
      }
    });
    ModelFile.load(directory.path(), parameters, model);
    trainer.restore(file.tensors());
    best = file.tensors().get("run.best").item();
    seconds = file.tensors().get("run.seconds").item();
    saved = trainer.iteration();
    if (saved > settings.training().iterations()) {
      throw new UserError(
          "--iterations " + settings.training().iterations() + ": the run in " + directory.path() + " has done "
              + saved + " already");
    }
  }

  /// Adds a line to what is shown at the start.
  void note(String line) {
    notes.add(line);
  }

  /// Trains to the end, or until the program is told to end.
  void run() throws IOException {
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = new Thread(() -> {
      stopping = true;
      awaitQuietly(ended);
    });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      train();
      removeQuietly(hook);
    } catch (Diverged e) {
      throw explained(e);
    } finally {
      ended.countDown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void removeQuietly(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the program is ending already, and waits for this
    }
  }

  private void train() throws IOException {
    TrainOptions training = settings.training();
    Progress progress = new Progress(main.err(), Progress.interactive(), trainer.iteration(), training.iterations(),
        (long) training.batch() * training.steps(), System::nanoTime);
    directory.create();
    try (MetricsFile metrics = MetricsFile.resume(directory.metrics(), trainer.iteration())) {
      notes.forEach(progress::line);
      progress.line(describe());
      if (model.options().dropout() > 0 && model.options().layers() == 1) {
        progress.line("--dropout does nothing here: it drops between layers, and there is one layer");
      }
      if (trainer.iteration() == training.iterations()) {
        progress.line("all " + saved + " iterations are done; a larger --iterations goes on");
      }
      double before = seconds;
      long begun = System.nanoTime();
      Trainer.Progressed done = null;
      while (trainer.iteration() < training.iterations() && !stopping) {
        done = trainer.step();
        seconds = before + (System.nanoTime() - begun) * 1e-9;
        progress.update(trainer.iteration(), done.loss());
        boolean last = trainer.iteration() == training.iterations();
        OptionalDouble loss = OptionalDouble.empty();
        if (last || trainer.iteration() % training.checkpointEvery() == 0) {
          loss = stopping ? loss : validate(progress);
          save(done, loss);
        }
        metrics.append(new MetricsFile.Row(trainer.iteration(), trainer.epoch(), done.loss(), loss, done.gradientNorm(),
            training.learningRate(), progress.charsPerSecond(), seconds));
        if (!last && !stopping && trainer.iteration() % training.sampleEvery() == 0) {
          progress.line(sample(SAMPLE_LENGTH));
        }
      }
      if (saved < trainer.iteration()) { // told to end
        save(done, OptionalDouble.empty());
      }
    } finally {
      progress.finish();
    }
    conclude();
  }

  private void conclude() {
    if (trainer.iteration() < settings.training().iterations()) {
      main.err().println("stopped at iteration " + trainer.iteration() + "; to go on: " + resuming());
      main.err().flush();
    } else {
      main.out().println(sample(FINAL_LENGTH));
      main.out().flush();
      String folder = directory.quoted();
      main.err().println("the model is in " + directory.path() + "; to write more: charrnn sample --model " + folder);
    }
  }

  private String resuming() {
    return "charrnn train --resume --out " + directory.quoted();
  }

  /// Where it was, what is saved, and what to do.
  private Diverged explained(Diverged e) {
    TrainOptions training = settings.training();
    String smaller = "--learning-rate " + BigDecimal.valueOf(training.learningRate()).movePointLeft(1).doubleValue();
    String what = saved == 0
        ? "nothing was saved yet; start again with smaller steps, as by " + smaller
        : directory.path() + " holds the run as it was after iteration " + saved
            + "; to go on from there with smaller steps: "
            + resuming() + " " + smaller;
    return new Diverged(e.iteration(),
        "the training diverged at iteration " + e.iteration() + ": " + e.getMessage() + "; " + what
            + " (it was " + training.learningRate() + "), perhaps with a smaller --clip (it was " + training.clip()
            + ")",
        e);
  }

  private String describe() {
    ModelOptions options = model.options();
    return String.format(java.util.Locale.ROOT,
        "%s: %,d symbols of %d kinds; %d x %s of %d, %,d parameters, %s form; folder %s",
        settings.input().isEmpty() ? Corpus.TITLE : Path.of(settings.input()).getFileName(),
        split.training().length + split.validation().length,
        vocabulary.size(), options.layers(), options.cell().label(), options.hidden(), model.parameterCount(),
        settings.training().form(),
        directory.path());
  }

  private OptionalDouble validate(Progress progress) {
    if (!split.holdsOut()) {
      return OptionalDouble.empty();
    }
    double loss = TextModel.loss(model, split.validation());
    progress.line(String.format(java.util.Locale.ROOT, "iteration %d: validation loss %.4f nats per symbol",
        trainer.iteration(), loss));
    return OptionalDouble.of(loss);
  }

  private void save(Trainer.Progressed done, OptionalDouble loss) throws IOException {
    requireLearning(loss.isPresent() ? "validation" : "training", loss.orElse(done.loss()));
    boolean isBest = loss.isPresent() && loss.getAsDouble() < best;
    TensorFile file = ModelFile.toFile(model, vocabulary, Map.of("iteration", Integer.toString(trainer.iteration())));
    Map<String, Tensor> state = new LinkedHashMap<>(trainer.state());
    requireFinite(file.tensors());
    requireFinite(state);
    best = isBest ? loss.getAsDouble() : best;
    state.put("run.best", Tensor.scalar(best));
    state.put("run.seconds", Tensor.scalar(seconds));
    Map<String, String> kept = settings.toMap();
    kept.put("fingerprint", fingerprint());
    directory.save(file, isBest, state, kept);
    saved = trainer.iteration();
  }

  // Nothing may take the place of a good checkpoint that is none.

  private void requireLearning(String which, double loss) {
    if (!(loss < HOPELESS)) {
      throw new Diverged(trainer.iteration(), "the " + which + " loss is " + (float) loss + " nats per symbol", null);
    }
  }

  private void requireFinite(Map<String, Tensor> tensors) {
    tensors.forEach((name, tensor) -> {
      if (tensor.dtype().isFloating() && tensor.isFinite().all().item() == 0) {
        throw new Diverged(trainer.iteration(), name + " is not finite", null);
      }
    });
  }

  private String fingerprint() {
    if (fingerprint == null) {
      fingerprint = Settings.fingerprint(symbols);
      symbols = null;
    }
    return fingerprint;
  }

  private String sample(int length) {
    Rng draws = Rng.of(settings.training().seed()).split("sample").split(trainer.iteration());
    return vocabulary.decode(TextModel.write(model, vocabulary, new int[0], SAMPLING, draws).limit(length).toArray());
  }
}
