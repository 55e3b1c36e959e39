package dev.rewind.examples.charrnn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.examples.charrnn.model.UserError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Throwable failure;

  /// A command with an option of each kind, which fails as it is told to.
  @Command(name = "probe", description = "Fails.")
  private static final class Probe implements Callable<Integer> {
    @ParentCommand
    private Main main;

    @Option(names = "--hidden", converter = Converters.Positive.class, defaultValue = "128")
    private int hidden;

    @Option(names = "--top-k", converter = Converters.NotNegative.class, defaultValue = "0")
    private int topK;

    @Option(names = {"-s", "--seed"}, converter = Converters.Whole.class, defaultValue = "1")
    private long seed;

    @Option(names = "--dropout", converter = Converters.Fraction.class, defaultValue = "0")
    private double dropout;

    @Option(names = "--top-p", converter = Converters.Share.class, defaultValue = "1")
    private double topP;

    @Option(names = "--learning-rate", converter = Converters.PositiveDecimal.class, defaultValue = "0.002")
    private double learningRate;

    @Option(names = "--temperature", converter = Converters.NotNegativeDecimal.class, defaultValue = "1")
    private double temperature;

    @Option(names = "--prompt", defaultValue = "")
    private String prompt;

    @Option(names = "--input")
    @SuppressWarnings("UnusedVariable") // the command line sets it, to be refused or not
    private Path input;

    private final Throwable failure;

    Probe(Throwable failure) {
      this.failure = failure;
    }

    @Override
    public Integer call() throws Exception {
      if (failure instanceof Exception e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
      main.out().println(hidden + " " + topK + " " + seed + " " + dropout + " " + topP + " " + learningRate + " "
          + temperature + " " + prompt);
      return ExitCode.OK;
    }
  }

  private int run(String... args) {
    Main main = new Main(new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, false, StandardCharsets.UTF_8));
    return main.run(new CommandLine(main).addSubcommand(new Probe(failure)), args);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void runsACommandWithItsOptions() {
    assertThat(run("probe", "--hidden", "1", "--top-k=0", "-s", "-9223372036854775808", "--dropout", "0.999", "--top-p",
        "1", "--learning-rate", "3e-4", "--temperature", "0", "--prompt", "@é")).isZero();
    assertThat(out()).isEqualToIgnoringNewLines("1 0 -9223372036854775808 0.999 1.0 3.0E-4 0.0 @é");
    assertThat(err()).isEmpty();
  }

  @Test
  void aPromptIsNotReadAsAFileOfArguments(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("args"), "--hidden 7");
    assertThat(run("probe", "--prompt", "@" + file)).isZero();
    assertThat(out()).contains("128 ").contains("@" + file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-hello", "--top-k", "--top-k=3", "-h", "--help", "--stacktrace", "", " ", "-", "--", "-1",
      "--foo", "=",
      "'a'", "\"a\"", "probe", "help", "\\", "${x}", "@x"})
  void anythingCanFollowTheEqualsSign(String value) {
    assertThat(run("probe", "--prompt=" + value, "--hidden=7")).as(err()).isZero();
    assertThat(out()).isEqualToIgnoringNewLines("7 0 1 0.0 1.0 0.002 1.0 " + value);
    if (!value.isBlank()) {
      assertThat(run("probe", "--input=" + value)).as(err()).isZero();
    }
  }

  @Test
  void anOptionIsNotTakenForTheValueOfAnother() {
    assertThat(run("probe", "--prompt", "-hello", "--hidden", "7")).isZero();
    assertThat(out()).contains("-hello");
    assertThat(run("probe", "--input", "--hidden", "7")).isEqualTo(2);
    assertThat(run("probe", "--hidden", "7", "--input", "--seed=4")).isEqualTo(2);
    String help = "; see 'charrnn probe --help'";
    assertThat(err().lines()).containsExactly(
        "charrnn: --input needs a value, but --hidden follows; if that is the value, write --input=--hidden" + help,
        "charrnn: --input needs a value, but --seed=4 follows; if that is the value, write --input=--seed=4" + help);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
      "--hidden         | 0                    | must be at least 1, not 0",
      "--hidden         | -5                   | must be at least 1, not -5",
      "--hidden         | 1.5                  | must be a whole number of at least 1, not 1.5",
      "--hidden         | \"\"                 | must be a whole number of at least 1, not ''",
      "--hidden         | many                 | must be a whole number of at least 1, not many",
      "--hidden         | 2147483648           | must be at most 2147483647, not 2147483648",
      "--top-k          | -1                   | must be at least 0, not -1",
      "--seed           | 9223372036854775808  | must be a whole number of at most 64 bits, not 9223372036854775808",
      "--dropout        | 1                    | must be at least 0 and less than 1, not 1",
      "--dropout        | -0.1                 | must be at least 0 and less than 1, not -0.1",
      "--dropout        | NaN                  | must be at least 0 and less than 1, not NaN",
      "--top-p          | 0                    | must be greater than 0 and at most 1, not 0",
      "--top-p          | 1.01                 | must be greater than 0 and at most 1, not 1.01",
      "--learning-rate  | 0                    | must be a number greater than 0, not 0",
      "--learning-rate  | Infinity             | must be a number greater than 0, not Infinity",
      "--learning-rate  | 0,1                  | must be a number greater than 0, not 0,1",
      "--input          | \"\"                 | must be the name of a file or a folder, not ''",
      "--temperature    | -1                   | must be a number of at least 0, not -1",
  })
  void refusesAValue(String option, String value, String message) {
    assertThat(run("probe", option, value)).isEqualTo(2);
    assertThat(err()).isEqualToIgnoringNewLines("charrnn: " + option + " " + message + "; see 'charrnn probe --help'");
    assertThat(out()).isEmpty();
  }

  @Test
  void refusesWhatItDoesNotKnowInOneLine() {
    assertThat(run("probe", "--foo")).isEqualTo(2);
    assertThat(err()).startsWith("charrnn: Unknown option: '--foo'").endsWith("; see 'charrnn probe --help'\n")
        .hasLineCount(1);
  }

  @Test
  void refusesAnUnknownCommandInOneLine() {
    assertThat(run("dance")).isEqualTo(2);
    assertThat(err()).startsWith("charrnn: Unmatched argument").contains("'dance'").endsWith("; see 'charrnn --help'\n")
        .hasLineCount(1);
  }

  @Test
  void refusesAnOptionWithoutItsValueInOneLine() {
    assertThat(run("probe", "--input")).isEqualTo(2);
    assertThat(err()).startsWith("charrnn: ").contains("--input").hasLineCount(1);
  }

  @Test
  void whatTheUserCanMendIsOneLineAndStatusTwo() {
    failure = new UserError("text.txt: is empty\nreally");
    assertThat(run("probe")).isEqualTo(2);
    assertThat(err()).isEqualTo("charrnn: text.txt: is empty really\n");
  }

  @Test
  void anErrorOfInputNamesTheFile() {
    failure = new UncheckedIOException(new NoSuchFileException("text.txt"));
    assertThat(run("probe")).isEqualTo(2);
    assertThat(err()).isEqualTo("charrnn: text.txt: no such file or directory\n");
  }

  @Test
  void anErrorOfOutputTellsItsReason() {
    failure = new IOException("No space left on device");
    assertThat(run("probe")).isEqualTo(2);
    assertThat(err()).isEqualTo("charrnn: No space left on device\n");
  }

  @Test
  void aRefusedArgumentInsideIsNotTheUsersMistake() {
    failure = new IllegalArgumentException("adam: the rate must be positive");
    assertThat(run("probe")).isEqualTo(1);
    assertThat(err().lines()).containsExactly(
        "charrnn: unexpected java.lang.IllegalArgumentException: adam: the rate must be positive; --stacktrace shows where");
  }

  @Test
  void exhaustedMemoryIsExplained() {
    failure = new OutOfMemoryError("Java heap space");
    assertThat(run("probe")).isEqualTo(2);
    assertThat(err()).startsWith("charrnn: out of memory: the heap may grow to ").hasLineCount(1);
  }

  @Test
  void aDefectIsOneLineAndStatusOne() {
    failure = new StackOverflowError();
    assertThat(run("probe")).isEqualTo(1);
    assertThat(err()).isEqualTo("charrnn: unexpected java.lang.StackOverflowError; --stacktrace shows where\n");
  }

  @ParameterizedTest
  @CsvSource({"probe,--stacktrace", "--stacktrace,probe"})
  void aStackTraceIsShownOnDemandWhereverTheOptionStands(String first, String second) {
    failure = new UserError("no");
    assertThat(run(first, second)).isEqualTo(2);
    assertThat(err()).startsWith("charrnn: no\n").contains("\tat dev.rewind.examples.charrnn.MainTest");
  }

  @Test
  void helpAndVersionGoToStandardOutput() {
    assertThat(run("--help")).isZero();
    assertThat(out()).contains("Usage: charrnn").contains("probe").contains("--stacktrace");
    assertThat(run("probe", "--help")).isZero();
    assertThat(out()).contains("Usage: charrnn probe").contains("--hidden");
    assertThat(run("--version")).isZero();
    assertThat(out()).contains("Java " + Runtime.version());
    assertThat(err()).isEmpty();
  }
}
