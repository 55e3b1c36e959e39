package dev.rewind.examples.charrnn;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `charrnn info`.
@Command(name = "info", description = "Shows what a model is made of.")
final class InfoCommand implements Callable<Integer> {
  @ParentCommand
  private Main main;

  @Option(names = "--model", required = true, paramLabel = "PATH", description = "A model file, or the folder of a run.")
  private Path path;

  @Override
  public Integer call() throws Exception {
    ModelFile.Loaded loaded = ModelFile.read(RunDirectory.modelIn(path));
    loaded.metadata().forEach((key, value) -> main.out().println(key + ": " + value.replace("\n", "\\n").replace("\r", "\\r")));
    main.out().println();
    main.out().print(loaded.model().summary());
    return ExitCode.OK;
  }
}
