package dev.rewind.nn.generate;

import dev.rewind.nn.fused.CellRun;
import java.util.List;

/// The state and the buffers of one session of [Sessions], or of several that step together.
final class ModelRun {
  final int rows;
  final List<CellRun> cells;
  final float[] inputs; // [R, inputs]; empty where a table gives what the first cell takes
  final float[] logits; // [R, classes]; null without a projection

  ModelRun(int rows, List<CellRun> cells, float[] inputs, float[] logits) {
    this.rows = rows;
    this.cells = cells;
    this.inputs = inputs;
    this.logits = logits;
  }

  /// What a step gave, `[R, outputs]`.
  float[] output() {
    return logits != null ? logits : cells.getLast().output;
  }

  /// Copies rows of state and output from one run to another of the same model.
  static void copy(ModelRun from, int fromRow, ModelRun to, int toRow, int rows) {
    for (int k = 0; k < from.cells.size(); k++) {
      float[][] source = from.cells.get(k).leaves;
      float[][] target = to.cells.get(k).leaves;
      for (int leaf = 0; leaf < source.length; leaf++) {
        copy(source[leaf], from.rows, fromRow, target[leaf], toRow, rows);
      }
    }
    copy(from.output(), from.rows, fromRow, to.output(), toRow, rows);
  }

  private static void copy(float[] source, int sourceRows, int fromRow, float[] target, int toRow, int rows) {
    int width = source.length / sourceRows;
    System.arraycopy(source, fromRow * width, target, toRow * width, rows * width);
  }
}
