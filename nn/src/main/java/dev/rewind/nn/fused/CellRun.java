package dev.rewind.nn.fused;

import dev.rewind.tensor.Tensor;
import java.util.Arrays;

/// A cell as it is stepped through by one session: its state and the buffers of a step, each with a row for every row
/// of the batch, without gaps. R is the number of rows.
public abstract class CellRun {
  public final float[] prepared; // [R, prepared], what a step takes; the step may overwrite it
  public final float[][] leaves; // of the state, [R, ..] each; one that grows is another array
  public final int[][] sizes; // of the leaves, R first
  public final float[] output; // [R, outputs]
  private final float[][] firstLeaves; // before the first step
  private final int[][] firstSizes;

  protected CellRun(float[] prepared, float[][] leaves, int[][] sizes, float[] output) {
    this.prepared = prepared;
    this.leaves = leaves;
    this.sizes = sizes;
    this.output = output;
    this.firstLeaves = Arrays.stream(leaves).map(float[]::clone).toArray(float[][]::new);
    this.firstSizes = sizes.clone();
  }

  /// Goes back to the state before the first step.
  public final void reset() {
    for (int k = 0; k < leaves.length; k++) {
      resize(k, firstSizes[k]);
      System.arraycopy(firstLeaves[k], 0, leaves[k], 0, leaves[k].length);
    }
  }

  /// Takes over the first rows of a leaf, `[rows, ..]`, which may have grown.
  public final void put(int k, Tensor value) {
    resize(k, value.shape().sizes());
    System.arraycopy(value.toFloats(), 0, leaves[k], 0, value.elements());
  }

  /// Takes over rows of the state of another run of the same cell. The first row brings the size of a leaf, which the
  /// others must have.
  public final void copyRows(CellRun from, int fromRow, int toRow, int rows) {
    for (int k = 0; k < leaves.length; k++) {
      if (toRow == 0) {
        resize(k, from.sizes[k]);
      } else if (!sameRows(from.sizes[k], sizes[k])) {
        throw new IllegalArgumentException("step: sessions whose states have rows of different sizes, "
            + Arrays.toString(sizes[k]) + " and " + Arrays.toString(from.sizes[k])
            + "; step together those whose memories are equally long");
      }
      copy(from.leaves[k], from.sizes[k][0], fromRow, leaves[k], toRow, rows);
    }
  }

  private static boolean sameRows(int[] a, int[] b) {
    return Arrays.equals(a, 1, a.length, b, 1, b.length);
  }

  /// Makes room for a leaf of which a row has these sizes, the first of which is not looked at.
  private void resize(int k, int[] like) {
    if (!sameRows(like, sizes[k])) {
      int[] to = like.clone();
      to[0] = sizes[k][0];
      sizes[k] = to;
      leaves[k] = new float[Arrays.stream(to).reduce(1, Math::multiplyExact)];
    }
  }

  /// Copies rows of an array of that many rows.
  public static void copy(float[] source, int sourceRows, int fromRow, float[] target, int toRow, int rows) {
    int width = source.length / sourceRows;
    System.arraycopy(source, fromRow * width, target, toRow * width, rows * width);
  }

  /// Fills the first rows of `prepared` from inputs `[R, inputs]`.
  public abstract void prepare(float[] inputs, int rows);

  /// One step of the first rows: output and next state from `prepared` and the state.
  public abstract void step(int rows);
}
