package dev.rewind.nn.train;

import dev.rewind.nn.names.Names;

/// How many symbols must be inserted, deleted or replaced to turn one sequence into another (Levenshtein 1966), added
/// up over many: the character or word error rate.
public final class EditDistance {
  private long edits;
  private long symbols;

  /// Nothing added yet.
  public EditDistance() {}

  /// The number of edits that turn `prediction` into `target`, or the reverse.
  public static int between(int[] prediction, int[] target) {
    return Names.distance(prediction, target);
  }

  /// Adds a predicted sequence and the right one.
  public EditDistance add(int[] prediction, int[] target) {
    edits += between(prediction, target);
    symbols += target.length;
    return this;
  }

  /// Edits per symbol of the targets, which can be more than 1; 0 if there was nothing to edit.
  public double rate() {
    return edits == 0 ? 0 : (double) edits / symbols;
  }

  @Override
  public String toString() {
    return "EditDistance[" + edits + " edits, " + symbols + " symbols]";
  }
}
