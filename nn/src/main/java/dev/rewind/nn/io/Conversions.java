package dev.rewind.nn.io;

import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Weights of recurrent layers in the layouts of other frameworks, brought into that of PyTorch, which is that of
/// [dev.rewind.nn.cells.Lstm] and [dev.rewind.nn.cells.Gru]: `[outputs, inputs]`, blocks i, f, g, o and r, z, n.
///
/// Where a method takes `names`, it is a pattern such as `lstm.%s_l0`, in which the one `%s` becomes `weight_ih`,
/// `weight_hh` and so on; without it there is an [IllegalArgumentException]:
///
/// ```java
/// Map<String, Tensor> lstm = Conversions.kerasLstm("lstm.%s_l0", kernel, recurrent, bias);
/// new TensorFile(lstm, Map.of()).load(model, Mapping.PYTORCH.only("lstm"));
/// ```
public final class Conversions {
  private Conversions() {}

  /// Brings blocks along the first axis into another order. Each letter stands for one: `blocks(x, "ijfo", "ifjo")`.
  ///
  /// @throws IllegalArgumentException if the letters are not the same, or the axis is not so many equal blocks
  public static Tensor blocks(Tensor x, String from, String to) {
    if (!sorted(from).equals(sorted(to)) || from.chars().distinct().count() < from.length()) {
      throw new IllegalArgumentException(
          "blocks: '" + from + "' and '" + to + "' do not have the same letters, each once");
    }
    List<Tensor> blocks = x.split(0, from.length());
    return Tensor.concat(0, to.chars().mapToObj(letter -> blocks.get(from.indexOf(letter))).toList());
  }

  private static List<Integer> sorted(String letters) {
    return letters.chars().sorted().boxed().toList();
  }

  /// The LSTM of Keras, blocks i, f, c, o.
  ///
  /// @param kernel `[inputs, 4 * hidden]`
  /// @param recurrent `[hidden, 4 * hidden]`
  /// @param bias `[4 * hidden]`
  public static Map<String, Tensor> kerasLstm(String names, Tensor kernel, Tensor recurrent, Tensor bias) {
    return named(names, kernel.transpose(), recurrent.transpose(), "bias_ih", bias);
  }

  /// The GRU of Keras, blocks z, r, h, with `reset_after=True`, its default: for [dev.rewind.nn.cells.Gru].
  ///
  /// @param kernel `[inputs, 3 * hidden]`
  /// @param recurrent `[hidden, 3 * hidden]`
  /// @param bias `[2, 3 * hidden]`; if it is `[3 * hidden]`, the layer resets before the product, and is for
  ///   [#kerasGruResetBefore]
  public static Map<String, Tensor> kerasGru(String names, Tensor kernel, Tensor recurrent, Tensor bias) {
    if (bias.rank() != 2 || bias.size(0) != 2) {
      throw new IllegalArgumentException(
          "kerasGru: the bias is " + bias.shape() + ", not [2, 3 * hidden]: a layer with "
              + "reset_after=False is for kerasGruResetBefore");
    }
    Map<String, Tensor> converted = named(names, blocks(kernel.transpose(), "zrh", "rzh"),
        blocks(recurrent.transpose(), "zrh", "rzh"), "bias_ih", blocks(bias.select(0, 0), "zrh", "rzh"));
    converted.put(name(names, "bias_hh"), blocks(bias.select(0, 1), "zrh", "rzh"));
    return converted;
  }

  /// The GRU of Keras with `reset_after=False`: for [dev.rewind.nn.cells.ResetBeforeGruCell].
  ///
  /// @param kernel `[inputs, 3 * hidden]`
  /// @param recurrent `[hidden, 3 * hidden]`
  /// @param bias `[3 * hidden]`
  public static Map<String, Tensor> kerasGruResetBefore(String names, Tensor kernel, Tensor recurrent, Tensor bias) {
    Tensor hidden = blocks(recurrent.transpose(), "zrh", "rzh"); // [3 * hidden, hidden]
    int units = hidden.size(1);
    Map<String, Tensor> converted = named(names, blocks(kernel.transpose(), "zrh", "rzh"),
        hidden.slice(0, 0, 2 * units), "bias", blocks(bias, "zrh", "rzh"));
    converted.put(name(names, "weight_hn"), hidden.slice(0, 2 * units, 3 * units).copy());
    return converted;
  }

