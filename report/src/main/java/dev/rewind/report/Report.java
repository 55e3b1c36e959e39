package dev.rewind.report;

import static dev.rewind.report.Markup.escaped;
import static dev.rewind.report.Markup.shown;

import dev.rewind.autograd.Param;
import dev.rewind.nn.io.AtomicFile;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A page about a model and its training: one HTML file that needs nothing else, no network either. Sections come in
/// the order of the calls; each is optional. Texts are shown, never interpreted as markup.
///
/// ```java
/// Report.titled("My model").training(Metrics.read(Path.of("run/metrics.csv"))).parameters(model.namedParameters())
///     .write(Path.of("report.html"));
/// ```
public final class Report {
  private static final int BINS = 48;
  private static final int MOST_NAMES = 300; // in the picture of an embedding
  private static final int MOST_SAMPLES = 8;

  private final String title;
  private final StringBuilder facts = new StringBuilder();
  private final StringBuilder links = new StringBuilder();
  private final StringBuilder sections = new StringBuilder();
  private final List<String> charts = new ArrayList<>();
  private String text = "null";

  /// A text that a model wrote during its training.
  ///
  /// @param iteration after how many iterations
  /// @param text what it wrote
  public record Sample(int iteration, String text) {}

  private Report(String title) {
    this.title = title;
  }

  /// A page without sections.
  public static Report titled(String title) {
    return new Report(title);
  }

  /// Adds what stands at the top: a name and a number or a word each.
  public Report facts(Map<String, String> named) {
    named.forEach(
        (name, value) -> facts.append("<div><dt>" + escaped(name) + "</dt><dd>" + escaped(value) + "</dd></div>"));
    return this;
  }

  private Report section(String id, String heading, String content) {
    links.append("<a href=\"#" + id + "\">" + escaped(heading) + "</a> ");
    sections.append("<section id=\"" + id + "\">\n<h2>" + escaped(heading) + "</h2>\n" + content + "</section>\n");
    return this;
  }

  /// Adds a section of one paragraph.
  public Report remark(String heading, String words) {
    return section("remark-" + links.length(), heading, "<p>" + escaped(words) + "</p>\n");
  }

  /// Adds the course of a training: `train_loss`, smoothed as well, in one chart with all columns whose names end in
  /// `_loss`; a chart for each other column but the epoch and the seconds.
  public Report training(Metrics metrics) {
    if (metrics.rows().isEmpty()) {
      return section("training", "Training", "<p>The metrics file has no rows: nothing was trained yet.</p>\n");
    }
    List<String> names = metrics.names();
    double[] x = metrics.column(names.getFirst());
    int window = Math.max(1, x.length / 50);
    List<Chart.Line> losses = new ArrayList<>();
    List<Chart> others = new ArrayList<>();
    for (String name : names.subList(1, names.size())) {
      double[] y = metrics.column(name);
      String words = name.replace('_', ' ');
      if (name.equals("train_loss")) {
        losses.add(new Chart.Line(words, "faint", x, y));
        losses.add(new Chart.Line("its mean over " + window, "line", x, Chart.smoothed(y, window)));
      } else if (name.endsWith("_loss")) {
        losses.add(new Chart.Line(words, "dots", x, y));
      } else if (!name.equals("epoch") && !name.equals("seconds")) {
        others.add(Chart.of("chart-" + names.indexOf(name), words, List.of(new Chart.Line(words, "line", x, y))));
      }
    }
    List<Chart> all = new ArrayList<>(List.of(Chart.of("chart-loss", "Loss by " + names.getFirst(), losses)));
    all.addAll(others);
    all.removeIf(chart -> chart.lines().isEmpty());
    all.forEach(chart -> charts.add(chart.json()));
    return section("training", "Training", all.stream().map(Chart::html).collect(Collectors.joining("",
        "<div class=\"charts\">\n", "</div>\n")));
  }

  /// Adds texts from the course of the training: of many a few, more of them early.
  public Report samples(List<Sample> samples) {
    int last = samples.size() - 1;
    List<Sample> few = last < MOST_SAMPLES ? samples : IntStream.range(0, MOST_SAMPLES)
        .map(k -> (int) Math.round(Math.pow(last + 1, k / (MOST_SAMPLES - 1.0))) - 1).distinct().mapToObj(samples::get)
        .toList();
    return section("samples", "What it wrote", (few.size() < samples.size() ? "<p>" + few.size() + " of "
        + shown(samples.size()) + " samples.</p>\n" : "") + few.stream().map(
            sample -> "<article class=\"sample\"><h3>"
                + "after " + shown(sample.iteration) + (sample.iteration == 1 ? " iteration" : " iterations")
                + "</h3><pre>"
                + escaped(sample.text) + "</pre></article>\n")
            .collect(Collectors.joining("", "<div class=\"samples\">\n",
                "</div>\n")));
  }

  /// Adds a text that a model read, with what its units did and what it expected, and the units of the findings.
  ///
  /// @param what which text it is
  /// @param symbols the signs of the symbols, by id
  /// @param ids what was read, `[T]`
  /// @throws ShapeException if the activations or predictions are of another number of steps
  /// @throws IllegalArgumentException if the page was given a text already, or there are more than 65536 symbols
  public Report text(String what, List<String> symbols, int[] ids, Activations seen, List<Finding> findings,
      Predictions next) {
    if (seen.steps() != ids.length || next.bits().elements() != ids.length) {
      throw new ShapeException("report: a text of " + ids.length + " symbols, but activations of " + seen.steps()
          + " steps and predictions of " + next.bits().elements());
    }
    if (!text.equals("null") || symbols.size() > 1 << 16) {
      throw new IllegalArgumentException("report: a page shows one text, of at most 65536 kinds of symbols");
    }
    TextSection part = new TextSection(symbols, ids, seen, findings, next);
    text = part.data();
    section("units", "Units that follow something", part.cards());
    section("reading", "Reading, symbol by symbol", part.text(what));
    return histograms("states", "States and gates while reading", seen.signals());
  }

