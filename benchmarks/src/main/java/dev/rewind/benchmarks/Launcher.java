package dev.rewind.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Java processes with the options that the char-RNN's launcher gives to its own.
public final class Launcher {
  private static final Pattern FLAGS = Pattern.compile("/bin/java\" ([^\"$]*)\"\\$@\"");

  private Launcher() {}

  /// Runs a program of this class path, whose output appears in ours, to its end.
  ///
  /// @param more options of the JVM
  public static void run(Class<?> main, List<String> more, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(options());
    command.addAll(more);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IllegalStateException(String.join(" ", command) + " ended with " + code);
    }
  }

  /// The options that the launcher gives to the JVM in any case.
  static List<String> options() throws IOException {
    Path script = Stream.of("charrnn", "../charrnn").map(Path::of).filter(Files::isRegularFile).findFirst()
        .orElseThrow(
            () -> new IllegalStateException("found no launcher: run this in the repository or in a module of it"));
    Matcher matcher = FLAGS.matcher(Files.readString(script));
    if (!matcher.find()) {
      throw new IllegalStateException(script + " sets no flags of the JVM, looked for as " + FLAGS);
    }
    return List.of(matcher.group(1).replace("\\\n", " ").trim().split("\\s+"));
  }
}
