package dev.rewind.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Javadoc finds nothing to say about what is public.
class DocumentationTest {
  /// Prose names arguments and results; tags repeat them only where they add something.
  private static final Pattern TAGS = Pattern.compile(".*no @(param|return|throws).*");

  /// A link that javadoc did not understand, left in the text as it was written.
  private static final Pattern RAW_LINK = Pattern.compile("\\[[\\w.]*#\\w+(\\([^)]*\\))?\\]|\\w\\]\\[#?[A-Z]\\w+");

  private static final List<String> FOLDERS = List.of("core-tensor", "autograd", "testing", "nn", "onnx", "report");

  @TempDir
  private Path folder;

  @Test
  void javadocHasNoWarnings() throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-quiet", "-Xdoclint:all", "-Xmaxwarns", "100000",
        "-d", folder.toString(), "-p", Code.modulePath()));
    List<String> names = Code.libraries().map(module -> Code.module(module).descriptor().name()).toList();
    for (int m = 0; m < names.size(); m++) {
      arguments.addAll(List.of("--module-source-path",
          names.get(m) + "=" + Path.of("..", FOLDERS.get(m), "src", "main", "java")));
    }
    arguments.addAll(List.of("--module", String.join(",", names)));
    StringWriter messages = new StringWriter();
    PrintWriter out = new PrintWriter(messages);
    ToolProvider.findFirst("javadoc").orElseThrow().run(out, out, arguments.toArray(String[]::new));
    assertThat(messages.toString().lines().filter(line -> line.contains("warning:") || line.contains("error:"))
        .filter(line -> !TAGS.matcher(line).matches() && !line.contains("[incubating]"))).isEmpty();
    assertThat(rawLinks()).isEmpty();
  }

  private List<String> rawLinks() throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> pages = Files.walk(folder)) {
      for (Path page : pages.filter(path -> path.toString().endsWith(".html")).toList()) {
        RAW_LINK.matcher(Files.readString(page)).results().map(MatchResult::group)
            .forEach(link -> found.add(folder.relativize(page) + ": " + link));
      }
    }
    assertThat(Arrays.asList(folder.toFile().list())).contains("rewind.tensor");
    return found;
  }
}
