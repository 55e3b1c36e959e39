package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.ModelFile;
import dev.rewind.examples.charrnn.model.ModelOptions;
import java.util.Map;
import picocli.CommandLine.Command;

/// `charrnn info`.
@Command(name = "info", description = "Shows what a model is made of.")
final class InfoCommand extends ModelCommand {
  @Override
  public Integer call() throws Exception {
    ModelFile.Loaded loaded = ModelFile.read(RunDirectory.modelIn(path));
    ModelOptions options = loaded.model().options();
    Map<String, Object> actual = Map.of("cell", options.cell().label(), "layers", options.layers(), "hidden",
        options.hidden(),
        "embedding", options.embedding());
    loaded.metadata().forEach((key, value) -> {
      String held = actual.getOrDefault(key, value).toString();
      main.out().println(key + ": " + value.replace("\n", "\\n").replace("\r", "\\r")
          + (held.equals(value) ? "" : " (disagrees with the tensors, which decide: " + held + ")"));
    });
    if (!loaded.unused().isEmpty()) {
      main.out().println("tensors that the model does not use: " + String.join(", ", loaded.unused()));
    }
    ModelFile.notNumbers(loaded.model()).ifPresent(name -> main.out().println("not usable: " + name + " holds NaN"));
    main.out().println();
    main.out().print(loaded.model().summary());
    return ExitCode.OK;
  }
}
