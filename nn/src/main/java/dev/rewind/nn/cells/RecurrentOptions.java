package dev.rewind.nn.cells;

/// The shape of a recurrent layer such as [Lstm].
///
/// ```java
/// RecurrentOptions.of(64, 128).withLayers(2).withBidirectional(true).withDropout(0.3)
/// ```
///
/// @param inputSize the length of an input vector
/// @param hidden the length of a hidden state
/// @param layers how many layers lie on top of one another
/// @param bidirectional whether each layer also reads from the end; its output is then `2 * hidden` long
/// @param dropout the rate at which elements are dropped between two layers in training, in `[0, 1)`; of one layer,
///     none
public record RecurrentOptions(int inputSize, int hidden, int layers, boolean bidirectional, double dropout) {
  /// Checks the values.
  ///
  /// @throws IllegalArgumentException naming a value that is out of range
  public RecurrentOptions {
    require(inputSize >= 1, "inputSize must be at least 1, not " + inputSize);
    require(hidden >= 1, "hidden must be at least 1, not " + hidden);
    require(layers >= 1, "layers must be at least 1, not " + layers);
    require(dropout >= 0 && dropout < 1, "dropout must be in [0, 1), not " + dropout);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException("recurrent layer: " + message);
    }
  }

  /// One layer that reads from the first step to the last.
  public static RecurrentOptions of(int inputSize, int hidden) {
    return new RecurrentOptions(inputSize, hidden, 1, false, 0);
  }

  /// These options with another number of layers.
  public RecurrentOptions withLayers(int value) {
    return new RecurrentOptions(inputSize, hidden, value, bidirectional, dropout);
  }

  /// These options with one direction or two.
  public RecurrentOptions withBidirectional(boolean value) {
    return new RecurrentOptions(inputSize, hidden, layers, value, dropout);
  }

  /// These options with another rate of dropout between layers.
  public RecurrentOptions withDropout(double value) {
    return new RecurrentOptions(inputSize, hidden, layers, bidirectional, value);
  }

  /// 1 or 2.
  int directions() {
    return bidirectional ? 2 : 1;
  }
}
