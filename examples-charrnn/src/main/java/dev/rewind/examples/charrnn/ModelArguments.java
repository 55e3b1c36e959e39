package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.CellKind;
import dev.rewind.examples.charrnn.model.ModelOptions;
import dev.rewind.examples.charrnn.model.UserError;

import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Option;

/// The options of commands that make a model: what it is made of.
final class ModelArguments {
  /// Their names.
  static final List<String> NAMES = List.of("--cell", "--layers", "--hidden", "--embedding");

  @Option(names = "--cell", paramLabel = "NAME", defaultValue = "lstm", completionCandidates = CellNames.class,
      description = "The kind of cell: ${COMPLETION-CANDIDATES}.")
  private String cell;

  @Option(names = "--layers", paramLabel = "N", description = "Cells on top of one another.", defaultValue = "2",
      converter = Converters.Positive.class)
  private int layers;

  @Option(names = "--hidden", paramLabel = "N", description = "The size of a hidden state.", defaultValue = "128",
      converter = Converters.Positive.class)
  private int hidden;

  @Option(names = "--embedding", paramLabel = "N",
      description = "The size of a symbol's vector; that of a hidden state if not given.",
      converter = Converters.Positive.class)
  private Integer embedding;

  /// What `--cell` may be.
  static final class CellNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return CellKind.labels().iterator();
    }
  }

  /// The architecture for a vocabulary.
  ///
  /// @throws UserError if there is no such cell
  ModelOptions options(int symbols, double dropout) {
    return new ModelOptions(CellKind.of(cell), symbols, embedding == null ? hidden : embedding, hidden, layers,
        dropout);
  }
}
