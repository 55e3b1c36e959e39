package dev.rewind.nn.attention;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Shapes;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;

/// Attention of queries to a memory: scores of every pair of a query and a key, made weights by a softmax over the
/// memory, by which the vectors of the memory are averaged. Subclasses differ in the scores; keys are made of the
/// memory once, not for each query:
///
/// ```
/// weights = softmax(scores(query, keys(memory)))   [B, T, S]
/// output = weights memory                          [B, T, M]
/// ```
///
/// B is the batch, T the number of queries, Q their size, S the number of vectors of the memory, M their size, A that
/// of a key. Weights are shown to an observer of the tape as `attention`.
public abstract class Attention extends Block {
  private final int querySize;
  private final int memorySize;
  private final int keySize;

  /// An attention for vectors of these sizes.
  ///
  /// @throws IllegalArgumentException if one of them is less than 1
  protected Attention(int querySize, int memorySize, int keySize) {
    if (querySize < 1 || memorySize < 1 || keySize < 1) {
      throw new IllegalArgumentException("attention: queries, memory and keys must have at least 1 element, not "
          + querySize + ", " + memorySize + " and " + keySize);
    }
    this.querySize = querySize;
    this.memorySize = memorySize;
    this.keySize = keySize;
  }

  /// What queries are compared with, `[B, S, M]` to `[B, S, A]`.
  public abstract Variable keys(Variable memory);

  /// How well each query fits each key: `[B, T, Q]` and `[B, S, A]` to `[B, T, S]`.
  public abstract Variable scores(Variable query, Variable keys);

  /// Q, the size of a query.
  public final int querySize() {
    return querySize;
  }

  /// M, the size of a vector of the memory, and of the output.
  public final int memorySize() {
    return memorySize;
  }

  /// A, the size of a key.
  public final int keySize() {
    return keySize;
  }

  /// The mean of the memory that each query asks for. What is beyond the length of a memory does not matter: it may be
  /// NaN, and its gradient is zero. Of a memory of length 0 the mean is zero.
  ///
  /// @param query `[B, T, Q]`
  /// @param memory `[B, S, M]`
  /// @param lengths of each memory, `[B]`; left out if all last to the end
  /// @return `[B, T, M]`
  /// @throws ShapeException if the shapes do not fit, or there are more or fewer lengths
  /// @throws IllegalArgumentException naming a length that is not in `[0, S]`
  public final Variable forward(Variable query, Variable memory, int[]... lengths) {
    if (query.rank() != 3 || query.size(2) != querySize || memory.rank() != 3 || memory.size(2) != memorySize
        || query.size(0) != memory.size(0)) {
      throw new ShapeException(
          "attention: wants queries [batch, queries, " + querySize + "] and a memory [batch, keys, "
              + memorySize + "], not " + query.shape() + " and " + memory.shape());
    }
    Lengths checked = Lengths.of("attention", lengths, memory.size(0), memory.size(1));
    Variable real = checked.zeroPadding(memory);
    return Shapes.note(this, mean(scores(query, keys(real)), checked.mask().unsqueeze(1), real));
  }

  /// The mean of vectors by the softmax of scores `[.., T, S]` where a mask is true.
  static Variable mean(Variable scores, Tensor mask, Variable values) {
    return scores.softmax(-1, mask).named("attention").matmul(values);
  }

  // ---- functions ----------------------------------------------------------------------------------------------------

  /// Scaled dot-product attention (Vaswani et al. 2017), `softmax(query key' / sqrt(D)) value`; PyTorch's function of
  /// that name, whose mask means the same. Leading axes broadcast.
  ///
  /// @param query `[.., T, D]`
  /// @param key `[.., S, D]`
  /// @param value `[.., S, M]`
  /// @return `[.., T, M]`
  /// @throws ShapeException if the shapes do not fit
  public static Variable scaledDotProduct(Variable query, Variable key, Variable value) {
    requireFit(query, key, value);
    return dotProducts(query, key).softmax(-1).named("attention").matmul(value);
  }

  /// [#scaledDotProduct(Variable, Variable, Variable)] where a query may attend to some keys only. A query that may
  /// attend to none gets zeros, and gives no gradient. Values that are left out have the weight 0, but must be finite.
  ///
  /// @param mask BOOL, broadcasts to `[.., T, S]`: whether a query may attend to a key; see [#causalMask] and
  ///     [#keyMask]
  public static Variable scaledDotProduct(Variable query, Variable key, Variable value, Tensor mask) {
    requireFit(query, key, value, mask);
    return mean(dotProducts(query, key), mask, value);
  }

  static void requireFit(Variable query, Variable key, Variable value, Tensor mask) {
    requireFit(query, key, value);
    if (mask.dtype() != DType.BOOL || mask.rank() < 2 || misfits(mask.size(-1), key.size(-2))
        || misfits(mask.size(-2), query.size(-2))) {
      throw new ShapeException("attention: wants a mask BOOL [.., " + query.size(-2) + ", " + key.size(-2) + "], not "
          + mask.dtype() + " " + mask.shape());
    }
  }

  private static boolean misfits(int size, int wanted) {
    return size != wanted && size != 1;
  }

  private static void requireFit(Variable query, Variable key, Variable value) {
    if (Math.min(query.rank(), Math.min(key.rank(), value.rank())) < 2 || query.size(-1) != key.size(-1)
        || key.size(-2) != value.size(-2)) {
      throw new ShapeException("attention: wants queries [.., T, D], keys [.., S, D] and values [.., S, M], not "
          + query.shape() + ", " + key.shape() + " and " + value.shape());
    }
  }

  static Variable dotProducts(Variable query, Variable key) {
    return query.matmul(key.transpose()).times(1 / Math.sqrt(query.size(-1)));
  }

  /// Where a query may attend if it sees nothing that comes later: BOOL `[time, time]`, true up to the diagonal.
  public static Tensor causalMask(int time) {
    Tensor places = Tensor.arange(time);
    return places.unsqueeze(1).greaterOrEqual(places);
  }

  /// Where any query may attend if keys have lengths: BOOL `[batch, 1, time]`, for a mask by lengths and something
  /// else, `keyMask(lengths, S).and(causalMask(S))`.
  ///
  /// @throws IllegalArgumentException naming a length that is not in `[0, time]`
  public static Tensor keyMask(int[] lengths, int time) {
    return Lengths.mask(lengths, time).unsqueeze(1);
  }
}
