package dev.rewind.nn.cells;

import dev.rewind.nn.rnn.LstmState;
import dev.rewind.tensor.Rng;

/// Long short-term memory over whole sequences: layers of [LstmCell]s.
public final class Lstm extends RecurrentLayer<LstmState> {
  /// Weights and biases uniform within `1 / sqrt(hidden)`; PyTorch draws the
  /// weights alike, but two biases, so that the sum of two such draws is added.
  public Lstm(RecurrentOptions options, Rng rng) {
    this(options, 0, rng);
  }

  /// The same with `forgetBias` added to the biases of all forget gates.
  public Lstm(RecurrentOptions options, double forgetBias, Rng rng) {
    super(options, (inputs, r) -> new LstmCell(inputs, options.hidden(), forgetBias, r), rng);
  }
}
