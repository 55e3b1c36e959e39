package dev.rewind.nn.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.Tape;
import dev.rewind.nn.Block;
import dev.rewind.nn.cells.Cells;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The tutorial's cell and the table of docs/cells.md, held against the cells.
class CellGuideTest {
  private static final Path GUIDE = Path.of("..", "docs", "cells.md");
  private static final Path CELL = Path.of("src", "main", "java", "dev", "rewind", "nn", "cells", "MixtureCell.java");
  private static final Path CHAR_RNN = Path.of("..", "examples-charrnn", "src", "main", "java", "dev", "rewind",
      "examples", "charrnn", "model");
  private static final Pattern SNIPPET = Pattern.compile("```(?:java)?\n(.*?)```", Pattern.DOTALL);

  @Test
  void theTutorialsCellIsShownAsItIs() throws IOException {
    assertThat(withoutIndentation(Files.readString(CELL))).contains(snippet("public final class MixtureCell"));
  }

  @Test
  void theLineThatMakesAKindOfItIsThatOfTheProgram() throws IOException {
    assertThat(withoutIndentation(Files.readString(CHAR_RNN.resolve("CellKind.java")))).contains(snippet("MIXTURE"));
  }

  /// The block of code that begins so.
  private static String snippet(String start) throws IOException {
    return SNIPPET.matcher(Files.readString(GUIDE)).results().map(block -> withoutIndentation(block.group(1)))
        .filter(code -> code.startsWith(start)).findFirst().orElseThrow();
  }

  private static String withoutIndentation(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  @Test
  void theCellHasAsManyLinesAsTheGuideSays() throws IOException {
    String code = Files.readString(CELL);
    long lines = code.substring(code.indexOf("public final class")).lines().map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("//")).count();
    assertThat(lines).isLessThan(30);
    assertThat(Files.readString(GUIDE)).contains("in " + lines + " lines of");
  }

  // ---- the table: names and shapes of its columns, F = 3, H = 5, M = 7, K = 2, B = 4, N = 6
  // ----------------------------------

  private static final Map<Character, Integer> SIZES = Map.of('F', 3, 'H', 5, 'M', 7, 'K', 2, 'B', 4,
      'N', 6);
  private static final Pattern NAMED_SHAPE = Pattern.compile("([a-z_.0-9]+) \\[([^]]+)]");

  static Stream<Cell<?>> cells() {
    return Cells.ALL.stream().map(maker -> maker.make(SIZES.get('F'), SIZES.get('H'), Rng.of(1)));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void theTableTellsStateAndParameters(Cell<?> cell) throws IOException {
    String start = "| `" + cell.getClass().getSimpleName() + "` ";
    String row = Files.readString(GUIDE).lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    String[] columns = row.split("\\|");
    Map<String, Shape> parameters = new HashMap<>();
    ((Block) cell).namedParameters().forEach((name, parameter) -> parameters.put(name, parameter.value().shape()));
    assertThat(shapes(columns[5])).isEqualTo(new TreeMap<>(parameters));
    assertThat(shapes(columns[4])).isEqualTo(stateOf(cell));
  }

  private static <S extends State<S>> Map<String, Shape> stateOf(Cell<S> cell) {
    try (Tape tape = Tape.inference()) {
      S state = cell.initialState(tape, SIZES.get('B'));
      Map<String, Shape> shapes = new TreeMap<>();
      for (int i = 0; i < state.names().size(); i++) {
        shapes.put(state.names().get(i), state.leaves().get(i).shape());
      }
      return shapes;
    }
  }

  private static Map<String, Shape> shapes(String column) {
    Map<String, Shape> shapes = new TreeMap<>();
    for (Matcher named = NAMED_SHAPE.matcher(column); named.find();) {
      shapes.put(named.group(1), Shape.of(
          Arrays.stream(named.group(2).split(", ")).mapToInt(CellGuideTest::size).toArray()));
    }
    return shapes;
  }

  /// A sum of products, such as `2H + K H`.
  private static int size(String expression) {
    return Arrays.stream(expression.split(" \\+ ")).mapToInt(CellGuideTest::product).sum();
  }

  private static int product(String term) {
    int product = 1;
    for (String factor : term.split("(?<=\\d)(?=[A-Z])| ")) {
      product *= Character.isDigit(factor.charAt(0)) ? Integer.parseInt(factor) : SIZES.get(factor.charAt(0));
    }
    return product;
  }
}
