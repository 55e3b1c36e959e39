package dev.rewind.examples.charrnn.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// The symbols that a model knows, numbered from 0. A symbol is a code point. A vocabulary may name one of them as the
/// unknown symbol, which then stands for all that it does not hold.
public final class Vocabulary {
  private static final int NONE = -1;
  private static final int REPLACEMENT = 0xFFFD; // Unicode's replacement character

  private final int[] symbols; // by id
  private final int[] ids; // by code point, up to the greatest symbol; NONE where there is none
  private final int unknown;

  private Vocabulary(int[] symbols, int unknown) {
    if (symbols.length == 0) {
      throw new UserError("a vocabulary needs at least one symbol");
    }
    if (unknown != NONE) {
      Objects.checkIndex(unknown, symbols.length);
    }
    this.symbols = symbols;
    this.unknown = unknown;
    this.ids = new int[Arrays.stream(symbols).max().getAsInt() + 1];
    Arrays.fill(ids, NONE);
    for (int id = 0; id < symbols.length; id++) {
      int before = ids[symbols[id]];
      if (before != NONE) {
        throw new UserError("the vocabulary holds " + describe(symbols[id]) + " twice, as " + before + " and as " + id);
      }
      ids[symbols[id]] = id;
    }
  }

  /// The distinct symbols of a text, in ascending order of code points.
  ///
  /// @throws UserError if the text is empty
  public static Vocabulary ofText(int[] text) {
    return ofText(text, 1);
  }

  /// The distinct symbols of a text that are there at least `minCount` times, in ascending order of code points. If
  /// that leaves any out, the replacement character U+FFFD is the unknown symbol.
  ///
  /// @throws UserError if the text is empty, or no symbol is there as often
  public static Vocabulary ofText(int[] text, int minCount) {
    int[] counts = new int[Character.MAX_CODE_POINT + 1];
    for (int symbol : text) {
      counts[symbol]++;
    }
    int[] all = IntStream.range(0, counts.length).filter(symbol -> counts[symbol] > 0).toArray();
    int[] kept = Arrays.stream(all).filter(symbol -> counts[symbol] >= minCount).toArray();
    if (kept.length == all.length) {
      return new Vocabulary(kept, NONE);
    }
    if (kept.length == 0) {
      throw new UserError(
          "no symbol of the text is there " + minCount + " times or more; the most frequent one is there "
              + Arrays.stream(counts).max().getAsInt() + " times");
    }
    int[] symbols = IntStream.concat(Arrays.stream(kept), IntStream.of(REPLACEMENT)).sorted().distinct().toArray();
    return new Vocabulary(symbols, Arrays.binarySearch(symbols, REPLACEMENT));
  }

  /// The vocabulary that [#asString] gave, or another program: the symbols in the order of their ids, whatever that is.
  ///
  /// @throws UserError if there are none, one is there twice or is half a surrogate pair
  public static Vocabulary of(String symbols) {
    int[] codePoints = symbols.codePoints().toArray();
    for (int id = 0; id < codePoints.length; id++) {
      if (codePoints[id] >= Character.MIN_SURROGATE && codePoints[id] <= Character.MAX_SURROGATE) {
        throw new UserError(
            "symbol " + id + " of the vocabulary is half a surrogate pair, " + describe(codePoints[id]));
      }
    }
    return new Vocabulary(codePoints, NONE);
  }

  /// The same symbols, with one of them as the unknown symbol.
  ///
  /// @throws UserError if there is no symbol of that id
  public Vocabulary withUnknown(int id) {
    if (id < 0 || id >= symbols.length) {
      throw new UserError("the unknown symbol is to be number " + id + " of a vocabulary of " + symbols.length);
    }
    return new Vocabulary(symbols, id);
  }

  /// How many symbols there are.
  public int size() {
    return symbols.length;
  }

  /// The id of the unknown symbol, if there is one.
  public OptionalInt unknown() {
    return unknown == NONE ? OptionalInt.empty() : OptionalInt.of(unknown);
  }

  /// The symbol of an id.
  ///
  /// @throws IndexOutOfBoundsException if there is none
  public int symbol(int id) {
    return symbols[Objects.checkIndex(id, symbols.length)];
  }

  /// Whether a code point is one of the symbols.
  public boolean contains(int codePoint) {
    return lookUp(codePoint) != NONE;
  }

  /// The id of a code point: the unknown symbol's, if it is not one of the symbols.
  ///
  /// @throws UserError if it is not one of them and there is no unknown symbol
  public int id(int codePoint) {
    int id = lookUp(codePoint);
    if (id == NONE && unknown == NONE) {
      throw new UserError(describe(codePoint) + " is not among the " + symbols.length + " symbols of the model");
    }
    return id == NONE ? unknown : id;
  }

  private int lookUp(int codePoint) {
    return codePoint >= 0 && codePoint < ids.length ? ids[codePoint] : NONE;
  }

  /// The ids of a text.
  ///
  /// @throws UserError if a symbol is not in the vocabulary and there is no unknown symbol: which, and where
  public int[] encode(int[] text) {
    return encode(text, "the text");
  }

  /// The ids of a text.
  ///
  /// @param name what to call the text in a message: the name of a file or an option
  /// @throws UserError as [#encode(int\[\])]
  public int[] encode(int[] text, String name) {
    int[] result = new int[text.length];
    for (int i = 0; i < text.length; i++) {
      int id = lookUp(text[i]);
      if (id == NONE && unknown == NONE) {
        throw new UserError(name + ": " + describe(text[i]) + " at offset " + i + place(text, i) + " is not among the "
            + symbols.length + " symbols of the model");
      }
      result[i] = id == NONE ? unknown : id;
    }
    return result;
  }

  /// The ids of a text.
  ///
  /// @throws UserError as [#encode(int\[\])]
  public int[] encode(String text) {
    return encode(text.codePoints().toArray());
  }

  /// The text of ids.
  ///
  /// @throws IndexOutOfBoundsException if an id has no symbol
  public String decode(int... ids) {
    StringBuilder text = new StringBuilder(ids.length);
    for (int id : ids) {
      text.appendCodePoint(symbol(id));
    }
    return text.toString();
  }

  /// The symbols in the order of their ids.
  public String asString() {
    return new String(symbols, 0, symbols.length);
  }

  /// A code point for a message: `'é' (U+00E9)`, or its name where it has no sign of its own, `LINE FEED (LF)
  /// (U+000A)`.
  public static String describe(int codePoint) {
    String number = String.format(Locale.ROOT, "U+%04X", codePoint);
    if (hasSign(codePoint)) {
      return "'" + Character.toString(codePoint) + "' (" + number + ")";
    }
    String name = Character.isValidCodePoint(codePoint) ? Character.getName(codePoint) : null;
    return name == null ? number : name + " (" + number + ")";
  }

  private static boolean hasSign(int codePoint) {
    return Character.isValidCodePoint(codePoint) && switch (Character.getType(codePoint)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
          Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SPACE_SEPARATOR,
          Character.NON_SPACING_MARK, Character.ENCLOSING_MARK ->
        false;
      default -> true;
    };
  }

  private static String place(int[] text, int at) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < at; i++) {
      line += text[i] == '\n' ? 1 : 0;
      column = text[i] == '\n' ? 1 : column + 1;
    }
    return " (line " + line + ", column " + column + ")";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Vocabulary that && Arrays.equals(symbols, that.symbols) && unknown == that.unknown;
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(symbols) + unknown;
  }

  @Override
  public String toString() {
    return "Vocabulary[" + symbols.length + " symbols" + (unknown == NONE ? "" : ", unknown " + unknown) + "]";
  }
}
