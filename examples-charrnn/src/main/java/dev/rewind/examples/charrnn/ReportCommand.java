package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.ModelFile;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.examples.charrnn.model.Vocabulary;
import dev.rewind.nn.data.Split;
import dev.rewind.report.Activations;
import dev.rewind.report.Feature;
import dev.rewind.report.Finding;
import dev.rewind.report.Metrics;
import dev.rewind.report.Predictions;
import dev.rewind.report.Report;
import dev.rewind.report.TrainingReport;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `charrnn report`.
@Command(name = "report",
    description = "Writes a page, one HTML file that needs nothing else: the curves of the training, what the model "
        + "wrote on the way, a text coloured by what its units do, what it expects next, its weights.",
    showDefaultValues = true, sortOptions = false)
final class ReportCommand implements Callable<Integer> {
  private static final int LIKELIEST = 10;
  private static final int UNITS = 16;
  private static final int COMMON = 10;

  @ParentCommand
  private Main main;

  @Option(names = "--model", required = true, paramLabel = "PATH",
      description = "The folder of a run, or a model file, of which there are no curves.")
  private Path path;

  @Option(names = "--input", paramLabel = "FILE", description = "The text to read; without it what the run held out, "
      + "and of a model file the bundled novel.")
  private Path input;

  @Option(names = "--encoding", paramLabel = "NAME",
      description = "Of the text, if it is not UTF-8: windows-1252, UTF-16LE, ..",
      converter = Converters.Encoding.class)
  private Charset encoding;

  @Mixin
  private UnknownSymbols unknown;

  @Option(names = "--length", paramLabel = "N", description = "Symbols of the text to read; the page grows by some 80 "
      + "bytes with each.", defaultValue = "10000", converter = Converters.Positive.class)
  private int length;

  @Option(names = "--html", required = true, paramLabel = "FILE", description = "The page.")
  private Path html;

  /// The text that is read.
  ///
  /// @param whole how many symbols there are, of which `symbols` are the first
  private record Text(String name, int[] symbols, int whole) {}

  @Override
  public Integer call() throws Exception {
    ModelFile.Loaded loaded = ModelFile.readForUse(RunDirectory.modelIn(path));
    RunDirectory run = Files.isDirectory(path) ? RunDirectory.saved(path) : null;
    Map<String, String> kept = run == null ? Map.of() : run.resumeMetadata();
    Text text = text(kept);
    UnknownSymbols.Reading read = read(loaded.vocabulary(), text);
    Report report = report(loaded, run, kept, text, read);
    try {
      report.write(html);
    } catch (IOException e) {
      throw UserError.of(html, e);
    }
    main.err().printf(Locale.ROOT, "the page is in %s, %.1f MB%s%s%n", html, Files.size(html) / 1e6,
        text.whole > text.symbols.length ? "; it shows " + text.symbols.length + " of " + text.whole
            + " symbols, --length shows more" : "",
        run == null ? "; it has no curves: they need the folder of a run" : "");
    return ExitCode.OK;
  }

  private Text text(Map<String, String> kept) {
    if (input != null) {
      return first(input.getFileName().toString(), Texts.read(input, encoding));
    }
    if (encoding != null) {
      throw new UserError("--encoding is that of a text; --input names it");
    }
    String trainedOn = kept.getOrDefault("input", "");
    try {
      String name = trainedOn.isEmpty() ? Corpus.TITLE : Path.of(trainedOn).getFileName().toString();
      String itsEncoding = kept.getOrDefault("encoding", "");
      int[] all = trainedOn.isEmpty() ? Corpus.read() : Texts.read(Path.of(trainedOn),
          itsEncoding.isEmpty() ? null : Charset.forName(itsEncoding));
      double held = Double.parseDouble(kept.getOrDefault("validation", "0"));
      return held == 0 ? first(name, all)
          : first("what was held out of " + name,
              Arrays.copyOfRange(all, Split.trainingSize(all.length, held), all.length));
    } catch (UserError e) {
      throw new UserError(e.getMessage() + "; --input names a text to read", e);
    }
  }

  private UnknownSymbols.Reading read(Vocabulary vocabulary, Text text) {
    UnknownSymbols.Reading read;
    try {
      read = unknown.read(vocabulary, text.symbols, text.name);
    } catch (UserError e) {
      throw input != null ? e : new UserError(e.getMessage() + "; --input names a text to read", e);
    }
    if (read.ids().length == 0) {
      throw new UserError(text.name + ": no symbol is left to read");
    }
    return read;
  }

  private Text first(String name, int[] all) {
    return new Text(name, Arrays.copyOf(all, Math.min(length, all.length)), all.length);
  }

