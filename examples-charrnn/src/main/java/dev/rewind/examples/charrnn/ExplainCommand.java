package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.CharRnn;
import dev.rewind.examples.charrnn.model.Explanation;
import dev.rewind.examples.charrnn.model.ModelFile;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.examples.charrnn.model.Vocabulary;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `charrnn explain`.
@Command(name = "explain",
    description = "Shows how a model reads a batch, operation by operation, with all shapes: in the list form, embed, "
        + "split, squeeze, a step of the cells for each symbol, project, loss.",
    showDefaultValues = true, sortOptions = false)
final class ExplainCommand implements Callable<Integer> {
  @ParentCommand
  private Main main;

  @Spec
  private CommandSpec spec;

  @Option(names = "--model", paramLabel = "PATH",
      description = "A model file, or the folder of a run; without it a model that has learned nothing yet, made of "
          + "what the next options say.")
  private Path path;

  @Mixin
  private ModelArguments fresh;

  @Option(names = "--input", paramLabel = "FILE", description = "The text to read the batch from; without it the "
      + "bundled novel.")
  private Path input;

  @Option(names = "--batch", paramLabel = "N", description = "Texts read side by side.", defaultValue = "2",
      converter = Converters.Positive.class)
  private int batch;

  @Option(names = "--steps", paramLabel = "N", description = "Symbols of each.", defaultValue = "3",
      converter = Converters.Positive.class)
  private int steps;

  @Option(names = "--format", paramLabel = "NAME", defaultValue = "text",
      description = "How to show it: ${COMPLETION-CANDIDATES}.")
  private Explanation.Format format;

  @Override
  public Integer call() throws Exception {
    int[] text = input == null ? Corpus.read() : Texts.read(input, null);
    if (text.length < (long) batch * (steps + 1L)) {
      throw new UserError("the text has " + text.length + " symbols, but --batch " + batch + " and --steps " + steps
          + " need " + (long) batch * (steps + 1L));
    }
    ModelFile.Loaded loaded = path == null ? null : loaded();
    Vocabulary vocabulary = loaded == null ? Vocabulary.ofText(text) : loaded.vocabulary();
    CharRnn<?> model = loaded == null ? fresh(vocabulary.size()) : loaded.model();
    int[] read = vocabulary.encode(Arrays.copyOf(text, batch * (steps + 1)),
        input == null ? "the novel" : input.toString());
    main.out().print(Explanation.of(model, vocabulary, Tensor.of(read, batch, steps + 1)).as(format));
    return ExitCode.OK;
  }

  private ModelFile.Loaded loaded() throws IOException {
    ModelArguments.NAMES.stream().filter(spec.commandLine().getParseResult()::hasMatchedOption).findFirst()
        .ifPresent(name -> {
          throw new UserError(name + " is for a new model; --model names one that has its sizes; give one of them");
        });
    return ModelFile.readForUse(RunDirectory.modelIn(path));
  }

  private CharRnn<?> fresh(int symbols) {
    ModelOptions options = fresh.options(symbols, 0);
    MemoryNeed.of(options, batch, steps).requireFits(Runtime.getRuntime().maxMemory());
    return CharRnn.of(options, Rng.of(1));
  }
}
