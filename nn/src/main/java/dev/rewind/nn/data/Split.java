package dev.rewind.nn.data;

import dev.rewind.tensor.Tensor;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/// Data split in two: one part for training, one held out for validation.
///
/// @param training the part before the cut
/// @param validation the part after it; empty if nothing is held out
/// @param <D> what kind of data
public record Split<D>(D training, D validation) {
  /// Holds out the last `fraction` of a list. If the examples are in some order, by class say, shuffle them first with
  /// [Dataset#shuffled]. For data in the order of time, the end is usually what you want.
  ///
  /// @param fraction in `[0, 1)`; 0 holds nothing out
  /// @throws IllegalArgumentException if the fraction is out of range, or one part would be empty
  public static <T> Split<Dataset<T>> of(List<T> examples, double fraction) {
    Dataset<T> all = examples instanceof Dataset<T> dataset ? dataset : Dataset.of(examples);
    int cut = cut(all.size(), fraction);
    return new Split<>(all.subList(0, cut), all.subList(cut, all.size()));
  }

  /// Holds out the end of a series `[N, ..]`, on which forecasts are judged. The parts are views.
  ///
  /// @param fraction as in [#of(List, double)]
  public static Split<Tensor> of(Tensor series, double fraction) {
    int cut = cut(series.size(0), fraction);
    return new Split<>(series.slice(0, 0, cut), series.slice(0, cut, series.size(0)));
  }

  private static int cut(int size, double fraction) {
    int cut = trainingSize(size, fraction);
    if (fraction > 0 && (cut == 0 || cut == size)) {
      throw new IllegalArgumentException("split: holding out " + fraction + " of " + size + " leaves " + cut
          + " to train on and " + (size - cut) + " to validate");
    }
    return cut;
  }

  /// How many of `size` remain to train on, rounded down as in decimal. (A tenth of the 1,115,394 symbols of tiny
  /// Shakespeare leaves the usual 1,003,854.)
  ///
  /// @throws IllegalArgumentException if the fraction is not in `[0, 1)`
  public static int trainingSize(int size, double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "split: the fraction held out must be at least 0 and less than 1, not " + fraction);
    }
    // Decimal, for 10 * (1 - 0.9) is less than 1 in binary.
    BigDecimal kept = BigDecimal.ONE.subtract(BigDecimal.valueOf(fraction)).multiply(BigDecimal.valueOf(size));
    return kept.setScale(0, RoundingMode.FLOOR).intValueExact();
  }
}
