package dev.rewind.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Documents whose code is one session of jshell, from the first line to the last. It is run here, as a reader would:
///
/// - `expression   // ==> value` must give that value;
/// - `expression   // throws text` must fail with a message that begins so;
/// - a block `text` holds what the block of code before it printed;
/// - in a table with a column `Rewind`, its code must run, and give the shape that the next column names, if it does.
class SessionsOfDocumentsTest {
  private static final Pattern BLOCK = Pattern.compile("```(java|text)\n(.*?)```", Pattern.DOTALL);
  private static final Pattern ROW = Pattern.compile("\\| .* \\| `([^`|]+)` \\| (.+) \\|");
  private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#\\s]+)(?:#([^)]+))?\\)");
  private static final Pattern SHAPE = Pattern.compile("(T x )?\\[([^\\]]*)]");
  private static final Map<String, Integer> SIZES = Map.of("B", 2, "T", 3, "V", 5, "E", 4, "H", 6);

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/char-rnn.md", "docs/cells.md", "docs/drivers.md", "docs/training.md",
      "docs/gradient-checking.md"})
  void everyLineHoldsWhatItSays(String name) throws Exception {
    String document = Files.readString(Program.ROOT.resolve(name));
    try (Session session = new Session()) {
      String printed = "";
      for (Matcher block = BLOCK.matcher(document); block.find();) {
        if (block.group(1).equals("java")) {
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
        Stream<Path> others = Stream.of("README.md", "CONTRIBUTING.md", "benchmarks/README.md").map(
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