  /// Adds a picture of vectors in two dimensions, by [PrincipalComponents].
  ///
  /// @param what whose vectors they are, such as `all 77 symbols`
  /// @param names of the rows
  /// @param table `[V, E]`
  public Report embedding(String what, List<String> names, Tensor table) {
    PrincipalComponents plane = PrincipalComponents.of(table, Math.min(2, table.size(1)));
    int count = Math.min(MOST_NAMES, names.size());
    double[] least = plane.points().min(0).toDoubles();
    double[] most = plane.points().max(0).toDoubles();
    StringBuilder points = new StringBuilder();
    for (int v = 0; v < count; v++) {
      double[] place = {50, 50};
      for (int k = 0; k < least.length; k++) {
        place[k] = most[k] == least[k] ? 50 : 2 + 96 * (plane.points().at(v, k) - least[k]) / (most[k] - least[k]);
      }
      points.append(String.format(Locale.ROOT, "<span class=\"%s\" style=\"left:%.1f%%;bottom:%.1f%%\">%s</span>",
          kind(names.get(v)), place[0], place[1], escaped(Markup.symbol(names.get(v)))));
    }
    return section("embedding", "The embedding in two dimensions", "<p>The vectors of " + escaped(what)
        + (count < names.size() ? ", the first " + count + " of them," : "")
        + " along the two directions in which they differ most (principal components: "
        + plane.shares().stream().map(share -> String.format(Locale.ROOT, "%.0f%%", 100 * share))
            .collect(Collectors.joining(" and "))
        + " of their variance; in the other directions, those that are near here may be far apart). "
        + "<span class=\"kinds\"><b class=\"vowel\">vowels</b> <b class=\"lower\">other small letters</b> "
        + "<b class=\"upper\">capitals</b> <b class=\"other\">others</b></span></p>\n<div class=\"plane\" role=\"img\" "
        + "aria-label=\"symbols by their vectors\">" + points + "</div>\n");
  }

  private static String kind(String symbol) {
    int c = symbol.codePointAt(0);
    return "aeiou".indexOf(c) >= 0 ? "vowel" : Character.isLowerCase(c) ? "lower" : Character.isUpperCase(c) ? "upper"
        : "other";
  }

  /// Adds the way through the model: a step and the shape of what comes out of it each.
  public Report stages(Map<String, String> shapes) {
    return section("architecture", "Architecture", shapes.entrySet().stream().map(stage -> "<li><b>"
        + escaped(stage.getKey()) + "</b> <code>" + escaped(stage.getValue()) + "</code></li>")
        .collect(Collectors.joining(
            "", "<ol class=\"stages\">", "</ol>\n")));
  }

  /// Adds a table of parameters with their shapes, and a histogram of each.
  public Report parameters(Map<String, Param> named) {
    long all = named.values().stream().distinct().mapToLong(p -> p.value().elements()).sum();
    section("parameters", "Parameters", named.entrySet().stream().map(e -> "<tr><th scope=\"row\"><code>"
        + escaped(e.getKey()) + "</code></th><td><code>" + e.getValue().value().shape() + "</code></td><td>"
        + shown(e.getValue().value().elements()) + "</td></tr>\n").collect(Collectors.joining("",
            "<div class=\"wide\"><table><thead><tr><th>name</th><th>shape</th><th>numbers</th></tr></thead><tbody>\n",
            "<tr><th scope=\"row\">in all</th><td></td><td>" + shown(all) + "</td></tr>\n</tbody></table></div>\n")));
    return histograms("weights", "Weights", named.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey,
        e -> e.getValue().value(), (a, _) -> a, LinkedHashMap::new)));
  }

  private Report histograms(String id, String heading, Map<String, Tensor> named) {
    return section(id, heading, named.entrySet().stream().map(e -> Chart.of(e.getKey(),
        Histogram.of(e.getValue(), BINS))).collect(Collectors.joining("", "<div class=\"histograms\">\n", "</div>\n")));
  }

  /// Adds what the page was made from and how.
  public Report provenance(Map<String, String> named) {
    return section("provenance", "Where this comes from",
        named.entrySet().stream().map(e -> "<dt>" + escaped(e.getKey())
            + "</dt><dd>" + escaped(e.getValue()) + "</dd>")
            .collect(Collectors.joining("\n", "<dl class=\"provenance\">",
                "</dl>\n")));
  }

  /// The page.
  public String html() {
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src \
        'unsafe-inline'">
        <title>""" + escaped(title) + "</title>\n<style>\n" + resource("report.css") + "</style>\n</head>\n<body>\n"
        + "<header><h1>" + escaped(title) + "</h1>\n"
        + (facts.isEmpty() ? "" : "<dl class=\"facts\">" + facts + "</dl>\n")
        + "<nav aria-label=\"sections\">" + links + "</nav></header>\n<main>\n" + sections + "</main>\n"
        + "<script type=\"application/json\" id=\"data\">{\"charts\":{" + String.join(",\n", charts) + "},\n\"text\":"
        + text + "}</script>\n<script type=\"module\">\n" + resource("report.js") + "</script>\n</body>\n</html>\n";
  }

  private static String resource(String name) {
    try (InputStream in = Report.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(name, e); // it is beside this class
    }
  }

  /// Writes the page, in place of what was there.
  ///
  /// @throws IOException if it cannot be written
  public void write(Path file) throws IOException {
    byte[] page = html().getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file, channel -> Channels.newOutputStream(channel).write(page));
  }
}
