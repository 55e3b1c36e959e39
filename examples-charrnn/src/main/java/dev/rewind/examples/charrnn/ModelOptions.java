package dev.rewind.examples.charrnn;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What the architecture of a character model is made of.
///
/// @param cell the kind of recurrent cell
/// @param symbols V, the size of the vocabulary
/// @param embedding E, the length of a symbol's vector
/// @param hidden H, the length of a hidden state
/// @param layers L, how many cells are stacked
/// @param dropout the share of elements dropped between layers in training, in `[0, 1)`
public record ModelOptions(CellKind cell, int symbols, int embedding, int hidden, int layers, double dropout) {

  /// The kinds of cells that there are.
  public enum CellKind {
    /// Long short-term memory.
    LSTM,
    /// Gated recurrent unit, in PyTorch's variant.
    GRU,
    /// Elman's network with tanh.
    RNN,
    /// Elman's network with relu.
    RELU,
    /// Long short-term memory whose gates see the memory.
    PEEPHOLE,
    /// Long short-term memory with layer normalisation.
    LAYERNORM,
    /// Long short-term memory whose input and forget gate are one.
    COUPLED,
    /// Long short-term memory of twice as many units, projected to the hidden size.
    PROJECTED,
    /// Gated recurrent unit whose reset gate acts before the product, as in TensorFlow 1.
    RESET_BEFORE,
    /// Gated recurrent unit with layer normalisation.
    LAYERNORM_GRU,
    /// Minimal gated recurrent unit, whose steps are computed at once.
    MINGRU,
    /// Minimal long short-term memory, whose steps are computed at once.
    MINLSTM,
    /// Gated recurrent unit with a learned mixture of three candidates: the example of a cell of one's own.
    MIXTURE;

    /// The name in options and files.
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The kind of that name.
    ///
    /// @throws UserError naming the kinds that there are
    public static CellKind of(String label) {
      List<String> labels = Arrays.stream(values()).map(CellKind::label).toList();
      int at = labels.indexOf(label);
      if (at < 0) {
        throw new UserError("unknown cell '" + label + "'; there are " + String.join(", ", labels));
      }
      return values()[at];
    }
  }
}
