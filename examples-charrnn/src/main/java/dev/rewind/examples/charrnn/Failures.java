package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.nn.train.DivergedException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// Turns what was thrown into one line, `charrnn: ...`, and an exit status.
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final PrintStream err;
  private final BooleanSupplier stackTrace;

  /// @param stackTrace whether a stack trace is to follow the line; asked when something has failed
  Failures(PrintStream err, BooleanSupplier stackTrace) {
    this.err = err;
    this.stackTrace = stackTrace;
  }

  @Override
  public int handleParseException(ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    print(explain(failure) + "; see '" + command.getCommandSpec().qualifiedName() + " --help'", failure);
    return ExitCode.USER;
  }

  private static String explain(ParameterException failure) {
    if (failure.getCause() instanceof Converters.Refusal refusal && failure.getArgSpec() instanceof OptionSpec option) {
      return option.longestName() + " " + refusal.getMessage();
    }
    return failure.getMessage();
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    return report(failure);
  }

  /// Prints the line, and the stack trace if it was asked for.
  ///
  /// @return the exit status
  int report(Throwable failure) {
    if (failure instanceof DivergedException) {
      print(failure.getMessage(), failure);
      return ExitCode.DIVERGED;
    }
    String mendable = mendable(failure);
    if (mendable != null) {
      print(mendable, failure);
      return ExitCode.USER;
    }
    String hint = stackTrace.getAsBoolean() ? "" : "; --stacktrace shows where";
    print("unexpected " + failure + hint, failure);
    return ExitCode.UNEXPECTED;
  }

  /// What the user is told, or null if there is nothing the user can do.
  private static String mendable(Throwable failure) {
    return switch (failure) {
      case UserError error -> error.getMessage();
      case UncheckedIOException wrapped -> mendable(wrapped.getCause());
      case FileSystemException file when file.getFile() != null -> UserError.of(file.getFile(), file).getMessage();
      case IOException io -> UserError.reason(io);
      case OutOfMemoryError _ ->
        String.format(Locale.ROOT, "out of memory: the heap may grow to %d MB; smaller sizes need less, "
            + "JDK_JAVA_OPTIONS=-Xmx... allows more", Runtime.getRuntime().maxMemory() >> 20);
      default -> null;
    };
  }

  private void print(String message, Throwable failure) {
    err.println("charrnn: " + String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", " "));
    if (stackTrace.getAsBoolean()) {
      failure.printStackTrace(err);
    }
    err.flush();
  }
}
