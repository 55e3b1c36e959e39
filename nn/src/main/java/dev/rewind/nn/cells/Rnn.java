package dev.rewind.nn.cells;

import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.tensor.Rng;

/// Simple recurrent networks over whole sequences: layers of [RnnCell]s.
public final class Rnn extends RecurrentLayer<HiddenState> {
  /// With tanh. Weights and biases uniform within `1 / sqrt(hidden)`; PyTorch draws the
  /// weights alike, but two biases, so that the sum of two such draws is added.
  public Rnn(RecurrentOptions options, Rng rng) {
    this(options, RnnCell.Nonlinearity.TANH, rng);
  }

  /// The same with a nonlinearity of choice.
  public Rnn(RecurrentOptions options, RnnCell.Nonlinearity nonlinearity, Rng rng) {
    super(options, (inputs, r) -> new RnnCell(inputs, options.hidden(), nonlinearity, r), rng);
  }
}
