package dev.rewind.nn.generate;

import dev.rewind.autograd.Tape;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Linear;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.Step;
import dev.rewind.tensor.Rng;
import java.util.List;

/// A model of symbols with random weights, as a decoder of both kinds.
final class TinyModel {
  private final Embedding embedding;
  private final StackedCell<HiddenState> cell = new StackedCell<>(
      List.of(new GruCell(3, 6, Rng.of(1)), new GruCell(6, 4, Rng.of(2))), 0);
  private final Linear projection;

  TinyModel(int symbols) {
    embedding = new Embedding(symbols, 3, Rng.of(3));
    projection = new Linear(4, symbols, Rng.of(4));
    projection.parameters().forEach(p -> p.value().timesInPlace(3)); // some opinion
  }

  Decoder onTape(Tape tape, int rows) {
    return Decoder.of((symbols, state) -> {
      Step<StackedState<HiddenState>> step = cell.step(embedding.forward(symbols), state);
      return new Step<>(projection.forward(step.output()), step.state());
    }, cell.initialState(tape, rows));
  }

  Decoder ofSession(int rows) {
    return Decoder.of(Sessions.of(embedding, cell, projection).open(rows));
  }
}
