package dev.rewind.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Something measured at each step of a sequence, which a unit of a network may follow. [#ofText] has those of texts;
/// for other sequences make your own.
///
/// @param name such as `inside quotes`
/// @param meaning in a sentence
/// @param values one for each step
public record Feature(String name, String meaning, List<Double> values) {
  private static final Map<String, String> OF_TEXTS = Collections.unmodifiableMap(meanings());

  /// Copies the values.
  public Feature {
    values = List.copyOf(values);
  }

  private static Map<String, String> meanings() {
    Map<String, String> meanings = new LinkedHashMap<>();
    meanings.put("inside quotes", "1 from an opening quotation mark to the closing one or the end of the paragraph");
    meanings.put("inside brackets", "how many brackets are open in the paragraph");
    meanings.put("indentation", "blanks at the start of the line so far, at least up to its first other symbol");
    meanings.put("position in line", "symbols since the start of the line");
    meanings.put("position in sentence", "symbols since the last full stop, question or exclamation mark");
    meanings.put("position in word", "letters of the word so far");
    meanings.put("end of a word", "1 at a letter that no letter follows");
    meanings.put("between words", "1 at a blank or a line end");
    meanings.put("line end", "1 at a line end");
    meanings.put("capital", "1 at a capital letter");
    meanings.put("vowel", "1 at a, e, i, o, u");
    meanings.put("digit", "1 at a digit");
    meanings.put("punctuation", "1 at what is neither letter, digit nor blank");
    return meanings;
  }

  /// The features of a text, measured after each symbol. Quotation marks are told from apostrophes by what is beside
  /// them, so now and then wrongly.
  ///
  /// @param text code points
  public static List<Feature> ofText(int... text) {
    List<List<Double>> values = OF_TEXTS.keySet().stream().<List<Double>>map(_ -> new ArrayList<>()).toList();
    boolean quoted = false;
    int brackets = 0;
    int indentation = 0;
    int line = 0;
    int sentence = 0;
    int word = 0;
    boolean blank = true; // so far, in this line
    for (int t = 0; t < text.length; t++) {
      int c = text[t];
      int before = t == 0 ? '\n' : text[t - 1];
      int next = t + 1 == text.length ? '\n' : text[t + 1];
      boolean newParagraph = c == '\n' && before == '\n';
      boolean space = Character.isWhitespace(c);
      boolean letter = Character.isLetter(c);
      quoted = !newParagraph && quoted(quoted, before, c, next);
      brackets = newParagraph ? 0
          : Math.max(0, brackets + ("([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0));
      line = c == '\n' ? 0 : line + 1;
      blank = c == '\n' || blank && space;
      indentation = c == '\n' ? 0 : blank ? indentation + 1 : indentation;
      sentence = ".?!".indexOf(c) >= 0 ? 0 : sentence + 1;
      word = letter ? word + 1 : 0;
      double[] here = {is(quoted), brackets, indentation, line, sentence, word,
          is(letter && !Character.isLetter(next)), is(space), is(c == '\n'), is(Character.isUpperCase(c)),
          is("aeiouAEIOU".indexOf(c) >= 0), is(Character.isDigit(c)), is(!letter && !space && !Character.isDigit(c))};
      for (int k = 0; k < here.length; k++) {
        values.get(k).add(here[k]);
      }
    }
    List<Feature> features = new ArrayList<>();
    OF_TEXTS.forEach((name, meaning) -> features.add(new Feature(name, meaning, values.get(features.size()))));
    return List.copyOf(features);
  }

  private static double is(boolean condition) {
    return condition ? 1 : 0;
  }

  /// Whether a quotation is open after a symbol.
  private static boolean quoted(boolean open, int before, int c, int next) {
    boolean opens = !open && !Character.isLetterOrDigit(before) && !Character.isWhitespace(next);
    boolean closes = open && !Character.isWhitespace(before) && !Character.isLetterOrDigit(next);
    return switch (c) {
      case '"' -> !open;
      case '“', '«', '„' -> true;
      case '”', '»' -> false;
      case '\'', '‘', '’' -> opens || open && !closes;
      default -> open;
    };
  }
}
