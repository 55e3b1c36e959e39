package dev.rewind.nn;

import dev.rewind.autograd.Parameter;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.init.Init;
import dev.rewind.tensor.Rng;

/// A vector for each of a number of symbols: the rows of a matrix `[symbols, size]`. Looking a row up is the product of a
/// one-hot vector with the matrix.
public final class Embedding extends Module {
  private final Parameter weight; // [symbols, size]

  /// Vectors drawn from the normal distribution.
  public Embedding(int symbols, int size, Rng rng) {
    this.weight = parameter("weight", Init.normal(rng, 1, symbols, size));
  }

  /// The vectors of symbols: INT32 ids `[..]` to `[.., size]`.
  ///
  /// @throws IndexOutOfBoundsException naming the first id that is no symbol, and its position
  public Variable forward(Variable ids) {
    return ids.tape().watch(weight).gather(ids, 0);
  }

  /// The matrix `[symbols, size]`.
  public Parameter weight() {
    return weight;
  }
}
