package dev.rewind.examples.charrnn;

import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `charrnn explain`.
@Command(name = "explain",
    description = "Shows how a model reads a batch, operation by operation, with all shapes: in the list form, embed, split, "
        + "squeeze, a step of the cells for each symbol, project, loss.",
    showDefaultValues = true, sortOptions = false)
final class ExplainCommand implements Callable<Integer> {
  @ParentCommand
  private Main main;

  @Option(names = "--model", paramLabel = "PATH",
      description = "A model file, or the folder of a run; without it a model that has learned nothing yet, for the "
          + "bundled novel.")
  private Path path;

  @Option(names = "--cell", paramLabel = "NAME", defaultValue = "lstm",
      completionCandidates = TrainCommand.CellNames.class,
      description = "Without --model, the kind of cell: ${COMPLETION-CANDIDATES}.")
  private String cell;

  @Option(names = "--layers", paramLabel = "N", description = "Without --model, cells on top of one another.",
      defaultValue = "2", converter = Converters.Positive.class)
  private int layers;

  @Option(names = "--hidden", paramLabel = "N", description = "Without --model, the size of a hidden state and of a "
      + "symbol's vector.", defaultValue = "128", converter = Converters.Positive.class)
  private int hidden;

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
    ModelFile.Loaded loaded = path == null ? null : ModelFile.readForUse(RunDirectory.modelIn(path));
    Vocabulary vocabulary = loaded == null ? Vocabulary.ofText(text) : loaded.vocabulary();
    CharRnn<?> model = loaded != null ? loaded.model()
        : CharRnn.of(new ModelOptions(CellKind.of(cell), vocabulary.size(), hidden, hidden, layers, 0), Rng.of(1));
    int[] read = vocabulary.encode(Arrays.copyOf(text, batch * (steps + 1)),
        input == null ? "the novel" : input.toString());
    main.out().print(Explanation.of(model, vocabulary, Tensor.of(read, batch, steps + 1)).as(format));
    return ExitCode.OK;
  }
}
