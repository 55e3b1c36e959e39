package dev.rewind.nn;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.fused.Ids;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;

/// A vector for each of a number of symbols: the rows of a matrix `[symbols, size]`. Looking a row up is the product of
/// a one-hot vector with the matrix.
public final class Embedding extends Block implements Layer {
  private static final int NONE = -1;

  private final Param weight; // [symbols, size]
  private final int padding;

  /// Vectors drawn from the normal distribution.
  ///
  /// @throws IllegalArgumentException if one of the sizes is less than 1
  public Embedding(int symbols, int size, Rng rng) {
    this(NONE, drawn(symbols, size, rng));
  }

  private static Tensor drawn(int symbols, int size, Rng rng) {
    if (symbols < 1 || size < 1) {
      throw new IllegalArgumentException(
          "embedding: there must be at least 1 symbol with at least 1 element, not " + symbols + " and " + size);
    }
    return Init.normal(rng, 1, symbols, size);
  }

  private Embedding(int padding, Tensor vectors) {
    this.weight = parameter("weight", vectors);
    this.padding = padding;
  }

  /// Vectors that are known, such as those of [dev.rewind.nn.io.WordVectors], of which this is a copy. They are learned
  /// on; `embedding.freeze("weight", true)` keeps them as they are.
  ///
  /// @param vectors FLOAT32 or FLOAT64 `[symbols, size]`
  /// @throws IllegalArgumentException if they have another shape or dtype, or there are none
  public static Embedding of(Tensor vectors) {
    if (vectors.rank() != 2 || vectors.elements() == 0) {
      throw new ShapeException("embedding: wants vectors [symbols, size], at least one, not " + vectors.shape());
    }
    return new Embedding(NONE, vectors.copy());
  }

  /// Vectors drawn from the normal distribution, and a symbol that stands for padding: its vector is zero, whatever is
  /// learned, and a lookup of it gives the table no gradient.
  ///
  /// @throws IllegalArgumentException if the padding is not a symbol
  public static Embedding withPadding(int symbols, int size, int padding, Rng rng) {
    if (padding < 0 || padding >= symbols) {
      throw new IllegalArgumentException("embedding: the padding " + padding + " is not in [0, " + symbols + ")");
    }
    Tensor vectors = drawn(symbols, size, rng);
    vectors.select(0, padding).fill(0);
    return new Embedding(padding, vectors);
  }

  /// The vectors of symbols: INT32 ids `[..]` to `[.., size]`.
  ///
  /// @throws DTypeException if the ids are not INT32
  /// @throws IndexOutOfBoundsException naming the first id that is not a symbol, and its position
  @Override
  public Variable forward(Variable ids) {
    requireSymbols(ids.value());
    return Shapes.note(this, withoutPadding(ids.value(), ids.tape().watch(weight).gather(ids, 0)));
  }

  private void requireSymbols(Tensor ids) {
    if (ids.dtype() != DType.INT32) {
      throw new DTypeException("embedding: wants INT32 ids, not " + ids.dtype());
    }
    Ids.require("embedding: id", ids, null, weight.value().size(0));
  }

  /// The vectors of all symbols on a tape, `[symbols, size]`, as [#forward] looks them up: for drivers that read
  /// symbols, such as [dev.rewind.nn.rnn.Recurrence#scanSymbols].
  public Variable table(Tape tape) {
    return Shapes.note(this, withoutPadding(Tensor.arange(weight.value().size(0)), tape.watch(weight)));
  }

  /// Zeros instead of the vectors that belong to the padding.
  private Variable withoutPadding(Tensor ids, Variable vectors) {
    if (padding == NONE) {
      return vectors;
    }
    Variable zero = vectors.tape().constant(Tensor.zeros(vectors.dtype()));
    return Variable.where(ids.equalTo(padding).unsqueeze(-1), zero, vectors);
  }

  /// The matrix `[symbols, size]`.
  public Param weight() {
    return weight;
  }
}
