package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.UserError;

import dev.rewind.tensor.Threads;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Stack;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/// The program `charrnn`: reads the command line and runs the command that it names. A command is a class with
/// `@Command` in the list below; it reaches [#out] and [#err] through a field of type `Main` with `@ParentCommand`,
/// returns an exit status, and throws what goes wrong ([UserError] and [java.io.IOException] for what the user can
/// mend).
@Command(
    name = "charrnn",
    description = "Trains recurrent networks on text, character by character, and writes text with them.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "[COMMAND]",
    subcommands = {
        TrainCommand.class, SampleCommand.class, EvaluateCommand.class, InfoCommand.class,
        ExplainCommand.class, ExportCommand.class, InspectCommand.class, ReportCommand.class,
        CommandLine.HelpCommand.class
    })
public final class Main implements Callable<Integer> {
  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT, description = "Show where in the program an error arose.")
  private boolean stackTrace;

  private final PrintStream out;
  private final PrintStream err;

  /// A program that writes results to one stream, messages and progress to another.
  Main(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /// Runs the program, then ends the virtual machine with its exit status.
  public static void main(String[] args) {
    // UTF-8 whatever the locale: it is the encoding of the texts that go in.
    PrintStream out = new PrintStream(
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.err)), true, StandardCharsets.UTF_8);
    try {
      Threads.prepare();
      Threads.count();
    } catch (IllegalArgumentException e) { // a system property, which the user can mend
      err.println("charrnn: " + e.getMessage());
      System.exit(ExitCode.USER);
    }
    int status = new Main(out, err).run(args);
    if (status == ExitCode.OK && out.checkError() && !writesToPipe()) {
      err.println("charrnn: standard output: cannot be written; is the disk full?");
      status = ExitCode.USER;
    }
    System.exit(status);
  }

  /// Whether the standard output is a pipe or a socket. Such an output fails when its reader has what it wants, as
  /// `head` does.
  private static boolean writesToPipe() {
    if (!FileSystems.getDefault().supportedFileAttributeViews().contains("unix")) {
      return false;
    }
    try {
      int kind = (int) Files.getAttribute(Path.of("/dev/stdout"), "unix:mode") & 0170000; // S_IFMT
      return kind == 0010000 || kind == 0140000; // S_IFIFO, S_IFSOCK
    } catch (IOException e) {
      return false; // closed, or there is no such device
    }
  }

  /// Runs the command that the arguments name.
  ///
  /// @return the exit status, see [ExitCode]
  int run(String... args) {
    return run(new CommandLine(this), args);
  }

  /// Runs a command line of this program, to which a test may have added commands.
  int run(CommandLine line, String... args) {
    Failures failures = new Failures(err, () -> stackTrace);
    line.setOut(new PrintWriter(out, false, out.charset()))
        .setErr(new PrintWriter(err, true, err.charset()))
        .setExpandAtFiles(false) // a prompt may begin with @
        .setAllowOptionsAsOptionParameters(true) // or be --length
        .setEndOfOptionsDelimiter("\0") // or --; no argument can be this
        .registerConverter(Path.class, new Converters.Named())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures);
    line.getSubcommands().values().forEach(command -> command.getCommandSpec().preprocessor(Main::requireValues));
    try {
      return line.execute(args);
    } catch (Error e) { // picocli hands on exceptions only
      return failures.report(e);
    } finally {
      line.getOut().flush();
      out.flush();
      err.flush();
    }
  }

  /// Refuses an option whose value was forgotten, which would else take the next option for it.
  private static boolean requireValues(Stack<String> args, CommandSpec spec, ArgSpec none, Map<String, Object> info) {
    for (int i = args.size() - 1; i > 0; i--) { // from the first argument on
      OptionSpec option = spec.optionsMap().get(args.get(i));
      if (option != null && option.arity().min() > 0) {
        i--;
        if (spec.optionsMap().containsKey(args.get(i).split("=", 2)[0])) {
          throw new ParameterException(spec.commandLine(), option.longestName() + " needs a value, but " + args.get(i)
              + " follows; if that is the value, write " + option.longestName() + "=" + args.get(i));
        }
      }
    }
    return false; // picocli goes on
  }

  /// Without a command: trains on the bundled text, with all options at their defaults, and writes a sample.
  @Override
  public Integer call() {
    return stackTrace ? run("train", "--stacktrace") : run("train");
  }

  /// Where results go. Flushed when the command ends.
  public PrintStream out() {
    return out;
  }

  /// Where messages and progress go.
  public PrintStream err() {
    return err;
  }

  /// The version that the build wrote into the jar.
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "(not packaged)");
      return new String[] {"charrnn " + version + ", Java " + Runtime.version()};
    }
  }
}
