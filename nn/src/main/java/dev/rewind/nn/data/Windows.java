package dev.rewind.nn.data;

import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;

/// Windows of one long series, `[N]` of symbols or `[N, F]` of vectors, such as a text or a signal. They are views of
/// it.
public final class Windows {
  private Windows() {}

  /// The order in which truncated back-propagation reads a series. It is cut into `batch` streams of equal length, side
  /// by side; batch i is the i-th window of `steps` of every stream, so that the state after one is the state before
  /// the next. The target is the same window one step later. Here for `abcdefghijklm`, B = 2 and T = 3:
  ///
  /// ```
  ///              batch 0             batch 1
  /// stream 0   a b c -> b c d      d e f -> e f g
  /// stream 1   g h i -> h i j      j k l -> k l m
  /// ```
  ///
  /// (Up to B - 1 steps at the end of the series and up to T - 1 at the end of each stream are left out.)
  ///
  /// @param batch B, the number of streams
  /// @param steps T, the length of a window
  /// @return batches of inputs and targets `[B, T, ..]`, at least one
  /// @throws IllegalArgumentException if the series is too short for one window
  public static Dataset<Batch> streams(Tensor series, int batch, int steps) {
    if (batch < 1 || steps < 1) {
      throw new IllegalArgumentException("windows: batch and steps must be at least 1, got " + batch + " and " + steps);
    }
    int length = (length(series) - 1) / batch; // of a stream
    if (length(series) == 0 || length / steps == 0) {
      throw new IllegalArgumentException(
          "windows: " + length(series) + " steps are too few for " + batch + " streams of " + steps);
    }
    int[] all = new int[batch];
    Arrays.fill(all, steps);
    Tensor inputs = sideBySide(series.slice(0, 0, batch * length), batch); // [B, length, ..]
    Tensor targets = sideBySide(series.slice(0, 1, batch * length + 1), batch);
    return Dataset.of(length / steps, i -> new Batch(
        inputs.slice(1, i * steps, (i + 1) * steps), all.clone(),
        targets.slice(1, i * steps, (i + 1) * steps), all.clone()));
  }

  private static Tensor sideBySide(Tensor series, int batch) {
    int[] sizes = series.unsqueeze(0).shape().sizes();
    sizes[0] = batch;
    sizes[1] /= batch;
    return series.reshape(sizes);
  }

  /// A series read once, as one stream to its end: windows of `steps`, of which the last may be shorter.
  ///
  /// @return batches of inputs and targets `[1, T, ..]`, the targets one step later; none if there are fewer than two
  ///     steps
  /// @throws IllegalArgumentException if `steps` is less than 1
  public static Dataset<Batch> stream(Tensor series, int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("windows: steps must be at least 1, got " + steps);
    }
    int n = Math.max(0, length(series) - 1);
    return Dataset.of((int) (((long) n + steps - 1) / steps), i -> {
      int from = i * steps;
      int to = (int) Math.min(n, (long) from + steps);
      return new Batch(series.slice(0, from, to).unsqueeze(0), new int[] {to - from},
          series.slice(0, from + 1, to + 1).unsqueeze(0), new int[] {to - from});
    });
  }

  /// Sliding windows, for forecasting: `steps` to read and the next `horizon` to predict, as views. For a validation
  /// set, split the series and not the windows, which overlap.
  ///
  /// @param every the distance from one window to the next; 1 for all windows
  /// @return examples of an input `[steps, ..]` and a target `[horizon, ..]`
  /// @throws IllegalArgumentException if a number is less than 1, or the series is too short for one window
  public static Dataset<Example> sliding(Tensor series, int steps, int horizon, int every) {
    if (steps < 1 || horizon < 1 || every < 1) {
      throw new IllegalArgumentException("windows: steps, horizon and the distance must be at least 1, got " + steps
          + ", " + horizon + " and " + every);
    }
    long last = (long) length(series) - steps - horizon; // where the last window may begin
    if (last < 0) {
      throw new IllegalArgumentException("windows: a series of " + length(series) + " steps is too short for "
          + steps + " to read and " + horizon + " to predict");
    }
    return Dataset.of((int) (last / every) + 1, i -> new Example(
        series.slice(0, i * every, i * every + steps),
        series.slice(0, i * every + steps, i * every + steps + horizon)));
  }

  private static int length(Tensor series) {
    if (series.rank() == 0) {
      throw new ShapeException("windows: a series is [N] or [N, ..], not []");
    }
    return series.size(0);
  }
}
