import module java.base;

/// A picture of lines over a common axis, as SVG:
///
/// ```java
/// new Plot("hours", 0, 1).line("truth", truth).line("forecast", forecast).write(Path.of("forecast.svg"));
/// ```
final class Plot {
  private static final int LEFT = 50, TOP = 30, WIDTH = 650, HEIGHT = 220; // of the area between the axes
  private static final List<String> COLORS = List.of("#222222", "#d1495b", "#8aa6c1");

  private final SequencedMap<String, double[]> lines = new LinkedHashMap<>();
  private final String axis;
  private final double from;
  private final double step;

  /// @param axis what the horizontal axis shows
  /// @param from the position of the first number on it
  /// @param step from one number to the next
  Plot(String axis, double from, double step) {
    this.axis = axis;
    this.from = from;
    this.step = step;
  }

  /// Adds a line; there may be three, with equally many numbers, at least two.
  Plot line(String name, double[] values) {
    lines.put(name, values);
    return this;
  }

  void write(Path file) throws IOException {
    double low = lines.values().stream().flatMapToDouble(Arrays::stream).min().orElseThrow();
    double high = lines.values().stream().flatMapToDouble(Arrays::stream).max().orElseThrow();
    int last = lines.firstEntry().getValue().length - 1;
    StringBuilder svg = new StringBuilder("""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 300" font-family="sans-serif" font-size="12">
        <rect width="720" height="300" fill="white"/>
        """);
    for (double y : ticks(low, high)) {
      double at = TOP + HEIGHT * (high - y) / (high - low);
      svg.append("<path stroke=\"#dddddd\" d=\"M%d %.1fh%d\"/>\n".formatted(LEFT, at, WIDTH));
      svg.append(text(LEFT - 6, at + 4, "end", number(y)));
    }
    for (double x : ticks(from, from + step * last)) {
      svg.append(text(LEFT + WIDTH * (x - from) / (step * last), TOP + HEIGHT + 18, "middle", number(x)));
    }
    svg.append(text(LEFT + WIDTH / 2.0, TOP + HEIGHT + 38, "middle", axis));
    int k = 0;
    for (Map.Entry<String, double[]> line : lines.entrySet()) {
      String points = IntStream.rangeClosed(0, last).mapToObj(i -> "%.1f,%.1f".formatted(
          LEFT + (double) WIDTH * i / last, TOP + HEIGHT * (high - line.getValue()[i]) / (high - low)))
          .collect(Collectors.joining(" "));
      String label = text(LEFT + 180 * k, 18, "start", "— " + line.getKey());
      svg.append("""
          <g fill="%1$s">%2$s</g>
          <polyline fill="none" stroke="%1$s" stroke-width="1.8" points="%3$s"/>
          """.formatted(COLORS.get(k++), label.strip(), points));
    }
    Files.writeString(file, svg.append("</svg>\n"));
  }

  private static String text(double x, double y, String anchor, String text) {
    return "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n".formatted(x, y, anchor, text);
  }

  /// Between three and seven round numbers.
  private static double[] ticks(double low, double high) {
    double ten = Math.pow(10, Math.floor(Math.log10(high - low)));
    double step = DoubleStream.of(1, 0.5, 0.2).map(part -> part * ten).filter(size -> (high - low) / size >= 3)
        .findFirst().orElse(ten / 10);
    return DoubleStream.iterate(Math.ceil(low / step) * step, y -> y <= high, y -> y + step).toArray();
  }

  private static String number(double x) {
    return BigDecimal.valueOf(x).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }
}
