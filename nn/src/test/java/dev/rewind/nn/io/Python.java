package dev.rewind.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Programs in Python, as independent readers and writers of files.
public final class Python {
  private Python() {}

  /// Runs a program in a directory. The test is skipped, with a message, where Python does not have that library.
  public static String run(Path directory, String library, String program) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")) && start(directory, "import " + library).waitFor() == 0,
        "skipped: /usr/bin/python3 cannot import " + library + " (Debian: apt-get install python3-" + library + ")");
    Process process = start(directory, program);
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    process.destroyForcibly();
    String output = Files.readString(directory.resolve("python.out"));
    assertThat(ended).as("the program ended: %s", output).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  private static Process start(Path directory, String program) throws IOException {
    Path script = Files.writeString(directory.resolve("program.py"), program);
    ProcessBuilder builder = new ProcessBuilder(List.of("/usr/bin/python3", script.toString()));
    builder.directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.redirectOutput(directory.resolve("python.out").toFile());
    return builder.start();
  }
}
