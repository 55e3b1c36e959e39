package dev.rewind.nn.cells;

import dev.rewind.nn.rnn.Cell;
import dev.rewind.tensor.Rng;
import java.util.List;

/// Every kind of cell, once: what is listed here is checked for its gradients, in all drivers, step by step, and against
/// the table of docs/cells.md.
public final class Cells {
  private Cells() {}

  /// How a cell is made.
  public interface Maker {
    Cell<?> make(int inputs, int hidden, Rng rng);
  }

  /// The memory of a projected LSTM has two more units, a mixture has two candidates, a Mogrifier four rounds,
  /// an mLSTM one head, an LRU six states.
  public static final List<Maker> ALL = List.of(
      RnnCell::new,
      LstmCell::new,
      PeepholeLstmCell::new,
      CifgLstmCell::new,
      (inputs, hidden, rng) -> new ProjectedLstmCell(inputs, hidden + 2, hidden, rng),
      LayerNormLstmCell::new,
      MinLstmCell::new,
      GruCell::new,
      ResetBeforeGruCell::new,
      LayerNormGruCell::new,
      MinGruCell::new,
      (inputs, hidden, rng) -> new MogrifierLstmCell(inputs, hidden, 4, rng),
      (inputs, hidden, rng) -> new MixtureCell(inputs, hidden, 2, rng),
      (inputs, hidden, rng) -> new IndRnnCell(inputs, hidden, RnnCell.Nonlinearity.TANH, rng),
      (inputs, hidden, rng) -> new MLstmCell(inputs, hidden, 1, rng),
      QrnnCell::new,
      (inputs, hidden, rng) -> new LruCell(inputs, hidden, 6, rng),
      RewiredLstmCell::new);
}
