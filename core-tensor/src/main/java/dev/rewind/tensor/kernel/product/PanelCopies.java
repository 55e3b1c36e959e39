package dev.rewind.tensor.kernel.product;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Copies rows of unit stride into panels of two or three vectors a row. For so few elements a call of the JDK's
/// copying of arrays costs more than the copy itself.
final class PanelCopies {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private PanelCopies() {}

  /// `k` rows, `xrs` apart; the second vector begins `last` columns after the first.
  static void two(int k, int last, float[] x, int xo, int xrs, float[] y, int yo) {
    for (int p = 0; p < k; p++) {
      int from = xo + p * xrs;
      FloatVector.fromArray(SPECIES, x, from).intoArray(y, yo + p * 2 * LANES);
      FloatVector.fromArray(SPECIES, x, from + last).intoArray(y, yo + p * 2 * LANES + LANES);
    }
  }

  /// `k` rows, `xrs` apart; the third vector begins `last` columns after the first.
  static void three(int k, int last, float[] x, int xo, int xrs, float[] y, int yo) {
    for (int p = 0; p < k; p++) {
      int from = xo + p * xrs;
      FloatVector.fromArray(SPECIES, x, from).intoArray(y, yo + p * 3 * LANES);
      FloatVector.fromArray(SPECIES, x, from + LANES).intoArray(y, yo + p * 3 * LANES + LANES);
      FloatVector.fromArray(SPECIES, x, from + last).intoArray(y, yo + p * 3 * LANES + 2 * LANES);
    }
  }
}
