package dev.rewind.nn.attention;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.tensor.Rng;

/// Attention by a learned product (Luong, Pham and Manning 2015, "general"): `score = query (memory U')' / sqrt(Q)`,
/// where `U` is `key.weight` `[Q, M]`. TensorFlow's `LuongAttention` has no root.
public final class DotProductAttention extends Attention {
  private final Linear key; // [Q, M]

  /// Weights as of [Linear].
  ///
  /// @throws IllegalArgumentException if a size is less than 1
  public DotProductAttention(int querySize, int memorySize, Rng rng) {
    super(querySize, memorySize, querySize);
    key = child("key", Linear.withoutBias(memorySize, querySize, rng.split("key")));
  }

  @Override
  public Variable keys(Variable memory) {
    return key.forward(memory);
  }

  @Override
  public Variable scores(Variable query, Variable keys) {
    return dotProducts(query, keys);
  }
}