  private Report report(ModelFile.Loaded loaded, RunDirectory run, Map<String, String> kept, Text text,
      UnknownSymbols.Reading reading) throws IOException {
    CharRnn<?> model = loaded.model();
    ModelOptions options = model.options();
    int[] ids = reading.ids();
    Tensor embedding = model.namedParameters().get("embedding.weight").value(); // [V, E]
    Tensor weight = model.namedParameters().get("linear.weight").value().transpose(); // [H, V]
    Tensor bias = model.namedParameters().get("linear.bias").value();
    Activations seen = Activations.of(model.cell(), embedding.gather(Tensor.wrap(ids, ids.length), 0));
    Predictions next = Predictions.of(seen.outputs(), h -> h.matmul(weight).plus(bias), ids, LIKELIEST);
    List<Finding> findings = Finding.among(seen, Feature.ofText(
        Arrays.stream(ids).map(loaded.vocabulary()::symbol).toArray()), UNITS);
    List<String> signs = IntStream.range(0, options.symbols())
        .mapToObj(id -> Character.toString(loaded.vocabulary().symbol(id))).toList();

    String cells = options.layers() + " × " + options.cell().label();
    Map<String, String> facts = new LinkedHashMap<>(Map.of("cells", cells + " of " + options.hidden()));
    facts.put("parameters", String.format(Locale.ROOT, "%,d", model.parameterCount()));
    Report report = Report.titled("What " + cells + " of " + options.hidden() + " learned");
    if (run != null) {
      addCourse(report, facts, run);
    }
    report.facts(facts).text((text.whole > text.symbols.length ? "The first " : "All ")
        + String.format(Locale.ROOT, "%,d of %,d symbols: %s", text.symbols.length, text.whole, text.name)
        + (reading.unknown() == 0 ? ""
            : ", of which the model does not know " + reading.unknown() + " (" + reading.fate() + ")"),
        signs, ids, seen, findings, next);
    Map<String, String> stages = new LinkedHashMap<>();
    stages.put("symbols", "[B, T]");
    stages.put("embedding", "[B, T, " + options.embedding() + "]");
    stages.put(cells, "[B, T, " + options.hidden() + "]");
    stages.put("projection", "[B, T, " + options.symbols() + "]");
    int[] common = IntStream.range(0, options.symbols())
        .filter(id -> Arrays.stream(ids).filter(read -> read == id).count() >= COMMON).toArray();
    if (common.length > 1) {
      report.embedding("the " + common.length + " symbols that this text has at least " + COMMON + " times (rare ones "
          + "hardly moved from where they were drawn)", Arrays.stream(common).mapToObj(signs::get).toList(),
          embedding.gather(Tensor.wrap(common, common.length), 0));
    }
    return report.stages(stages).parameters(model.namedParameters())
        .provenance(provenance(loaded, kept, text));
  }

  private static void addCourse(Report report, Map<String, String> facts, RunDirectory run) throws IOException {
    Optional<Metrics> metrics = run.metrics();
    metrics.ifPresentOrElse(course -> {
      facts.putAll(TrainingReport.facts(course));
      facts.keySet().retainAll(List.of("cells", "parameters", "iteration", "train loss", "lowest validation loss"));
      report.training(course);
    }, () -> report.remark("Training", "There are no curves: the folder of the run has no metrics.csv."));
    List<Report.Sample> samples = run.samples();
    if (samples.isEmpty()) {
      report.remark("What it wrote", "The run kept no samples.");
    } else {
      report.samples(samples);
    }
  }

  /// Where the numbers come from, without paths, which are nobody's business.
  private Map<String, String> provenance(ModelFile.Loaded loaded, Map<String, String> kept, Text text) {
    Map<String, String> named = new LinkedHashMap<>();
    named.put("model", name(path) + ": " + name(RunDirectory.modelIn(path)));
    named.put("of iteration", loaded.metadata().getOrDefault("iteration", "unknown"));
    named.put("text", text.name);
    if (!kept.isEmpty()) {
      named.put("trained by", "charrnn train --out " + name(path) + Settings.NAMES.stream()
          .filter(option -> !kept.getOrDefault(option, "").isEmpty())
          .map(option -> " --" + option + " "
              + (option.equals("input") ? name(Path.of(kept.get(option))) : kept.get(option)))
          .collect(Collectors.joining()));
      named.put("SHA-256 of the text it was trained on", kept.get("fingerprint"));
    }
    named.put("this page by", "charrnn report --model " + name(path)
        + (input == null ? "" : " --input " + name(input)) + " --length " + length + " --html " + name(html));
    named.put("program", new Main.Version().getVersion()[0]);
    return named;
  }

  private static String name(Path path) {
    return String.valueOf(path.toAbsolutePath().normalize().getFileName());
  }
}
