package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.ModelFile;
import dev.rewind.examples.charrnn.model.TextModel;
import dev.rewind.examples.charrnn.model.UserError;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `charrnn evaluate`.
@Command(name = "evaluate",
    description = "Judges a text: how well the model expects each of its symbols but the first; "
        + "the mean over all that are read. Symbols that it does not know are counted as 'skipped' or 'replaced'.")
final class EvaluateCommand extends ModelCommand {
  @Option(names = "--input", required = true, paramLabel = "FILE", description = "The text.")
  private Path input;

  @Option(names = "--encoding", paramLabel = "NAME",
      description = "Of the text, if it is not UTF-8: windows-1252, UTF-16LE, ..",
      converter = Converters.Encoding.class)
  private Charset encoding;

  @Mixin
  private UnknownSymbols unknown;

  @Override
  public Integer call() throws Exception {
    ModelFile.Loaded loaded = loaded();
    UnknownSymbols.Reading read = unknown.read(loaded.vocabulary(), Texts.read(input, encoding), input.toString());
    double loss = TextModel.loss(loaded.model(), read.ids());
    if (Double.isNaN(loss)) {
      throw new UserError(path + ": the loss is NaN, for the model's parameters are too large");
    }
    main.out().printf(Locale.ROOT, "loss: %.6f%nbits: %.6f%nperplexity: %.6f%n", loss, loss / Math.log(2),
        Math.exp(loss));
    if (read.unknown() > 0) {
      main.out().println(read.fate() + ": " + read.unknown());
    }
    return ExitCode.OK;
  }
}
