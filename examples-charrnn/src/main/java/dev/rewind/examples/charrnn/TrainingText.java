package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.Split;
import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.examples.charrnn.model.Vocabulary;
import dev.rewind.examples.charrnn.model.Windows;
import java.util.function.Supplier;

/// A text made ready to be trained on.
///
/// @param symbols its code points
/// @param vocabulary all symbols that it has
/// @param split the ids, those held out apart
/// @param windows the order in which the others are read
record TrainingText(int[] symbols, Vocabulary vocabulary, Split split, Windows windows) {

  /// @param minCount how often a symbol is there, if it is not to become the unknown symbol
  /// @throws UserError if the text is too short
  static TrainingText of(int[] symbols, int minCount, double validation, int batch, int steps) {
    Vocabulary vocabulary = naming("--min-count", () -> Vocabulary.ofText(symbols, minCount));
    Split split = naming("--validation", () -> Split.of(vocabulary.encode(symbols), validation));
    if (split.training().length <= (long) batch * steps) {
      throw new UserError(tooShort(split.training().length, batch, steps));
    }
    return new TrainingText(symbols, vocabulary, split, new Windows(split.training(), batch, steps));
  }

  /// What `f` gives, which may refuse the value of an option.
  private static <T> T naming(String option, Supplier<T> f) {
    try {
      return f.get();
    } catch (UserError e) {
      throw new UserError(option + ": " + e.getMessage(), e);
    }
  }

  private static String tooShort(int length, int batch, int steps) {
    String message = "the training text has " + length + " symbols, but --batch " + batch + " and --steps " + steps
        + " need at least " + ((long) batch * steps + 1);
    int fitting = (length - 1) / steps;
    if (fitting >= 1) {
      return message + "; try --batch " + fitting;
    }
    return message + (length >= 2 ? "; try --batch 1 --steps " + (length - 1) : "");
  }

  /// How many iterations it takes to read the text so often.
  ///
  /// @throws UserError if they are more than an `int` counts
  int iterations(int epochs) {
    long iterations = windows.iterations(epochs);
    if (iterations > Integer.MAX_VALUE) {
      throw new UserError("--epochs " + epochs + " would take " + iterations + " iterations; at most "
          + Integer.MAX_VALUE / windows.windowsPerEpoch() + " epochs of this text can be counted");
    }
    return (int) iterations;
  }
}
