package dev.rewind.nn.attention;

import dev.rewind.autograd.Variable;
import dev.rewind.nn.Linear;
import dev.rewind.tensor.Rng;

/// Attention by a small network (Bahdanau, Cho and Bengio 2015): `score = v tanh(query W' + memory U' + b)`, where `W`
/// is `query.weight` `[A, Q]`, `U` and `b` are `key.weight` `[A, M]` and `key.bias` `[A]`, and `v` is `score.weight`
/// `[1, A]`. TensorFlow's `BahdanauAttention`; Keras' `AdditiveAttention` is its last part alone.
public final class AdditiveAttention extends Attention {
  private final Linear query; // [A, Q]
  private final Linear key; // [A, M]
  private final Linear score; // [1, A]

  /// Weights and biases as of [Linear].
  ///
  /// @param keySize A, the number of units of the network
  /// @throws IllegalArgumentException if a size is less than 1
  public AdditiveAttention(int querySize, int memorySize, int keySize, Rng rng) {
    super(querySize, memorySize, keySize);
    query = child("query", Linear.withoutBias(querySize, keySize, rng.split("query")));
    key = child("key", new Linear(memorySize, keySize, rng.split("key")));
    score = child("score", Linear.withoutBias(keySize, 1, rng.split("score")));
  }

  @Override
  public Variable keys(Variable memory) {
    return key.forward(memory);
  }

  @Override
  public Variable scores(Variable x, Variable keys) {
    Variable pairs = query.forward(x).unsqueeze(2).plus(keys.unsqueeze(1)); // [B, T, S, A]
    return score.forward(pairs.tanh()).squeeze(-1);
  }
}
