package dev.rewind.nn.rnn;

import dev.rewind.autograd.Variable;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;

/// How long each sequence of a batch is: each begins at time 0, what follows its end is padding. No sorting, no
/// packing. Drivers take an `int[]` and pass this to cells.
public final class Lengths {
  private final int[] lengths;
  private final int time;
  private final int shortest;
  private final int longest;
  private final int computed;

  private Lengths(int[] lengths, int time, int least) {
    this.lengths = lengths;
    this.time = time;
    this.shortest = Arrays.stream(lengths).min().orElse(time);
    this.longest = Arrays.stream(lengths).max().orElse(0);
    this.computed = Math.min(Math.max(least, longest), time);
  }

  /// Sequences of these lengths in a batch of `time` steps.
  ///
  /// @throws IllegalArgumentException naming a length that is not in `[0, time]`
  public static Lengths of(int[] lengths, int time) {
    for (int b = 0; b < lengths.length; b++) {
      if (lengths[b] < 0 || lengths[b] > time) {
        throw new IllegalArgumentException(
            "lengths: sequence " + b + " has length " + lengths[b] + ", not one of 0 to " + time);
      }
    }
    return new Lengths(lengths.clone(), time, 1);
  }

  /// What a driver was given as its last argument, `int[]... lengths`: one array of `batch` lengths, or none if all
  /// last to the end; for drivers of your own.
  ///
  /// @param driver what messages begin with
  /// @throws IllegalArgumentException if there are several arrays, or naming a length that is not in `[0, time]`
  /// @throws ShapeException if there are more or fewer lengths
  public static Lengths of(String driver, int[][] given, int batch, int time) {
    if (given.length == 0) {
      return full(batch, time);
    }
    if (given.length > 1) {
      throw new IllegalArgumentException(driver + ": takes one array of lengths, not " + given.length);
    }
    if (given[0].length != batch) {
      throw new ShapeException(driver + ": " + given[0].length + " lengths for a batch of " + batch);
    }
    return of(given[0], time);
  }

  /// Sequences that are all of full length.
  public static Lengths full(int batch, int time) {
    int[] lengths = new int[batch];
    Arrays.fill(lengths, time);
    return new Lengths(lengths, time, 1);
  }

  /// Where there is a sequence and not padding: BOOL `[batch, time]`, for losses.
  ///
  /// @throws IllegalArgumentException naming a length that is not in `[0, time]`
  public static Tensor mask(int[] lengths, int time) {
    return of(lengths, time).mask();
  }

  /// The lengths, a copy.
  public int[] toInts() {
    return lengths.clone();
  }

  /// The number of sequences.
  public int batch() {
    return lengths.length;
  }

  /// The number of steps, padding included.
  public int time() {
    return time;
  }

  /// The length of one sequence.
  public int of(int sequence) {
    return lengths[sequence];
  }

  /// The length of the shortest sequence: before it, nothing is padding.
  public int shortest() {
    return shortest;
  }

  /// The length of the longest sequence: from it on, all is padding.
  public int longest() {
    return longest;
  }

  /// How many steps are computed: those to the end of the longest sequence; if there is nothing to read, one, so that
  /// there are gradients, which are zero.
  int computed() {
    return computed;
  }

  /// Whether there is no padding.
  public boolean isFull() {
    return shortest == time;
  }

  /// Where there is a sequence and not padding: BOOL `[batch, time]`.
  public Tensor mask() {
    boolean[] real = new boolean[lengths.length * time];
    for (int b = 0; b < lengths.length; b++) {
      Arrays.fill(real, b * time, b * time + lengths[b], true);
    }
    return Tensor.wrap(real, lengths.length, time);
  }

  /// Where a step is not padding: BOOL `[batch]`.
  Tensor reach(int step) {
    boolean[] real = new boolean[lengths.length];
    for (int b = 0; b < lengths.length; b++) {
      real[b] = step < lengths[b];
    }
    return Tensor.wrap(real, lengths.length);
  }

  /// `[batch, time, ..]` with zeros for padding, whatever it was; its gradient is zero there.
  public Variable zeroPadding(Variable x) {
    return isFull() ? x : Variable.where(mask().unsqueeze(2), x, x.tape().constant(Tensor.zeros(x.dtype())));
  }

  /// `[batch, time, ..]` with every sequence back to front within its length; padding stays where it is. A view if
  /// there is none.
  public Variable reversed(Variable x) {
    if (isFull()) {
      return x.flip(1);
    }
    int[] rows = new int[lengths.length * time]; // of [batch * time, ..]
    for (int b = 0; b < lengths.length; b++) {
      for (int t = 0; t < time; t++) {
        rows[b * time + t] = b * time + (t < lengths[b] ? lengths[b] - 1 - t : t);
      }
    }
    int[] sizes = x.shape().sizes();
    int[] flat = new int[sizes.length - 1];
    System.arraycopy(sizes, 2, flat, 1, sizes.length - 2);
    flat[0] = rows.length;
    return x.reshape(flat).gather(Tensor.of(rows, rows.length), 0).reshape(sizes);
  }

  /// What falls into the steps `[from, to)`. If there is nothing to read, the first part computes its one step.
  Lengths within(int from, int to) {
    int[] within = Arrays.stream(lengths).map(n -> Math.clamp(n - from, 0, to - from)).toArray();
    return new Lengths(within, to - from, from == 0 ? 1 : 0);
  }

  @Override
  public String toString() {
    return "lengths " + Arrays.toString(lengths) + " of " + time + " steps";
  }
}
