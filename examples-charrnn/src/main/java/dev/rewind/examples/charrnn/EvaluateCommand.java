package dev.rewind.examples.charrnn;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `charrnn evaluate`.
@Command(name = "evaluate", description = "Judges a text: how well the model expects each of its symbols but the first.")
final class EvaluateCommand implements Callable<Integer> {
  @ParentCommand
  private Main main;

  @Option(names = "--model", required = true, paramLabel = "PATH", description = "A model file, or the folder of a run.")
  private Path path;

  @Option(names = "--input", required = true, paramLabel = "FILE", description = "The text, UTF-8.")
  private Path input;

  @Override
  public Integer call() throws Exception {
    ModelFile.Loaded loaded = ModelFile.read(RunDirectory.modelIn(path));
    int[] ids = loaded.vocabulary().encode(Texts.read(input), input.toString());
    double loss = TextModel.loss(loaded.model(), ids);
    main.out().printf(Locale.ROOT, "loss: %.6f%nbits: %.6f%nperplexity: %.6f%n", loss, loss / Math.log(2), Math.exp(loss));
    return ExitCode.OK;
  }
}
