package dev.rewind.report;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// What a model expected next after each symbol of a text.
///
/// @param symbols the ids of the likeliest symbols, the likeliest first, INT32 `[T, k]`
/// @param probabilities theirs, FLOAT64 `[T, k]`; all others have what is missing from 1
/// @param bits how surprising each symbol was after those before, `-log2 p`, FLOAT64 `[T]`; NaN for the first one
public record Predictions(Tensor symbols, Tensor probabilities, Tensor bits) {
  private static final int ROWS = 256; // at a time: a vocabulary may be large

  /// The predictions of a model while it read.
  ///
  /// @param outputs of its cells, `[T, H]`
  /// @param head from outputs `[n, H]` to logits `[n, V]`
  /// @param ids what it read, `[T]`
  /// @param count of likeliest symbols that are kept; the whole vocabulary if that is smaller
  /// @throws ShapeException if there are not as many ids as outputs
  public static Predictions of(Tensor outputs, UnaryOperator<Tensor> head, int[] ids, int count) {
    if (outputs.size(0) != ids.length) {
      throw new ShapeException("predictions: " + ids.length + " symbols, but outputs " + outputs.shape());
    }
    double[] bits = new double[ids.length];
    bits[0] = Double.NaN;
    List<Tensor> symbols = new ArrayList<>();
    List<Tensor> probabilities = new ArrayList<>();
    for (int from = 0; from < ids.length; from += ROWS) {
      Tensor part = outputs.slice(0, from, Math.min(from + ROWS, ids.length));
      Tensor log = head.apply(part).to(DType.FLOAT64).logSoftmax(1);
      Tensor.TopK top = log.topK(Math.min(count, log.size(1)));
      symbols.add(top.indices());
      probabilities.add(top.values().exp());
      for (int t = from; t < from + log.size(0) && t + 1 < ids.length; t++) {
        bits[t + 1] = -log.at(t - from, ids[t + 1]) / Math.log(2);
      }
    }
    return new Predictions(Tensor.concat(0, symbols), Tensor.concat(0, probabilities), Tensor.wrap(bits, bits.length));
  }
}
