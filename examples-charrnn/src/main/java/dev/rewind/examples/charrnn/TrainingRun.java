package dev.rewind.examples.charrnn;

import dev.rewind.nn.io.TensorFile;
import dev.rewind.nn.rnn.Sampling;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;

/// A training run from its first or next iteration to its last: shows progress, keeps checkpoints, ends when told to.
final class TrainingRun {
  private static final int SAMPLE_LENGTH = 300;
  private static final int FINAL_LENGTH = 1000;
  private static final Sampling SAMPLING = new Sampling(0.8, 0, 1);

  private final Main main;
  private final RunDirectory directory;
  private final Settings settings;
  private final Vocabulary vocabulary;
  private String fingerprint; // of the text; null before it is first wanted, as it takes a while
  private int[] text; // null afterwards
  private final Split split;
  private final CharRnn<?> model;
  private final Trainer<?> trainer;
  private double best = Double.POSITIVE_INFINITY;
  private double secondsBefore;
  private volatile boolean stopping;

  private TrainingRun(Main main, RunDirectory directory, Settings settings, int[] text, Vocabulary vocabulary) {
    this.main = main;
    this.directory = directory;
    this.settings = settings;
    this.vocabulary = vocabulary;
    this.text = text;
    this.split = Split.of(vocabulary.encode(text), settings.training().validation());
    Windows windows = new Windows(split.training(), settings.training().batch(), settings.training().steps());
    this.model = CharRnn.of(settings.model(), Rng.of(settings.training().seed()).split("model"));
    this.trainer = Trainer.of(model, settings.training(), windows);
  }

  /// A new run; the folder is made once everything else has been checked.
  static TrainingRun start(Main main, Path out, Settings settings, int[] text, Vocabulary vocabulary) {
    Split.of(text, settings.training().validation());
    new Windows(Split.of(text, settings.training().validation()).training(), settings.training().batch(),
        settings.training().steps());
    return new TrainingRun(main, RunDirectory.create(out), settings, text, vocabulary);
  }

  /// A run that goes on.
  static TrainingRun resume(Main main, RunDirectory directory, Integer iterations) throws IOException {
    TensorFile file = directory.resumeFile();
    Settings settings = Settings.of(file.metadata(), iterations);
    int[] text = settings.input().isEmpty() ? Corpus.read() : Texts.read(Path.of(settings.input()), settings.encoding());
    if (!Settings.fingerprint(text).equals(file.metadata().get("fingerprint"))) {
      throw new UserError(settings.input() + ": is not the text that the run in " + directory.path() + " began with");
    }
    TrainingRun run = new TrainingRun(main, directory, settings, text,
        Vocabulary.ofText(text, settings.minCount()));
    run.restore(file);
    return run;
  }

  private void restore(TensorFile file) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    file.tensors().forEach((name, tensor) -> {
      if (name.startsWith("model.")) {
        parameters.put(name.substring("model.".length()), tensor);
      }
    });
    ModelFile.load(directory.path(), parameters, model);
    trainer.restore(file.tensors());
    best = file.tensors().get("run.best").item();
    secondsBefore = file.tensors().get("run.seconds").item();
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
    progress.line(describe());
    long begun = System.nanoTime();
    try (MetricsFile metrics = MetricsFile.resume(directory.metrics(), trainer.iteration())) {
      while (trainer.iteration() < training.iterations() && !stopping) {
        Trainer.Progressed done = trainer.step();
        double seconds = secondsBefore + (System.nanoTime() - begun) * 1e-9;
        progress.update(trainer.iteration(), done.loss());
        boolean last = trainer.iteration() == training.iterations() || stopping;
        OptionalDouble loss = OptionalDouble.empty();
        if (last || trainer.iteration() % training.checkpointEvery() == 0) {
          loss = stopping ? loss : validate(progress);
          save(loss, seconds);
        }
        metrics.append(new MetricsFile.Row(trainer.iteration(), trainer.epoch(), done.loss(), loss, done.gradientNorm(),
            training.learningRate(), progress.charsPerSecond(), seconds));
        if (!last && trainer.iteration() % training.sampleEvery() == 0) {
          progress.line(sample(SAMPLE_LENGTH));
        }
      }
      progress.finish();
    }
    conclude();
  }

  private void conclude() {
    if (stopping) {
      main.err().println("stopped at iteration " + trainer.iteration() + "; to go on: charrnn train --resume --out "
          + directory.path());
      main.err().flush();
    } else {
      main.out().println(sample(FINAL_LENGTH));
      main.out().flush();
      main.err().println("the model is in " + directory.path() + "; to write more: charrnn sample --model " + directory.path());
    }
  }

  private String describe() {
    ModelOptions options = model.options();
    return String.format(java.util.Locale.ROOT,
        "%s: %,d symbols of %d kinds; %d x %s of %d, %,d parameters; folder %s",
        settings.input().isEmpty() ? Corpus.TITLE : settings.input(), split.training().length + split.validation().length,
        vocabulary.size(), options.layers(), options.cell().label(), options.hidden(), model.parameterCount(),
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

  private void save(OptionalDouble loss, double seconds) throws IOException {
    boolean isBest = loss.isPresent() && loss.getAsDouble() < best;
    best = isBest ? loss.getAsDouble() : best;
    Map<String, Tensor> state = new LinkedHashMap<>(trainer.state());
    state.put("run.best", Tensor.scalar(best));
    state.put("run.seconds", Tensor.scalar(seconds));
    Map<String, String> kept = settings.toMap();
    kept.put("fingerprint", fingerprint());
    TensorFile file = ModelFile.toFile(model, vocabulary, Map.of("iteration", Integer.toString(trainer.iteration())));
    directory.save(file, isBest, state, kept);
  }

  private String fingerprint() {
    if (fingerprint == null) {
      fingerprint = Settings.fingerprint(text);
      text = null;
    }
    return fingerprint;
  }

  private String sample(int length) {
    Rng draws = Rng.of(settings.training().seed()).split("sample").split(trainer.iteration());
    return vocabulary.decode(TextModel.write(model, vocabulary, new int[0], SAMPLING, draws).limit(length).toArray());
  }
}
