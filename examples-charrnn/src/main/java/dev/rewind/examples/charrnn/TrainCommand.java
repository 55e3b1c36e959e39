package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.Form;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.TrainOptions;
import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.tensor.Threads;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `charrnn train`.
@Command(
    name = "train",
    description = "Trains a model on a text. Ctrl-C saves the run and ends it; --resume goes on. A training that "
        + "diverges ends with exit status 3.",
    showDefaultValues = true,
    sortOptions = false)
final class TrainCommand implements Callable<Integer> {
  @ParentCommand
  private Main main;

  @Spec
  private CommandSpec spec;

  @Option(names = "--input", paramLabel = "FILE", description = "The text, UTF-8; without it the bundled novel.")
  private Path input;

  @Option(names = "--encoding", paramLabel = "NAME",
      description = "Of the text, if it is not UTF-8: windows-1252, UTF-16LE, ..",
      converter = Converters.Encoding.class)
  private Charset encoding;

  @Option(names = "--min-count", paramLabel = "N",
      description = "Symbols that the text has less often become one, U+FFFD, which "
          + "stands for all that the model does not know.",
      defaultValue = "1", converter = Converters.Positive.class)
  private int minCount;

  @Option(names = "--out", paramLabel = "DIR",
      description = "The folder of the run; without it the first free charrnn-run.")
  private Path out;

  @Option(names = "--resume", description = "Go on with the run in --out, as if it had not been "
      + "interrupted; start it if nothing is saved there yet. Other options may be repeated; "
      + "--input (of a text that was moved), "
      + "--dropout, --epochs, --iterations, --learning-rate, --clip, --checkpoint-every, --sample-every and "
      + "--threads may differ.")
  private boolean resume;

  @Mixin
  private ModelArguments model;

  @Option(names = "--dropout", paramLabel = "SHARE", description = "What is dropped between layers.",
      defaultValue = "0", converter = Converters.Fraction.class)
  private double dropout;

  @Option(names = "--batch", paramLabel = "N", description = "Texts read side by side.", defaultValue = "50",
      converter = Converters.Positive.class)
  private int batch;

  @Option(names = "--steps", paramLabel = "N", description = "Symbols between two updates.", defaultValue = "50",
      converter = Converters.Positive.class)
  private int steps;

  @Option(names = "--epochs", paramLabel = "N", description = "How often the text is read; instead of --iterations.",
      converter = Converters.Positive.class)
  private Integer epochs;

  @Option(names = "--iterations", paramLabel = "N",
      description = "Updates in all; 2000 if neither this nor --epochs is given.",
      converter = Converters.Positive.class)
  private Integer iterations;

  @Option(names = "--learning-rate", paramLabel = "RATE", description = "Adam's.", defaultValue = "0.002",
      converter = Converters.PositiveDecimal.class)
  private double learningRate;

  @Option(names = "--clip", paramLabel = "NORM", description = "Gradients are scaled down to this norm.",
      defaultValue = "5", converter = Converters.PositiveDecimal.class)
  private double clip;

  @Option(names = "--validation", paramLabel = "SHARE", description = "What is held out at the end of the text.",
      defaultValue = "0.1", converter = Converters.Fraction.class)
  private double validation;

  @Option(names = "--seed", paramLabel = "N", description = "Of all randomness; the same seed gives the same bits.",
      defaultValue = "1", converter = Converters.Whole.class)
  private long seed;

  @Option(names = "--threads", paramLabel = "N",
      description = "Threads that compute; all processors if not given. Bits do not depend on it.",
      converter = Converters.Positive.class)
  private Integer threads;

  @Option(names = "--checkpoint-every", paramLabel = "N", description = "Iterations between two checkpoints.",
      defaultValue = "500", converter = Converters.Positive.class)
  private int checkpointEvery;

  @Option(names = "--sample-every", paramLabel = "N", description = "Iterations between two samples shown.",
      defaultValue = "500", converter = Converters.Positive.class)
  private int sampleEvery;

  @Option(names = "--form", paramLabel = "NAME", defaultValue = "fused",
      description = "How a window is read: ${COMPLETION-CANDIDATES}. The numbers are the same to rounding; list is the "
          + "tutorial's, step by step, fused the fastest.")
  private Form form;

