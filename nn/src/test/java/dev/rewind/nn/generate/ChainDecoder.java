package dev.rewind.nn.generate;

/// What follows depends on the last symbol alone: a decoder written by hand.
final class ChainDecoder implements Decoder {
  private final float[][] logits; // by the last symbol
  private final Runnable onStep;
  private int rows;

  ChainDecoder(int rows, float[][] logits, Runnable onStep) {
    this.rows = rows;
    this.logits = logits;
    this.onStep = onStep;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public float[] step(int[] symbols) {
    onStep.run();
    float[] all = new float[rows * logits.length];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(logits[symbols[row]], 0, all, row * logits.length, logits.length);
    }
    return all;
  }

  @Override
  public void select(int[] selected) {
    rows = selected.length;
  }
}
