package dev.rewind.examples.charrnn;

import dev.rewind.nn.io.Inspect;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/// `charrnn inspect`.
@Command(name = "inspect", description = "Shows the tensors in files of any kind that Rewind reads.")
final class InspectCommand implements Callable<Integer> {
  @ParentCommand
  private Main main;

  @Parameters(arity = "1..*", paramLabel = "FILE",
      description = "safetensors, its index, .npy, .npz, or a file of torch.save.")
  private List<Path> files;

  @Override
  public Integer call() throws Exception {
    for (Path file : files) {
      Inspect.print(file, main.out());
    }
    return ExitCode.OK;
  }
}
