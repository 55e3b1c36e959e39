package dev.rewind.nn.attention;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.Dropout;
import dev.rewind.nn.Layer;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Shapes;
import dev.rewind.nn.init.Init;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/// Several attentions side by side, each to a part of the vectors (Vaswani et al. 2017), as PyTorch's
/// `MultiheadAttention` with `batch_first=True`, whose state dictionaries load by name: `in_proj_weight` `[3E, E]` and
/// `in_proj_bias` `[3E]`, of queries, keys and values, `out_proj.weight` `[E, E]` and `out_proj.bias` `[E]`.
///
/// ```
/// q = query Wq' + bq    k = key Wk' + bk    v = value Wv' + bv      cut into heads, [B, heads, T, E / heads]
/// output = (softmax(q k' / sqrt(E / heads)) v) out_proj.weight' + out_proj.bias, heads side by side
/// ```
///
/// In masks, true means that a query may attend to a key; in PyTorch's layer (not in its function) it means the
/// opposite. A query that may attend to nothing gets `out_proj.bias`, where PyTorch gives NaN.
public final class MultiheadAttention extends Block implements Layer {
  private final int size;
  private final int heads;
  private final Dropout dropout;
  private final boolean rotary;
  private final Param inWeight; // [3E, E]
  private final Param inBias; // [3E]
  private final Linear out;

  /// Without dropout and positions.
  ///
  /// @param size E, of vectors
  /// @param heads a divisor of the size
  /// @throws IllegalArgumentException if it is not
  public MultiheadAttention(int size, int heads, Rng rng) {
    this(size, heads, 0, false, rng);
  }

  /// With dropout of weights in training, and with queries and keys turned by their places, [Positions#rotary].
  ///
  /// @throws IllegalArgumentException if `heads` is not a divisor of the size, the rate is not in `[0, 1)`, or what is
  ///     turned has an odd number of elements
  public MultiheadAttention(int size, int heads, double dropout, boolean rotary, Rng rng) {
    if (size < 1 || heads < 1 || size % heads != 0 || rotary && size / heads % 2 != 0) {
      throw new IllegalArgumentException("multi-head attention: vectors of " + size + " do not fall into " + heads
          + " heads of " + (rotary ? "an even size" : "equal size"));
    }
    this.size = size;
    this.heads = heads;
    this.dropout = new Dropout(dropout);
    this.rotary = rotary;
    this.inWeight = parameter("in_proj_weight", Init.glorot(rng.split("in_proj_weight"), 3 * size, size));
    this.inBias = parameter("in_proj_bias", Tensor.zeros(DType.FLOAT32, 3 * size));
    this.out = child("out_proj", new Linear(size, size, rng.split("out_proj")));
    out.parameters().getLast().value().fill(0);
  }

  /// Attention of a sequence to itself, `[B, T, E]` to `[B, T, E]`, without a mask.
  @Override
  public Variable forward(Variable x) {
    return forward(x, x, x);
  }

  /// Attention of sequences to themselves. After the end of a sequence the output is zero; what stands there does not
  /// matter, may be NaN, and its gradient is zero.
  ///
  /// @param x `[B, T, E]`
  /// @param causal whether a step sees itself and earlier ones only
  /// @param lengths of each sequence, `[B]`; left out if all last to the end
  /// @throws ShapeException if the input has another shape, or there are more or fewer lengths
  /// @throws IllegalArgumentException naming a length that is not in `[0, T]`
  public Variable forward(Variable x, boolean causal, int[]... lengths) {
    requireVectors("a sequence", x);
    Lengths checked = Lengths.of("multi-head attention", lengths, x.size(0), x.size(1));
    Variable real = checked.zeroPadding(x);
    Tensor keys = checked.mask().unsqueeze(1);
    Tensor mask = causal ? keys.and(Attention.causalMask(x.size(1))) : keys;
    return checked.zeroPadding(!causal && checked.isFull() ? forward(real) : forward(real, real, real, mask));
  }

  /// Attention of queries to a memory, without a mask.
  ///
  /// @param query `[B, T, E]`
  /// @param key `[B, S, E]`
  /// @param value `[B, S, E]`
  /// @return `[B, T, E]`
  /// @throws ShapeException if the shapes do not fit
  public Variable forward(Variable query, Variable key, Variable value) {
    return forward(query, key, value, Tensor.scalar(true).expand(1, 1));
  }

  /// The same where a query may attend to some keys only. Values that are left out must be finite.
  ///
  /// @param mask BOOL, broadcasts to `[B, T, S]`, or `[B, heads, T, S]` if it has four axes; see
  ///     [Attention#causalMask] and [Attention#keyMask]
  public Variable forward(Variable query, Variable key, Variable value, Tensor mask) {
    requireVectors("queries", query);
    requireVectors("keys", key);
    requireVectors("values", value);
    List<Variable> parts = Stream.of(0, 1, 2).map(k -> project(k, List.of(query, key, value).get(k))).toList();
    Variable q = rotary ? Positions.rotary(parts.get(0), 0) : parts.get(0); // [B, heads, T, E / heads]
    Variable k = rotary ? Positions.rotary(parts.get(1), 0) : parts.get(1); // [B, heads, S, E / heads]
    Attention.requireFit(q, k, parts.get(2), mask);
    Variable weights = Attention.dotProducts(q, k).softmax(-1, mask.rank() == 3 ? mask.unsqueeze(1) : mask);
    Variable mean = dropout.forward(weights.named("attention")).matmul(parts.get(2));
    return Shapes.note(this, out.forward(mean.transpose(1, 2).reshape(query.shape())));
  }

  /// Queries, keys or values, cut into heads.
  private Variable project(int part, Variable x) {
    Tape tape = x.tape();
    int from = part * size;
    Variable projected = x.linear(
        tape.watch(inWeight).slice(0, from, from + size), tape.watch(inBias).slice(0, from, from + size));
    return projected.reshape(x.size(0), x.size(1), heads, size / heads).transpose(1, 2);
  }

  private void requireVectors(String what, Variable x) {
    if (x.rank() != 3 || x.size(2) != size) {
      throw new ShapeException(
          "multi-head attention: wants " + what + " [batch, time, " + size + "], not " + x.shape());
    }
  }
}