  /// The LSTM of TensorFlow 1 (`BasicLSTMCell`, `LSTMCell` without peepholes), blocks i, j, f, o.
  ///
  /// @param kernel `[inputs + hidden, 4 * hidden]`
  /// @param bias `[4 * hidden]`
  /// @param forgetBias what TensorFlow adds to the forget gate as it runs and does not store: 1 unless told otherwise
  public static Map<String, Tensor> tensorFlowLstm(String names, Tensor kernel, Tensor bias, double forgetBias) {
    Tensor blocks = blocks(kernel.transpose(), "ijfo", "ifjo"); // [4 * hidden, inputs + hidden]
    int units = blocks.size(0) / 4;
    Tensor biases = blocks(bias, "ijfo", "ifjo");
    biases.slice(0, units, 2 * units).plusInPlace(Tensor.scalar(forgetBias).to(biases.dtype()));
    int inputs = blocks.size(1) - units;
    return named(names, blocks.slice(1, 0, inputs), blocks.slice(1, inputs, inputs + units), "bias_ih", biases);
  }

  /// The GRU of TensorFlow 1 (`GRUCell`), gates r, u: for [dev.rewind.nn.cells.ResetBeforeGruCell].
  ///
  /// @param gates `[inputs + hidden, 2 * hidden]`, `gates/kernel`
  /// @param gateBias `[2 * hidden]`
  /// @param candidate `[inputs + hidden, hidden]`, `candidate/kernel`
  /// @param candidateBias `[hidden]`
  public static Map<String, Tensor> tensorFlowGru(
      String names, Tensor gates, Tensor gateBias, Tensor candidate, Tensor candidateBias) {
    Tensor all = Tensor.concat(0, List.of(gates.transpose(), candidate.transpose())); // [3 * hidden, inputs + hidden]
    int units = all.size(0) / 3;
    int inputs = all.size(1) - units;
    Tensor hidden = all.slice(1, inputs, inputs + units);
    Map<String, Tensor> converted = named(names, all.slice(1, 0, inputs), hidden.slice(0, 0, 2 * units), "bias",
        Tensor.concat(0, List.of(gateBias, candidateBias)));
    converted.put(name(names, "weight_hn"), hidden.slice(0, 2 * units, 3 * units).copy());
    return converted;
  }

  /// The LSTM of DL4J, which calls its blocks i, f, o, g, and means the new memory by i and the input gate by g.
  ///
  /// @param inputWeights `[inputs, 4 * hidden]`, `W`
  /// @param recurrentWeights `[hidden, 4 * hidden]`, `RW`
  /// @param bias `[1, 4 * hidden]` or `[4 * hidden]`, `b`
  public static Map<String, Tensor> dl4jLstm(String names, Tensor inputWeights, Tensor recurrentWeights, Tensor bias) {
    return named(names, blocks(inputWeights.transpose(), "gfoi", "ifgo"),
        blocks(recurrentWeights.transpose(), "gfoi", "ifgo"), "bias_ih", blocks(bias.reshape(-1), "gfoi", "ifgo"));
  }

  private static String name(String names, String parameter) {
    int at = names.indexOf("%s");
    if (at < 0 || names.indexOf('%', at + 1) >= 0 || names.indexOf('%') < at) {
      throw new IllegalArgumentException(
          "the names '" + names + "' need one %s for the parameter, as in lstm.%s_l0, and no other %");
    }
    return names.replace("%s", parameter);
  }

  private static Map<String, Tensor> named(String names, Tensor input, Tensor hidden, String biasName, Tensor bias) {
    Map<String, Tensor> converted = new LinkedHashMap<>();
    converted.put(name(names, "weight_ih"), input.copy());
    converted.put(name(names, "weight_hh"), hidden.copy());
    converted.put(name(names, biasName), bias.copy());
    return converted;
  }

  /// The state of a model for PyTorch: beside each `bias_ih` of a recurrent layer that has no `bias_hh`, one of zeros,
  /// to which PyTorch adds it.
  public static Map<String, Tensor> toPyTorch(Map<String, Tensor> state) {
    Map<String, Tensor> theirs = new LinkedHashMap<>();
    state.forEach((name, tensor) -> {
      theirs.put(name, tensor);
      String second = name.replaceFirst("bias_ih(_l\\d+(_reverse)?)?$", "bias_hh$1");
      if (!state.containsKey(second)) {
        theirs.put(second, Tensor.zeros(tensor.dtype(), tensor.shape().sizes()));
      }
    });
    return theirs;
  }
}
