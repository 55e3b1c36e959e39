package dev.rewind.examples.charrnn;

import dev.rewind.nn.rnn.Sampling;
import dev.rewind.tensor.Rng;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/// `charrnn sample`.
@Command(name = "sample", description = "Writes text.", showDefaultValues = true, sortOptions = false)
final class SampleCommand implements Callable<Integer> {
  @ParentCommand
  private Main main;

  @Option(names = "--model", required = true, paramLabel = "PATH", description = "A model file, or the folder of a run.")
  private Path path;

  @Option(names = "--prompt", paramLabel = "TEXT", description = "What the text begins with.", defaultValue = "")
  private String prompt;

  @Option(names = "--length", paramLabel = "N", description = "Symbols to write after the prompt.", defaultValue = "1000",
      converter = Converters.Positive.class)
  private int length;

  @Option(names = "--temperature", paramLabel = "T", description = "Below 1 careful, above 1 bold; 0 always takes the likeliest.",
      defaultValue = "0.8", converter = Converters.NotNegativeDecimal.class)
  private double temperature;

  @Option(names = "--top-k", paramLabel = "N", description = "Draw from the N likeliest symbols; 0 for all.", defaultValue = "0",
      converter = Converters.NotNegative.class)
  private int topK;

  @Option(names = "--top-p", paramLabel = "SHARE", description = "Draw from the likeliest symbols that together have this "
      + "probability.", defaultValue = "1", converter = Converters.Share.class)
  private double topP;

  @Option(names = "--seed", paramLabel = "N", description = "Of the draws.", defaultValue = "1",
      converter = Converters.Whole.class)
  private long seed;

  @Override
  public Integer call() throws Exception {
    ModelFile.Loaded loaded = ModelFile.read(RunDirectory.modelIn(path));
    int[] read = loaded.vocabulary().encode(prompt.codePoints().toArray(), "--prompt");
    int[] written = TextModel.write(loaded.model(), loaded.vocabulary(), read, length,
        new Sampling(temperature, topK, topP), Rng.of(seed).split("sample"));
    main.out().println(prompt + loaded.vocabulary().decode(written));
    return ExitCode.OK;
  }
}
