package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.ModelFile;
import dev.rewind.examples.charrnn.model.TextModel;
import dev.rewind.examples.charrnn.model.Vocabulary;
import dev.rewind.nn.generate.Sampling;
import dev.rewind.tensor.Rng;
import java.io.PrintStream;
import java.util.PrimitiveIterator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `charrnn sample`.
@Command(name = "sample", description = "Writes text.", showDefaultValues = true, sortOptions = false)
final class SampleCommand extends ModelCommand {
  private static final long PAUSE_NANOS = 50_000_000; // between two writes

  @Option(names = "--prompt", paramLabel = "TEXT", description = "What the text begins with.", defaultValue = "")
  private String prompt;

  @Option(names = "--length", paramLabel = "N", description = "Symbols to write after the prompt.",
      defaultValue = "1000", converter = Converters.Positive.class)
  private int length;

  @Option(names = "--temperature", paramLabel = "T",
      description = "Below 1 careful, above 1 bold; 0 always takes the likeliest.",
      defaultValue = "0.8", converter = Converters.NotNegativeDecimal.class)
  private double temperature;

  @Option(names = "--top-k", paramLabel = "N", description = "Draw from the N likeliest symbols; 0 for all.",
      defaultValue = "0", converter = Converters.NotNegative.class)
  private int topK;

  @Option(names = "--top-p", paramLabel = "SHARE",
      description = "Draw from the likeliest symbols that together have this probability.",
      defaultValue = "1", converter = Converters.Share.class)
  private double topP;

  @Option(names = "--seed", paramLabel = "N", description = "Of the draws.", defaultValue = "1",
      converter = Converters.Whole.class)
  private long seed;

  @Mixin
  private UnknownSymbols unknown;

  @Override
  public Integer call() throws Exception {
    ModelFile.Loaded loaded = loaded();
    Vocabulary vocabulary = loaded.vocabulary();
    UnknownSymbols.Reading read = unknown.read(vocabulary, prompt.codePoints().toArray(), "--prompt");
    if (read.unknown() > 0) {
      main.err().println("--prompt: symbols that the model does not know: " + read.unknown() + ", " + read.fate());
    }
    show(TextModel.write(loaded.model(), vocabulary, read.ids(), new Sampling(temperature, topK, topP),
        Rng.of(seed).split("sample")).iterator(), vocabulary);
    return ExitCode.OK;
  }

  /// Shows the text while it is being written, until all of it is there or nobody reads on.
  private void show(PrimitiveIterator.OfInt symbols, Vocabulary vocabulary) {
    PrintStream out = main.out();
    StringBuilder pending = new StringBuilder(prompt);
    long shown = System.nanoTime() - PAUSE_NANOS;
    boolean open = true;
    for (int i = 0; i < length && open; i++) {
      pending.appendCodePoint(vocabulary.symbol(symbols.nextInt()));
      if (System.nanoTime() - shown >= PAUSE_NANOS) {
        out.print(pending);
        open = !out.checkError(); // flushes
        pending.setLength(0);
        shown = System.nanoTime();
      }
    }
    out.println(pending);
  }
}
