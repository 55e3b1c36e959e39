package dev.rewind.nn.cells;

import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.tensor.Rng;

/// Gated recurrent units over whole sequences: layers of [GruCell]s, PyTorch's variant.
public final class Gru extends RecurrentLayer<HiddenState> {
  /// Weights and biases uniform within `1 / sqrt(hidden)`, as PyTorch draws them.
  public Gru(RecurrentOptions options, Rng rng) {
    super(options, (inputs, r) -> new GruCell(inputs, options.hidden(), r), rng);
  }
}
