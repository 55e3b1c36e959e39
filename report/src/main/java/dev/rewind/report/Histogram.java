package dev.rewind.report;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// How many numbers lie where.
///
/// @param low the number that 1 in 200 are below
/// @param high the number that 1 in 200 are above
/// @param counts of numbers in stretches of equal length from the low to the high one; those beyond count in the
///     outermost
public record Histogram(double low, double high, List<Integer> counts) {
  /// Copies the counts.
  public Histogram {
    counts = List.copyOf(counts);
  }

  /// Counts the elements of a tensor; those that are not finite are left out.
  ///
  /// @param bins stretches, at least 1
  public static Histogram of(Tensor x, int bins) {
    if (bins < 1) {
      throw new IllegalArgumentException("histogram: needs at least 1 bin, not " + bins);
    }
    double[] numbers = Arrays.stream(x.to(DType.FLOAT64).toDoubles()).filter(Double::isFinite)
        .sorted().toArray();
    int beyond = numbers.length / 200;
    double low = numbers.length == 0 ? 0 : numbers[beyond];
    double high = numbers.length == 0 ? 0 : numbers[numbers.length - 1 - beyond];
    List<Integer> counts = new ArrayList<>(Collections.nCopies(bins, 0));
    for (double number : numbers) {
      int bin = high == low ? 0 : (int) Math.clamp((number - low) / (high - low) * bins, 0, bins - 1);
      counts.set(bin, counts.get(bin) + 1);
    }
    return new Histogram(low, high, counts);
  }
}
