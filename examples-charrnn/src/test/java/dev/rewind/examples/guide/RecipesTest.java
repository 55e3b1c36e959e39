package dev.rewind.examples.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// The programs of `docs/recipes`, each for a short time.
class RecipesTest {
  @TempDir
  Path directory;

  @Test
  void theTaggerIsBetterThanTheUsualTagOfEachWord() throws Exception {
    List<Double> found = numbers(run("Tagging", "2"), "accuracy|macro F1");
    assertThat(found).hasSize(4);
    assertThat(found.get(2)).isGreaterThan(found.get(0));
    assertThat(found.get(3)).isGreaterThan(found.get(1));
  }

  @Test
  void theClassifierIsBetterThanTheUsualClass() throws Exception {
    List<Double> found = numbers(run("Classification", "5"), "accuracy");
    assertThat(found).hasSize(2);
    assertThat(found.get(1)).isGreaterThan(found.get(0) + 0.05);
  }

  @Test
  void whatIsMissingTellsSomething() throws Exception {
    List<Double> found = numbers(run("MissingValues", "4"), "accuracy");
    assertThat(found).hasSize(3); // of means, of last values, and of GRU-D
    assertThat(found.get(0)).isGreaterThan(0.55); // 0.5 by chance
    assertThat(found.get(1)).isGreaterThan(found.get(0));
    assertThat(found.get(2)).isGreaterThan(found.get(0));
  }

  @Test
  void theForecastIsBetterThanTheWeekBefore() throws Exception {
    Path picture = directory.resolve("forecast.svg");
    List<Double> found = numbers(run("Forecasting", "5", picture.toString()), "error");
    assertThat(found).hasSize(2);
    assertThat(found.get(1)).isLessThan(found.get(0));
    assertThat(lines(picture)).isEqualTo(Map.of("truth", 168, "forecast", 168, "a week ago", 168));
  }

  @Test
  void theAdderBeginsWhereConstantsEnd() throws Exception {
    Path picture = directory.resolve("errors.svg");
    List<Double> found = numbers(run("LongLag", "60", picture.toString()), "squared error");
    assertThat(found).hasSize(3); // after 50 steps, after 60, and of a constant
    assertThat(found.get(2)).isCloseTo(1 / 6.0, within(1e-4));
    assertThat(found.get(1)).isLessThan(1); // 1.17 for one that always says 0
    assertThat(lines(picture)).isEqualTo(Map.of("mean squared error", 2, "always 1", 2));
  }

  @Test
  void labelsAreReadFromASignal() throws Exception {
    assertThat(numbers(run("Ctc", "3"), "rate:")).singleElement().satisfies(rate -> assertThat(rate).isLessThan(0.5));
  }

  @Test
  void datesAreWrittenInOneForm() throws Exception {
    assertThat(run("Dates", "1")).matches("(?s).*[1-9]\\d* of 200 unseen dates\\s*"); // 0 by chance: one of 36,524 days
  }

  @Test
  void sumsAreBeginningToBeRight() throws Exception {
    assertThat(numbers(run("Addition", "2", "8000"), "rate:")).singleElement()
        .satisfies(rate -> assertThat(rate).isLessThan(0.7)); // 1 for an empty answer
  }

  @Test
  void everyThreadWritesTheSame() throws Exception {
    assertThat(run("Serving", "20")).contains("20 of 20 answers");
  }

  @Test
  void aFrozenPartHelpsWhereExamplesAreFew() throws Exception {
    List<Double> found = numbers(run("Transfer", "5"), "accuracy");
    assertThat(found).hasSize(3);
    assertThat(found.get(0)).isGreaterThan(0.9);
    assertThat(found.get(1)).isGreaterThan(found.get(2));
  }

  @Test
  void theHintNamesTheMistake() throws Exception {
    assertThat(run("GradientOfYourOwn")).contains("the gradient is right").contains("WRONG").contains("sign");
  }

  @Test
  void wordsAreBetterPredictedThanByTheirFrequency() throws Exception {
    List<Double> found = numbers(run("WordModel", "5", Program.smallText(directory, 40_000).toString()), "perplexity");
    assertThat(found).hasSize(2);
    assertThat(found.get(1)).isLessThan(found.get(0) / 2);
  }

  private static String run(String program, String... arguments) throws Exception {
    return Program.of("docs/recipes/" + program + ".java").run(arguments);
  }

  /// The names of the lines of a picture, which must be XML, and how many points each has within the picture.
  private static Map<String, Integer> lines(Path picture) throws Exception {
    Document svg = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(picture.toFile());
    NodeList names = svg.getElementsByTagName("g");
    NodeList lines = svg.getElementsByTagName("polyline");
    Map<String, Integer> found = new HashMap<>();
    for (int i = 0; i < names.getLength(); i++) {
      String[] points = ((Element) lines.item(i)).getAttribute("points").split(" ");
      assertThat(points).allMatch(point -> Arrays.stream(point.split(",")).mapToDouble(Double::parseDouble)
          .allMatch(x -> x >= 0 && x <= 720));
      found.put(names.item(i).getTextContent().strip().substring(2), points.length);
    }
    return found;
  }

  private static List<Double> numbers(String printed, String before) {
    return Pattern.compile("(?:" + before + ") (\\d+\\.\\d+)").matcher(printed).results()
        .map(match -> Double.valueOf(match.group(1))).toList();
  }
}
