package dev.rewind.onnx;

import dev.rewind.nn.Block;
import dev.rewind.nn.cells.CifgLstmCell;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MinGruCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.cells.ResetBeforeGruCell;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.io.Conversions;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A cell as one of ONNX's three recurrent operators, whose blocks are i, o, f, c of an LSTM and z, r, h of a GRU.
///
/// @param operator `LSTM`, `GRU` or `RNN`
/// @param attributes those that are not their defaults
/// @param inputWeight `[blocks * hidden, inputs]`
/// @param hiddenWeight `[blocks * hidden, hidden]`
/// @param bias `[2 * blocks * hidden]`: of the input, then of the state
/// @param peephole `[3 * hidden]`, of i, o and f; or null
record RecurrentForm(String operator, Map<String, Object> attributes, Tensor inputWeight, Tensor hiddenWeight,
    Tensor bias, Tensor peephole) {

  /// @throws IllegalArgumentException naming a cell that computes what no operator does
  static RecurrentForm of(Cell<?> cell) {
    return switch (cell) {
      case LstmCell lstm -> lstm(lstm, "ifco", "iofc");
      case PeepholeLstmCell lstm -> {
        RecurrentForm form = lstm(lstm, "ifco", "iofc");
        yield new RecurrentForm("LSTM", form.attributes, form.inputWeight, form.hiddenWeight, form.bias,
            Conversions.blocks(value(lstm, "peephole"), "ifo", "iof").reshape(-1));
      }
      case CifgLstmCell lstm -> { // 1 - i stands for the forget gate, whose own weights are there and not used
        RecurrentForm form = lstm(lstm, "ico", "ioc");
        int hidden = lstm.outputSize();
        yield new RecurrentForm("LSTM", Map.of("input_forget", 1), withForgetGate(form.inputWeight, hidden),
            withForgetGate(form.hiddenWeight, hidden),
            bias(withForgetGate(form.bias.slice(0, 0, 3 * hidden), hidden)), null);
      }
      case GruCell gru -> new RecurrentForm("GRU", Map.of("linear_before_reset", 1), gru(value(gru, "weight_ih")),
          gru(value(gru, "weight_hh")),
          Tensor.concat(0, List.of(gru(value(gru, "bias_ih")), gru(value(gru, "bias_hh")))), null);
      case ResetBeforeGruCell gru -> new RecurrentForm("GRU", Map.of(), gru(value(gru, "weight_ih")),
          gru(Tensor.concat(0, List.of(value(gru, "weight_hh"), value(gru, "weight_hn")))),
          bias(gru(value(gru, "bias"))), null);
      case MinGruCell gru -> minimal(gru);
      case RnnCell rnn -> {
        String name = rnn.nonlinearity().name();
        String activation = name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT); // Tanh or Relu
        yield new RecurrentForm("RNN", Map.of("activations", List.of(activation)), value(rnn, "weight_ih"),
            value(rnn, "weight_hh"), bias(value(rnn, "bias")), null);
      }
      default -> throw new IllegalArgumentException("onnx: " + cell.getClass().getSimpleName()
          + " is not what an operator of ONNX computes; LSTM (with peepholes, or coupled gates), GRU (in both "
          + "variants), minimal GRU and RNN are");
    };
  }

  private static RecurrentForm lstm(Block cell, String from, String to) {
    return new RecurrentForm("LSTM", Map.of(), Conversions.blocks(value(cell, "weight_ih"), from, to),
        Conversions.blocks(value(cell, "weight_hh"), from, to),
        bias(Conversions.blocks(value(cell, "bias"), from, to)), null);
  }

  /// Zeros as the third of four blocks.
  private static Tensor withForgetGate(Tensor blocks, int hidden) {
    Tensor unused = Tensor.zeros(blocks.dtype(), blocks.slice(0, 0, hidden).shape().sizes());
    return Tensor.concat(0, List.of(blocks.slice(0, 0, 2 * hidden), unused,
        blocks.slice(0, 2 * hidden, 3 * hidden)));
  }

  private static Tensor gru(Tensor blocks) {
    return Conversions.blocks(blocks, "rzh", "zrh");
  }

  /// A GRU that does not look at its state: no recurrent weights, no reset gate, no function around the candidate. Its
  /// gate weighs the new value, ONNX's the old one, so the sign changes: `1 - sigmoid(z) = sigmoid(-z)`.
  private static RecurrentForm minimal(MinGruCell cell) {
    int hidden = cell.outputSize();
    Tensor[] both = new Tensor[2];
    for (int k = 0; k < 2; k++) {
      Tensor blocks = value(cell, k == 0 ? "weight_ih" : "bias");
      Tensor gate = blocks.slice(0, 0, hidden);
      both[k] = Tensor.concat(0, List.of(gate.negate(), gate.times(Tensor.scalar(0f)), blocks.slice(0, hidden,
          2 * hidden)));
    }
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("activations", List.of("Sigmoid", "Affine"));
    attributes.put("activation_alpha", List.of(1f));
    attributes.put("activation_beta", List.of(0f));
    return new RecurrentForm("GRU", attributes, both[0], Tensor.zeros(DType.FLOAT32, 3 * hidden, hidden),
        bias(both[1]), null);
  }

  /// The one bias, and zeros for the other.
  private static Tensor bias(Tensor one) {
    return Tensor.concat(0, List.of(one, Tensor.zeros(one.dtype(), one.size(0))));
  }

  /// The value of a parameter, in FLOAT32.
  static Tensor value(Block block, String name) {
    return block.namedParameters().get(name).value().to(DType.FLOAT32);
  }
}
