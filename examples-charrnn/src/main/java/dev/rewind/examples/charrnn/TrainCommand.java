package dev.rewind.examples.charrnn;

import dev.rewind.tensor.Threads;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `charrnn train`.
@Command(
    name = "train",
    description = "Trains a model on a text. Ctrl-C saves the run and ends it; --resume goes on.",
    showDefaultValues = true,
    sortOptions = false)
final class TrainCommand implements Callable<Integer> {
  /// Options that may be given with `--resume`; all others are those of the run.
  private static final List<String> WITH_RESUME = List.of("--resume", "--out", "--iterations", "--threads", "--stacktrace");

  @ParentCommand
  private Main main;

  @Spec
  private CommandSpec spec;

  @Option(names = "--input", paramLabel = "FILE", description = "The text, UTF-8; without it a novel that comes along.")
  private Path input;

  @Option(names = "--encoding", paramLabel = "NAME", description = "Of the text, if it is not UTF-8: windows-1252, UTF-16LE, ..",
      converter = Converters.Encoding.class)
  private Charset encoding;

  @Option(names = "--min-count", paramLabel = "N", description = "Symbols that the text has less often become one, U+FFFD, which "
      + "stands for all that the model does not know.", defaultValue = "1", converter = Converters.Positive.class)
  private int minCount;

  @Option(names = "--out", paramLabel = "DIR", description = "The folder of the run; without it the first free charrnn-run.")
  private Path out;

  @Option(names = "--resume", description = "Go on with the run in --out, as if it had not been interrupted.")
  private boolean resume;

  @Option(names = "--cell", paramLabel = "NAME", defaultValue = "lstm", completionCandidates = CellNames.class,
      description = "The kind of cell: ${COMPLETION-CANDIDATES}.")
  private String cell;

  @Option(names = "--layers", paramLabel = "N", description = "Cells on top of one another.", defaultValue = "2",
      converter = Converters.Positive.class)
  private int layers;

  @Option(names = "--hidden", paramLabel = "N", description = "The size of a hidden state.", defaultValue = "128",
      converter = Converters.Positive.class)
  private int hidden;

  @Option(names = "--embedding", paramLabel = "N", description = "The size of a symbol's vector; that of a hidden state if not given.",
      converter = Converters.Positive.class)
  private Integer embedding;

  @Option(names = "--dropout", paramLabel = "SHARE", description = "What is dropped between layers.", defaultValue = "0",
      converter = Converters.Fraction.class)
  private double dropout;

  @Option(names = "--batch", paramLabel = "N", description = "Texts read side by side.", defaultValue = "50",
      converter = Converters.Positive.class)
  private int batch;

  @Option(names = "--steps", paramLabel = "N", description = "Symbols between two updates.", defaultValue = "50",
      converter = Converters.Positive.class)
  private int steps;

  @Option(names = "--epochs", paramLabel = "N", description = "How often the text is read, if --iterations is not given.",
      converter = Converters.Positive.class)
  private Integer epochs;

  @Option(names = "--iterations", paramLabel = "N", description = "Updates in all; 2000 if neither this nor --epochs is given.",
      converter = Converters.Positive.class)
  private Integer iterations;

  @Option(names = "--learning-rate", paramLabel = "RATE", description = "Adam's.", defaultValue = "0.002",
      converter = Converters.PositiveDecimal.class)
  private double learningRate;

  @Option(names = "--clip", paramLabel = "NORM", description = "Gradients are scaled down to this norm.", defaultValue = "5",
      converter = Converters.PositiveDecimal.class)
  private double clip;

  @Option(names = "--validation", paramLabel = "SHARE", description = "What is held out at the end of the text.",
      defaultValue = "0.1", converter = Converters.Fraction.class)
  private double validation;

  @Option(names = "--seed", paramLabel = "N", description = "Of all randomness; the same seed gives the same bits.",
      defaultValue = "1", converter = Converters.Whole.class)
  private long seed;

  @Option(names = "--threads", paramLabel = "N", description = "Threads that compute; all processors if not given. Bits do not "
      + "depend on it.", converter = Converters.Positive.class)
  private Integer threads;

  @Option(names = "--checkpoint-every", paramLabel = "N", description = "Iterations between two checkpoints.",
      defaultValue = "500", converter = Converters.Positive.class)
  private int checkpointEvery;

  @Option(names = "--sample-every", paramLabel = "N", description = "Iterations between two samples shown.",
      defaultValue = "500", converter = Converters.Positive.class)
  private int sampleEvery;

  /// What `--cell` may be.
  static final class CellNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(ModelOptions.CellKind.values()).map(ModelOptions.CellKind::label).iterator();
    }
  }

  @Override
  public Integer call() throws Exception {
    if (threads != null) {
      Threads.resize(threads);
    }
    if (resume) {
      requireFewOptions();
      TrainingRun.resume(main, RunDirectory.existing(out), iterations).run();
    } else {
      if (input == null && encoding != null) {
        throw new UserError("--encoding is that of a text; --input names it");
      }
      int[] text = input == null ? Corpus.read() : Texts.read(input, encoding);
      Vocabulary vocabulary = Vocabulary.ofText(text, minCount);
      ModelOptions model = new ModelOptions(ModelOptions.CellKind.of(cell), vocabulary.size(),
          embedding == null ? hidden : embedding, hidden, layers, dropout);
      TrainingRun.start(main, out, settings(model, text.length), text, vocabulary).run();
    }
    return ExitCode.OK;
  }

  private Settings settings(ModelOptions model, int symbols) {
    int planned = 2000;
    if (iterations != null) {
      planned = iterations;
    } else if (epochs != null) {
      long perEpoch = Math.max(1, (long) (symbols * (1 - validation)) / ((long) batch * steps));
      planned = (int) Math.min(Integer.MAX_VALUE, perEpoch * epochs);
    }
    return new Settings(input == null ? "" : input.toString(), encoding, minCount, model, new TrainOptions(batch, steps, planned,
        learningRate, clip, validation, seed, checkpointEvery, sampleEvery));
  }

  private void requireFewOptions() {
    spec.commandLine().getParseResult().matchedOptions().stream()
        .map(option -> option.longestName()).filter(name -> !WITH_RESUME.contains(name)).findFirst().ifPresent(name -> {
          throw new UserError(name + " cannot be given with --resume: a run goes on with the settings it began with");
        });
  }
}
