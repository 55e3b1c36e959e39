package dev.rewind.examples.charrnn.model;

import dev.rewind.nn.cells.CifgLstmCell;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LayerNormGruCell;
import dev.rewind.nn.cells.LayerNormLstmCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MinGruCell;
import dev.rewind.nn.cells.MinLstmCell;
import dev.rewind.nn.cells.MixtureCell;
import dev.rewind.nn.cells.MogrifierLstmCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.cells.ProjectedLstmCell;
import dev.rewind.nn.cells.ResetBeforeGruCell;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.cells.SLstmCell;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.State;
import dev.rewind.tensor.Rng;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The kinds of cells that a character model can have: a line adds one. The words name the blocks of its weights, in
/// their order.
public enum CellKind {
  /// Long short-term memory.
  LSTM("input gate, forget gate, candidate, output gate", LstmCell::new),
  /// Gated recurrent unit, in PyTorch's variant.
  GRU("reset gate, update gate, candidate", GruCell::new),
  /// Elman's network with tanh.
  RNN("", RnnCell::new),
  /// Elman's network with relu.
  RELU("", (inputs, hidden, rng) -> new RnnCell(inputs, hidden, RnnCell.Nonlinearity.RELU, rng)),
  /// Long short-term memory whose gates see the memory.
  PEEPHOLE("input gate, forget gate, candidate, output gate", PeepholeLstmCell::new),
  /// Long short-term memory with layer normalisation.
  LAYERNORM("input gate, forget gate, candidate, output gate", LayerNormLstmCell::new),
  /// Long short-term memory whose input and forget gate are one.
  COUPLED("input gate, candidate, output gate", CifgLstmCell::new),
  /// Long short-term memory of twice as many units, projected to the hidden size.
  PROJECTED("input gate, forget gate, candidate, output gate",
      (inputs, hidden, rng) -> new ProjectedLstmCell(inputs, 2 * hidden, hidden, rng)),
  /// Gated recurrent unit whose reset gate acts before the product, as in TensorFlow 1.
  RESET_BEFORE("reset gate, update gate, candidate", ResetBeforeGruCell::new),
  /// Gated recurrent unit with layer normalisation.
  LAYERNORM_GRU("reset gate, update gate, candidate", LayerNormGruCell::new),
  /// Minimal gated recurrent unit, whose steps are computed at once.
  MINGRU("update gate, candidate", MinGruCell::new),
  /// Minimal long short-term memory, whose steps are computed at once.
  MINLSTM("input gate, forget gate, candidate", MinLstmCell::new),
  /// Long short-term memory whose input and state scale each other first.
  MOGRIFIER("input gate, forget gate, candidate, output gate", MogrifierLstmCell::new),
  /// Long short-term memory with an exponential input gate.
  SLSTM("input gate, forget gate, candidate, output gate", SLstmCell::new),
  /// Gated recurrent unit with a learned mixture of three candidates: the example of a cell of one's own.
  MIXTURE("", (inputs, hidden, rng) -> new MixtureCell(inputs, hidden, 3, rng));

  /// Makes a cell.
  ///
  /// @param <S> its state
  @FunctionalInterface
  public interface Maker<S extends State<S>> {
    /// A cell that reads vectors of `inputs` elements and gives `hidden`, with fresh weights.
    Cell<S> make(int inputs, int hidden, Rng rng);
  }

  private final List<String> blocks;
  private final Maker<?> maker;

  <S extends State<S>> CellKind(String blocks, Maker<S> maker) {
    this.blocks = blocks.isEmpty() ? List.of() : List.of(blocks.split(", "));
    this.maker = maker;
  }

  /// Makes cells of this kind.
  public Maker<?> maker() {
    return maker;
  }

  /// What the blocks of rows of its weights are for, in their order; empty if a weight is one block, or they differ.
  public List<String> blocks() {
    return blocks;
  }

  /// The name in options and files.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The names of all kinds.
  public static List<String> labels() {
    return Arrays.stream(values()).map(CellKind::label).toList();
  }

  /// The kind of that name.
  ///
  /// @throws UserError naming the kinds that there are
  public static CellKind of(String label) {
    int at = labels().indexOf(label);
    if (at < 0) {
      throw new UserError("unknown cell '" + label + "'; there are " + String.join(", ", labels()));
    }
    return values()[at];
  }
}
