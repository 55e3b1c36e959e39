package dev.rewind.report;

import static dev.rewind.report.Markup.escaped;
import static dev.rewind.report.Markup.shown;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A chart as HTML: curves as SVG that stretches to whatever room there is, with labels beside them that do not.
///
/// @param id of the element
/// @param title what is drawn, with the unit
/// @param lines those that have points
record Chart(String id, String title, List<Line> lines) {
  private static final int SIZE = 1000; // of the drawing, both ways
  private static final int MOST = 1200; // points of a line

  /// A curve.
  ///
  /// @param style its class: `line`, `faint` or `dots`
  record Line(String name, String style, double[] x, double[] y) {
    /// Without points that are not finite. Of too many, those stay that are the least or the greatest of their
    /// neighbours.
    Line drawn() {
      int[] all = IntStream.range(0, x.length).filter(i -> Double.isFinite(y[i])).toArray();
      int width = 2 * Math.ceilDiv(all.length, MOST);
      int[] kept = all.length <= MOST ? all : IntStream.range(0, Math.ceilDiv(all.length, width)).flatMap(bin -> {
        int[] near = Arrays.copyOfRange(all, bin * width, Math.min((bin + 1) * width, all.length));
        int low = Arrays.stream(near).reduce((a, b) -> y[b] < y[a] ? b : a).getAsInt();
        int high = Arrays.stream(near).reduce((a, b) -> y[b] > y[a] ? b : a).getAsInt();
        return IntStream.of(Math.min(low, high), Math.max(low, high)).distinct();
      }).toArray();
      return new Line(name, style, Arrays.stream(kept).mapToDouble(i -> x[i]).toArray(),
          Arrays.stream(kept).mapToDouble(i -> y[i]).toArray());
    }
  }

  /// A stretch of numbers, which becomes a side of the drawing.
  private record Axis(double low, double high) {
    static Axis of(double[] numbers, double margin) {
      double low = Arrays.stream(numbers).min().orElse(0);
      double high = Arrays.stream(numbers).max().orElse(0);
      double more = high > low ? margin * (high - low) : Math.max(1e-9, Math.abs(low) / 10);
      return new Axis(low - more, high + more);
    }

    double share(double x) {
      return (x - low) / (high - low);
    }

    /// Round numbers, some three to six.
    double[] ticks() {
      double power = Math.pow(10, Math.floor(Math.log10((high - low) / 3)));
      double step = power * ((high - low) / power >= 15 ? 5 : (high - low) / power >= 6 ? 2 : 1);
      return IntStream.rangeClosed((int) Math.ceil(low / step), (int) Math.floor(high / step))
          .mapToDouble(i -> i * step).toArray();
    }
  }

  static Chart of(String id, String title, List<Line> lines) {
    return new Chart(id, title, lines.stream().map(Line::drawn).filter(line -> line.x.length > 0).toList());
  }

  /// The mean of the numbers up to each, over a window, at first a shorter one: a fifth of what there is.
  static double[] smoothed(double[] y, int window) {
    double[] means = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      means[i] = Arrays.stream(y, i - Math.min(window - 1, i / 5), i + 1).filter(Double::isFinite).average()
          .orElse(Double.NaN);
    }
    return means;
  }

  /// The figure.
  String html() {
    Axis across = Axis.of(all(true), 0);
    Axis up = Axis.of(all(false), 0.04);
    StringBuilder grid = new StringBuilder();
    StringBuilder labels = new StringBuilder();
    for (double tick : up.ticks()) {
      grid.append(String.format(Locale.ROOT, "M0 %.1fh%d", SIZE * (1 - up.share(tick)), SIZE));
      labels.append(String.format(Locale.ROOT, "<span class=\"y\" style=\"bottom:%.2f%%\">%s</span>",
          100 * up.share(tick), shown(tick)));
    }
    for (double tick : across.ticks()) {
      labels.append(String.format(Locale.ROOT, "<span class=\"x\" style=\"left:%.2f%%\">%s</span>",
          100 * across.share(tick), shown(tick)));
    }
    String key = lines.size() < 2 ? "" : lines.stream()
        .map(line -> "<span class=\"key " + line.style + "\">" + escaped(line.name) + "</span>")
        .collect(Collectors.joining(" "));
    return "<figure class=\"chart\" id=\"" + id + "\"><figcaption>" + escaped(title) + " " + key + "</figcaption>\n"
        + "<div class=\"plot\" role=\"img\" aria-label=\"" + escaped(title + ": " + described()) + "\">"
        + "<svg viewBox=\"0 0 " + SIZE + " " + SIZE + "\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        + "<path class=\"grid\" d=\"" + grid + "\"/>"
        + lines.stream().map(line -> path(line, across, up)).collect(Collectors.joining())
        + "</svg>" + labels + "</div><output>" + escaped(described()) + "</output></figure>\n";
  }

  private double[] all(boolean across) {
    return lines.stream().flatMapToDouble(line -> Arrays.stream(across ? line.x : line.y)).toArray();
  }

  private String described() {
    return lines.stream()
        .map(line -> line.name + " from " + shown(line.y[0]) + " to " + shown(line.y[line.y.length - 1]))
        .collect(Collectors.joining("; "));
  }

  private static String path(Line line, Axis across, Axis up) {
    List<String> points = new ArrayList<>();
    for (int i = 0; i < line.x.length; i++) {
      points.add(String.format(Locale.ROOT, "%.1f %.1f", SIZE * across.share(line.x[i]),
          SIZE * (1 - up.share(line.y[i]))));
    }
    String dots = line.style.equals("dots") || line.x.length == 1
        ? "<path class=\"dots\" d=\"M" + String.join("h0M", points) + "h0\"/>"
        : "";
    return "<path class=\"" + line.style.replace("dots", "joined") + "\" d=\"M" + String.join("L", points) + "\"/>"
        + dots;
  }

  /// Its numbers, for who asks for them.
  String json() {
    return lines.stream()
        .map(line -> "{\"name\":" + Markup.json(line.name) + ",\"x\":" + Markup.json(line.x) + ",\"y\":"
            + Markup.json(line.y) + "}")
        .collect(Collectors.joining(",", Markup.json(id) + ":[", "]"));
  }

  /// A histogram as a small figure.
  static String of(String title, Histogram histogram) {
    int most = Math.max(1, histogram.counts().stream().mapToInt(Integer::intValue).max().orElse(0));
    double width = (double) SIZE / histogram.counts().size();
    StringBuilder bars = new StringBuilder("M0 " + SIZE);
    for (int count : histogram.counts()) {
      bars.append(String.format(Locale.ROOT, "V%.1fh%.2f", SIZE * (1 - (double) count / most), width));
    }
    Axis axis = new Axis(histogram.low(), histogram.high());
    String zero = histogram.low() < 0 && histogram.high() > 0
        ? String.format(Locale.ROOT, "<path class=\"grid\" d=\"M%.1f 0v%d\"/>", SIZE * axis.share(0), SIZE)
        : "";
    return "<figure class=\"histogram\"><svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" role=\"img\" "
        + "aria-label=\"" + escaped(title) + " from " + shown(histogram.low()) + " to " + shown(histogram.high())
        + "\">"
        + "<path class=\"bars\" d=\"" + bars + "V" + SIZE + "z\"/>" + zero + "</svg><div><span>"
        + shown(histogram.low())
        + "</span><span>" + shown(histogram.high()) + "</span></div><figcaption>" + escaped(title)
        + "</figcaption></figure>\n";
  }
}
