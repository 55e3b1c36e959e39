package dev.rewind.examples.charrnn;

import dev.rewind.examples.charrnn.model.UserError;
import dev.rewind.examples.charrnn.model.Vocabulary;
import dev.rewind.nn.data.Batch;
import dev.rewind.nn.data.Dataset;
import dev.rewind.nn.data.Split;
import dev.rewind.nn.data.Windows;
import dev.rewind.tensor.Tensor;

/// A text made ready to be trained on.
///
/// @param symbols its code points
/// @param vocabulary all symbols that it has
/// @param split the ids, those held out at its end apart
/// @param windows the order in which the others are read
record TrainingText(int[] symbols, Vocabulary vocabulary, Split<int[]> split, Dataset<Batch> windows) {

  /// @param validation the share to hold out, in `[0, 1)`
  /// @throws UserError if the text is too short
  static TrainingText of(int[] symbols, int minCount, double validation, int batch, int steps) {
    Vocabulary vocabulary = vocabulary(symbols, minCount);
    Split<Tensor> ids = split(vocabulary.encode(symbols), validation);
    int length = ids.training().size(0);
    if (length <= (long) batch * steps) {
      throw new UserError(tooShort(length, batch, steps));
    }
    return new TrainingText(symbols, vocabulary, new Split<>(ids.training().toInts(), ids.validation().toInts()),
        Windows.streams(ids.training(), batch, steps));
  }

  private static Vocabulary vocabulary(int[] symbols, int minCount) {
    try {
      return Vocabulary.ofText(symbols, minCount);
    } catch (UserError e) {
      throw new UserError("--min-count: " + e.getMessage(), e);
    }
  }

  static Split<Tensor> split(int[] ids, double fraction) {
    int cut = Split.trainingSize(ids.length, fraction);
    if (cut < 2 || fraction > 0 && ids.length - cut < 2) {
      throw new UserError("--validation: the text of " + ids.length + " symbols is too short: holding out " + fraction
          + " of it leaves " + cut + " to train on and " + (ids.length - cut) + " to validate; each needs at least 2");
    }
    return Split.of(Tensor.wrap(ids, ids.length), fraction);
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
    long iterations = (long) windows.size() * epochs;
    if (iterations > Integer.MAX_VALUE) {
      throw new UserError("--epochs " + epochs + " would take " + iterations + " iterations; at most "
          + Integer.MAX_VALUE / windows.size() + " epochs of this text can be counted");
    }
    return (int) iterations;
  }
}
