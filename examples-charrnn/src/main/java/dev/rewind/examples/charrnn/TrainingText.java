package dev.rewind.examples.charrnn;

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
    Vocabulary vocabulary = Vocabulary.ofText(symbols, minCount);
    Split split = Split.of(vocabulary.encode(symbols), validation);
    return new TrainingText(symbols, vocabulary, split, new Windows(split.training(), batch, steps));
  }
}
