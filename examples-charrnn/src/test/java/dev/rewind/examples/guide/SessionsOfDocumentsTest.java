package dev.rewind.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Documents whose code is one session of jshell, from the first line to the last. It is run here, as a reader would:
///
/// - `expression   // ==> value` must give that value;
/// - `expression   // throws text` must fail with a message that begins so;
/// - a block that begins with `package` is a source file, whose program prints what stands behind `// prints`;
/// - a block `text` holds what the block of code before it printed;
/// - in a table with a column `Rewind`, its code must run, and give the shape that the next column names, if it does.
class SessionsOfDocumentsTest {
  private static final Pattern BLOCK = Pattern.compile("```(java|text)\n(.*?)```", Pattern.DOTALL);
  private static final Pattern ROW = Pattern.compile("\\| .* \\| `([^`|]+)` \\| (.+) \\|");
  private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#\\s]+)(?:#([^)]+))?\\)");
  private static final Pattern SHAPE = Pattern.compile("(T x )?\\[([^\\]]*)]");
  private static final Map<String, Integer> SIZES = Map.of("B", 2, "T", 3, "V", 5, "E", 4, "H", 6);

  @TempDir
  private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/char-rnn.md", "docs/cells.md", "docs/drivers.md", "docs/training.md",
      "docs/layers.md", "docs/gradient-checking.md", "docs/report.md"})
  void everyLineHoldsWhatItSays(String name) throws Exception {
    String document = Files.readString(Program.ROOT.resolve(name));
    try (Session session = new Session()) {
      String printed = "";
      for (Matcher block = BLOCK.matcher(document); block.find();) {
        if (block.group(2).startsWith("package ")) {
          runFile(block.group(2));
        } else if (block.group(1).equals("java")) {
          printed = session.run(block.group(2));
        } else {
          assertThat(printed.strip()).isEqualTo(block.group(2).strip());
        }
      }
      for (String[] row : rows(document)) {
        Matcher shape = SHAPE.matcher(row[1]);
        if (shape.matches()) {
          String times = shape.group(1) == null ? "" : SIZES.get("T") + " x ";
          assertThat(session.shapeOf(row[0])).as(row[0]).isEqualTo(times + sizes(shape.group(2)));
        } else {
          session.run(row[0]);
        }
      }
    }
  }

  private void runFile(String source) throws Exception {
    Matcher name = Pattern.compile("public class (\\w+)").matcher(source);
    Matcher prints = Pattern.compile("// prints (.*)").matcher(source);
    assertThat(name.find() && prints.find()).as(source).isTrue();
    Path file = Files.writeString(directory.resolve(name.group(1) + ".java"), source);
    assertThat(Program.of(file.toString()).run().strip()).isEqualTo(prints.group(1));
  }

  static List<String> exportedPackages() {
    String[] places = Program.modulePath().split(File.pathSeparator);
    return ModuleFinder.of(Stream.of(places).map(Path::of).toArray(Path[]::new)).findAll().stream()
        .filter(module -> module.descriptor().name().startsWith("rewind."))
        .flatMap(module -> module.descriptor().exports()
            .stream())
        .filter(exported -> !exported.isQualified()).map(Exports::source).sorted().toList();
  }

  /// Of every package that users see there is a page, whose code runs.
  @ParameterizedTest
  @MethodSource("exportedPackages")
  void everyPackageHasAPageThatHoldsWhatItSays(String name) throws Exception {
    Path page = Stream.of("core-tensor", "autograd", "nn", "report")
        .map(module -> Program.ROOT.resolve(module + "/src/main/java/"
            + name.replace('.', '/') + "/package-info.java"))
        .filter(Files::exists).findFirst().orElseThrow(
            () -> new AssertionError("no package-info.java for " + name));
    Matcher block = BLOCK.matcher(Files.readString(page).replaceAll("(?m)^/// ?", ""));
    assertThat(block.find()).as("code in %s", page).isTrue();
    try (Session session = new Session()) {
      session.run(block.group(2));
    }
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    for (Path document : documents()) {
      for (Matcher link = LINK.matcher(Files.readString(document)); link.find();) {
        Path target = document.resolveSibling(link.group(1)).normalize();
        assertThat(target).as("a link in %s", document).exists();
        if (link.group(2) != null) {
          assertThat(anchors(Files.readString(target))).as("a link in %s", document).contains(link.group(2));
        }
      }
    }
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> guides = Files.walk(Program.ROOT.resolve("docs"));
        Stream<Path> figures = Files.walk(Program.ROOT.resolve("benchmarks/results"));
        Stream<Path> others = Stream.of("README.md", "CONTRIBUTING.md", "benchmarks/README.md", "examples/README.md")
            .map(
                Program.ROOT::resolve)) {
      return Stream.of(guides, figures, others).flatMap(paths -> paths).filter(path -> path.toString().endsWith(".md"))
          .toList();
    }
  }

  /// The headings as GitHub makes them into anchors.
  private static List<String> anchors(String document) {
    return document.lines().filter(line -> line.startsWith("#")).map(line -> line.replaceFirst("#+ ", "").toLowerCase(
        Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-')).toList();
  }

  private static List<String[]> rows(String document) {
    List<String[]> rows = new ArrayList<>();
    boolean inTable = false;
    for (String line : document.lines().toList()) {
      inTable = line.contains("| Rewind |") || inTable && line.startsWith("|");
      Matcher row = ROW.matcher(line);
      if (inTable && row.matches()) {
        rows.add(new String[] {row.group(1), row.group(2)});
      }
    }
    return rows;
  }

  /// `B, E + 4H` with numbers, as a shape is printed.
  private static String sizes(String letters) {
    if (letters.isEmpty()) {
      return "[]";
    }
    return List.of(letters.split(", ")).stream().map(axis -> Integer.toString(List.of(axis.split(" \\+ ")).stream()
        .mapToInt(SessionsOfDocumentsTest::size).sum())).collect(Collectors.joining(", ", "[", "]"));
  }

  private static int size(String term) {
    Matcher product = Pattern.compile("(\\d*)([A-Z]?)").matcher(term);
    assertThat(product.matches()).as(term).isTrue();
    return (product.group(1).isEmpty() ? 1 : Integer.parseInt(product.group(1)))
        * (product.group(2).isEmpty() ? 1 : SIZES.get(product.group(2)));
  }
}
