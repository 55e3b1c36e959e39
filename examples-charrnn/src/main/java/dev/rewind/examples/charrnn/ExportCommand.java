package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.ModelFile;
import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.onnx.OnnxModel;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `charrnn export`.
@Command(name = "export", description = {"Writes a model for ONNX Runtime.",
    "The file reads ids [batch, time] and the states of all layers, and gives logits, probabilities and the states "
        + "afterwards; the vocabulary is in its metadata."})
final class ExportCommand extends ModelCommand {
  @Option(names = "--onnx", required = true, paramLabel = "FILE", description = "The file to write, or to replace.")
  private Path onnx;

  @Override
  public Integer call() throws Exception {
    ModelFile.Loaded loaded = loaded();
    OnnxModel model;
    try {
      model = loaded.model().toOnnx();
    } catch (IllegalArgumentException e) { // the kind of cell
      throw new UserError(path + ": " + e.getMessage(), e);
    }
    loaded.metadata().forEach(model::text);
    model.write(onnx);
    main.err().println("the model is in " + onnx);
    return ExitCode.OK;
  }
}
