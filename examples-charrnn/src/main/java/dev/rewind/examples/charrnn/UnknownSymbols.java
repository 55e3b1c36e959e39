package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.examples.charrnn.model.Vocabulary;
import java.util.Arrays;
import picocli.CommandLine.Option;

/// The option `--unknown`, of commands that let a model read a text.
final class UnknownSymbols {
  @Option(names = "--unknown", paramLabel = "HOW", description = "What to do with symbols that the model does not "
      + "know: "
      + "'refuse', 'skip', or a symbol that is read in their place. If not given, the model's unknown symbol is read "
      + "in their place; a model without one refuses.")
  private String how;

  /// A text as a model reads it.
  ///
  /// @param ids of the symbols that are read
  /// @param unknown how many symbols of the text the model does not know
  /// @param fate what became of them: `skipped` or `replaced`
  record Reading(int[] ids, int unknown, String fate) {}

  /// Reads a text as the option says.
  ///
  /// @param name what to call the text in a message
  /// @throws UserError if a symbol is unknown and that is refused, or the option is none of the above
  Reading read(Vocabulary vocabulary, int[] text, String name) {
    int[] known = Arrays.stream(text).filter(vocabulary::contains).toArray();
    boolean skips = "skip".equals(how);
    Vocabulary reader = skips ? vocabulary : reader(vocabulary);
    try {
      return new Reading(reader.encode(skips ? known : text, name), text.length - known.length,
          skips ? "skipped" : "replaced");
    } catch (UserError e) {
      throw new UserError(
          e.getMessage() + "; --unknown skip leaves such symbols out, --unknown SYMBOL reads another one instead", e);
    }
  }

  private Vocabulary reader(Vocabulary vocabulary) {
    if (how == null) {
      return vocabulary;
    }
    if (how.equals("refuse")) {
      return Vocabulary.of(vocabulary.asString());
    }
    int symbol = how.isEmpty() ? 0 : how.codePointAt(0);
    if (how.length() != Character.charCount(symbol)) {
      throw new UserError("--unknown must be refuse, skip or one symbol, not '" + how + "'");
    }
    if (!vocabulary.contains(symbol)) {
      throw new UserError(
          "--unknown: " + Vocabulary.describe(symbol) + " is not among the symbols of the model itself");
    }
    return vocabulary.withUnknown(vocabulary.id(symbol));
  }
}
