package dev.rewind.examples.charrnn.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;

/// A text cut in two: what is trained on, and the end of it, which is held out.
///
/// @param training the ids before the cut
/// @param validation the ids after it; none if nothing is held out
public record Split(int[] training, int[] validation) {

  /// Holds out the last `fraction` of a text; the training part is rounded down. (A tenth of the 1,115,394 symbols of
  /// tiny Shakespeare leaves the usual 1,003,854.)
  ///
  /// @param fraction in `[0, 1)`; 0 holds nothing out
  /// @throws UserError if the fraction is outside, or a part would be too short to predict anything
  public static Split of(int[] ids, double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new UserError("the fraction held out must be at least 0 and less than 1, not " + fraction);
    }
    // Decimal, for 10 * (1 - 0.9) is less than 1 in binary.
    BigDecimal kept = BigDecimal.ONE.subtract(BigDecimal.valueOf(fraction)).multiply(BigDecimal.valueOf(ids.length));
    int cut = kept.setScale(0, RoundingMode.FLOOR).intValueExact();
    Split split = new Split(Arrays.copyOf(ids, cut), Arrays.copyOfRange(ids, cut, ids.length));
    if (cut < 2 || fraction > 0 && split.validation.length < 2) {
      throw new UserError(
          "the text of " + ids.length + " symbols is too short: holding out " + fraction + " of it leaves " + cut
              + " to train on and " + split.validation.length + " to validate; each needs at least 2");
    }
    return split;
  }

  /// Whether anything is held out.
  public boolean holdsOut() {
    return validation.length > 0;
  }
}
