package dev.rewind.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.stream.Collectors;

/// Texts and numbers as HTML and JSON, where nothing that comes from outside is ever markup.
final class Markup {
  private static final int LEVELS = 9;

  private Markup() {}

  /// A text as HTML, in an element or an attribute.
  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }

  /// A text as JSON that can stand in a script element.
  static String json(String text) {
    return text.chars().mapToObj(c -> c < ' ' || "\"\\<>&\u2028\u2029".indexOf(c) >= 0
        ? String.format(Locale.ROOT, "\\u%04x", c)
        : String.valueOf((char) c)).collect(Collectors.joining("", "\"", "\""));
  }

  /// Numbers as JSON, with the digits of a float; null for what is not finite.
  static String json(double[] numbers) {
    return Arrays.stream(numbers).mapToObj(x -> Double.isFinite(x) ? Float.toString((float) x) : "null")
        .collect(Collectors.joining(",", "[", "]"));
  }

  /// Bytes as JSON, in base 64.
  static String json(byte[] bytes) {
    return '"' + Base64.getEncoder().encodeToString(bytes) + '"';
  }

  /// Numbers of 16 bits as JSON: bytes in base 64, the low one first.
  static String json16(int[] numbers) {
    byte[] bytes = new byte[2 * numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      bytes[2 * i] = (byte) numbers[i];
      bytes[2 * i + 1] = (byte) (numbers[i] >> 8);
    }
    return json(bytes);
  }

  /// A number for people: four digits, as many as it takes if it is larger.
  static String shown(double x) {
    double size = Math.abs(x);
    BigDecimal rounded = BigDecimal.valueOf(x).round(new MathContext(4));
    return size >= 1000 && size < 1e9 ? String.format(Locale.ROOT, "%,.0f", x)
        : size >= 1e-4 && size < 1e9 || x == 0 ? rounded.stripTrailingZeros().toPlainString()
            : String.format(Locale.ROOT, "%.2e", x);
  }

  /// A symbol for people: letters for what cannot be seen.
  static String symbol(String symbol) {
    return switch (symbol) {
      case " " -> "␣";
      case "\n" -> "↵";
      case "\t" -> "⇥";
      default -> symbol;
    };
  }

  /// The class of the style sheet that colours a value of a unit: n9 to n1 for negative values, p1 to p9 for positive
  /// ones; p0 near 0, and near the least value of a unit that has no negative ones.
  static String level(double value, double low, double high) {
    double share = high == low ? 0 : low < 0 ? value / high : (value - low) / (high - low);
    long level = Math.round(LEVELS * Math.min(1, Math.abs(share)));
    return (share < 0 && level > 0 ? "n" : "p") + level;
  }
}
