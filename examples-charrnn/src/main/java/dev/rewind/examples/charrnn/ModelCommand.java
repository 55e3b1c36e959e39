package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// A command that uses a trained model.
abstract class ModelCommand implements Callable<Integer> {
  @ParentCommand
  Main main;

  @Option(names = "--model", required = true, paramLabel = "PATH",
      description = "A model file, or the folder of a run.")
  Path path;

  final ModelFile.Loaded loaded() throws IOException {
    return ModelFile.readForUse(RunDirectory.modelIn(path));
  }
}
