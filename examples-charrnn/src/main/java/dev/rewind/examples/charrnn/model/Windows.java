package dev.rewind.examples.charrnn.model;

/// The order in which truncated back-propagation reads a text. The text is cut into B streams of equal length, side by
/// side; iteration i shows the i-th window of T symbols of every stream, so that the state after one window is the state
/// before the next. What to predict is the same window one symbol on. Here for `abcdefghijklm`, B = 2 and T = 3:
///
/// ```
///              iteration 0         iteration 1
/// stream 0   a b c -> b c d      d e f -> e f g
/// stream 1   g h i -> h i j      j k l -> k l m
/// ```
///
/// Past the end of the streams a new epoch begins with their first window. (The streams leave up to B - 1 symbols over
/// at the end of the text, and the windows up to T - 1 at the end of each stream.)
public final class Windows {
  private final int[] ids;
  private final int batch;
  private final int steps;
  private final int stride; // the length of a stream
  private final int windows;

  /// The windows of a text.
  ///
  /// @param ids at least `batch * steps + 1` symbols; not copied
  /// @param batch B, streams side by side
  /// @param steps T, symbols of a window
  /// @throws IllegalArgumentException if the text is too short for one window
  public Windows(int[] ids, int batch, int steps) {
    if (batch < 1 || steps < 1) {
      throw new IllegalArgumentException("windows: batch and steps must be at least 1, got " + batch + " and " + steps);
    }
    this.ids = ids;
    this.batch = batch;
    this.steps = steps;
    this.stride = (ids.length - 1) / batch;
    this.windows = stride / steps;
    if (ids.length == 0 || windows == 0) {
      throw new IllegalArgumentException(
          "windows: " + ids.length + " symbols are too few for " + batch + " streams of " + steps);
    }
  }

  /// B, the number of streams.
  public int batch() {
    return batch;
  }

  /// T, the number of symbols of a window.
  public int steps() {
    return steps;
  }

  /// How many iterations it takes to read the text once; at least 1.
  public int windowsPerEpoch() {
    return windows;
  }

  /// How many iterations it takes to read the text so often.
  ///
  /// @param epochs at least 1
  public long iterations(int epochs) {
    return (long) windows * epochs;
  }

  /// Whether an iteration, counted from 0, begins at the start of the streams, where no state is carried over.
  public boolean startsEpoch(int iteration) {
    return iteration % windows == 0;
  }

  /// The symbols to read in an iteration, `[B, T]` row by row.
  ///
  /// @param iteration counted from 0, through all epochs
  public int[] inputs(int iteration) {
    return window(iteration, 0);
  }

  /// The symbols to predict in an iteration, `[B, T]` row by row: each the one that follows its input in the text.
  ///
  /// @param iteration counted from 0, through all epochs
  public int[] targets(int iteration) {
    return window(iteration, 1);
  }

  private int[] window(int iteration, int shift) {
    if (iteration < 0) {
      throw new IllegalArgumentException("windows: the iteration is negative: " + iteration);
    }
    int from = iteration % windows * steps + shift;
    int[] result = new int[batch * steps];
    for (int stream = 0; stream < batch; stream++) {
      System.arraycopy(ids, stream * stride + from, result, stream * steps, steps);
    }
    return result;
  }

  @Override
  public String toString() {
    return "Windows[" + windows + " an epoch, each of " + batch + " x " + steps + " symbols]";
  }
}