  @Override
  public Integer call() throws Exception {
    if (epochs != null && iterations != null) {
      throw new UserError("--epochs and --iterations both say how long to train; give one of them");
    }
    if (resume && out == null) {
      throw new UserError("--resume needs --out, the folder of the run to go on with");
    }
    resizeThreads();
    RunDirectory saved = resume ? RunDirectory.saved(out) : null;
    if (resume && saved == null && input == null && RunDirectory.isBegun(out)) {
      throw new UserError(
          out + ": a run began here and ended before it saved anything, its options neither; to start it "
              + "anew give all of them, --input among them, or leave --resume out");
    }
    (saved == null ? start(RunDirectory.fresh(out)) : goOn(saved)).run();
    return ExitCode.OK;
  }

  private void resizeThreads() {
    try {
      if (threads != null) {
        Threads.resize(threads);
      }
    } catch (IllegalArgumentException e) {
      throw new UserError("--threads " + threads + ": " + e.getMessage(), e);
    }
  }

  private TrainingRun start(RunDirectory directory) {
    if (input == null && encoding != null) {
      throw new UserError("--encoding is that of a text; --input names it");
    }
    TrainingText text = TrainingText.of(read(), minCount, validation, batch, steps);
    TrainingRun run = new TrainingRun(main, directory, settings(text), text);
    if (resume) {
      run.note("nothing is saved in " + out + " yet: the run starts anew");
    }
    return run;
  }

  private TrainingRun goOn(RunDirectory directory) throws IOException {
    Map<String, String> kept = directory.resumeMetadata();
    Map<String, String> given = options(spec.commandLine().getParseResult()::hasMatchedOption);
    take(Settings.changed(kept, given));
    int[] symbols = read(given.containsKey("input"));
    if (!Settings.fingerprint(symbols).equals(kept.get("fingerprint"))) {
      throw new UserError((input == null ? "" : input) + ": is not the text that the run in " + directory.path()
          + " began with");
    }
    TrainingText text = TrainingText.of(symbols, minCount, validation, batch, steps);
    Settings settings = settings(text);
    TrainingRun run = new TrainingRun(main, directory, settings, text);
    run.resume();
    List<String> changes = settings.changesSince(kept);
    if (!changes.isEmpty()) {
      run.note("from here on: " + String.join(", ", changes));
    }
    return run;
  }

  private Settings settings(TrainingText text) {
    int planned = epochs != null ? text.iterations(epochs) : Objects.requireNonNullElse(iterations, 2000);
    ModelOptions architecture = model.options(text.vocabulary().size(), dropout);
    Map<String, String> options = options(_ -> true);
    options.put("iterations", Integer.toString(planned));
    options.put("embedding", Integer.toString(architecture.embedding()));
    return new Settings(options, architecture, new TrainOptions(
        batch, steps, planned, learningRate, clip, validation, seed, checkpointEvery, sampleEvery, form));
  }

  /// The options that decide about a run and of which a condition holds, as texts; empty for what is not given.
  private Map<String, String> options(Predicate<OptionSpec> condition) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String name : Settings.NAMES) {
      OptionSpec option = spec.findOption("--" + name);
      Object value = option.getValue();
      if (condition.test(option)) {
        options.put(name, value instanceof Path path ? path.toAbsolutePath().normalize().toString()
            : Objects.toString(value, ""));
      }
    }
    return options;
  }

  /// Takes options as if they were those of the command line, of which only `--epochs` remains.
  private void take(Map<String, String> options) {
    Stream<String> args = options.entrySet().stream().filter(option -> !option.getValue().isEmpty())
        .map(option -> "--" + option.getKey() + "=" + option.getValue());
    Stream<String> more = epochs == null ? Stream.of() : Stream.of("--epochs=" + epochs);
    try {
      spec.commandLine().parseArgs(Stream.concat(args, more).toArray(String[]::new));
    } catch (ParameterException e) {
      throw new UserError("the run's resume.safetensors lacks settings or has bad ones: " + e.getMessage(), e);
    }
  }

  /// The text.
  private int[] read() {
    return input == null ? Corpus.read() : Texts.read(input, encoding);
  }

  /// The text of a run that goes on.
  private int[] read(boolean given) {
    try {
      return read();
    } catch (UserError e) {
      throw given ? e : new UserError(e.getMessage() + "; --input says where the text of the run is now", e);
    }
  }
}
