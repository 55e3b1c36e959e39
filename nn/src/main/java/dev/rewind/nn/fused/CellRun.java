package dev.rewind.nn.fused;

import java.util.Arrays;

/// A cell as it is stepped through by one session: its state and the buffers of a step, each with a row for every row
/// of the batch, without gaps. R is the number of rows.
public abstract class CellRun {
  public final float[] prepared; // [R, prepared], what a step takes; the step may overwrite it
  public final float[][] leaves; // of the state, [R, ..] each
  public final float[] output; // [R, outputs]
  private final float[][] first; // the leaves before the first step

  protected CellRun(float[] prepared, float[][] leaves, float[] output) {
    this.prepared = prepared;
    this.leaves = leaves;
    this.output = output;
    this.first = Arrays.stream(leaves).map(float[]::clone).toArray(float[][]::new);
  }

  /// Goes back to the state before the first step.
  public final void reset() {
    for (int k = 0; k < leaves.length; k++) {
      System.arraycopy(first[k], 0, leaves[k], 0, leaves[k].length);
    }
  }

  /// Fills the first rows of `prepared` from inputs `[R, inputs]`.
  public abstract void prepare(float[] inputs, int rows);

  /// One step of the first rows: output and next state from `prepared` and the state.
  public abstract void step(int rows);
}
