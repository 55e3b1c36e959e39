package dev.rewind.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.rewind.autograd.Tape;
import dev.rewind.nn.Dropout;
import dev.rewind.nn.Embedding;
import dev.rewind.nn.Layer;
import dev.rewind.nn.LayerNorm;
import dev.rewind.nn.Linear;
import dev.rewind.nn.Sequential;
import dev.rewind.nn.cells.RecurrentLayer;
import dev.rewind.nn.io.AtomicFile;
import dev.rewind.nn.rnn.Bidirectional;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.ThenCell;
import dev.rewind.nn.wrappers.DropoutCell;
import dev.rewind.nn.wrappers.ResidualCell;
import dev.rewind.nn.wrappers.VariationalInputCell;
import dev.rewind.nn.wrappers.VariationalStateCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// A model for ONNX Runtime, put together from its parts in the order in which they compute. Batch and time are open:
/// one file serves any number of sequences of any length. Weights are copied as FLOAT32; dropout is left out.
///
/// ```java
/// OnnxModel.ofIds("ids").carrying("state").then(embedding).then(lstm).then(head).output("logits")
///     .write(Path.of("model.onnx"));
/// ```
///
/// A part that ONNX has no exact form of is refused by name; the numbers of the others are those of the parts, to
/// rounding. Operators are those of version 17.
public final class OnnxModel {
  private static final String FORWARD = "forward";
  private static final String REVERSE = "reverse";

  private final OnnxGraph graph = new OnnxGraph();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private String value; // what the last part gives
  private int size; // of its vectors; 0 if it is ids
  private String lengths = "";
  private String state; // what the inputs of states begin with, or null

  private OnnxModel() {}

  /// A model that reads symbols: an input INT64 `[batch, time]`, for an [Embedding].
  public static OnnxModel ofIds(String input) {
    OnnxModel model = new OnnxModel();
    model.value = model.graph.input(input, DataType.INT64, "batch", "time");
    return model;
  }

  /// A model that reads vectors: an input FLOAT `[batch, time, size]`.
  public static OnnxModel ofVectors(String input, int size) {
    OnnxModel model = new OnnxModel();
    model.value = model.graph.input(input, DataType.FLOAT, "batch", "time", size);
    model.size = size;
    return model;
  }

  /// Adds an input INT32 `[batch]`, the length of each sequence, for the recurrent parts that follow. After its end
  /// their outputs are zeros and states stay as they were.
  public OnnxModel lengths(String input) {
    lengths = graph.input(input, DataType.INT32, "batch");
    return this;
  }

  /// Lets the recurrent parts that follow begin with states that are inputs, and give those in which they end, so that
  /// a text is read or written piece by piece. Without this they begin with zeros.
  ///
  /// The state `h` of a cell is an input `name.h` and an output `name.h_next`, FLOAT `[1, batch, hidden]`; an LSTM also
  /// has `c`. Where there are several cells, their place comes between: `name.0.h`, `name.1.h`.
  public OnnxModel carrying(String name) {
    state = name;
    return this;
  }

  // ---- layers -------------------------------------------------------------------------------------------------------

  /// Adds an [Embedding], [Linear], [LayerNorm], [Dropout], or a [Sequential] of them.
  ///
  /// @throws IllegalArgumentException if it is another layer; for functions there are [#relu], [#tanh] and so on
  /// @throws ShapeException if it reads vectors of another size
  public OnnxModel then(Layer layer) {
    switch (layer) {
      case Embedding embedding -> {
        requireSize("Embedding", 0);
        Tensor table;
        try (Tape tape = Tape.inference()) {
          table = embedding.table(tape).value().to(DType.FLOAT32); // zeros for padding
        }
        become(graph.node("Gather", Map.of(), graph.constant(table, false), value), table.size(1));
      }
      case Linear linear -> {
        Tensor weight = RecurrentForm.value(linear, "weight"); // [outputs, inputs]
        requireSize("Linear", weight.size(1));
        become(graph.node("MatMul", Map.of(), value, graph.constant(weight.transpose(), false)), weight.size(0));
        if (linear.namedParameters().containsKey("bias")) {
          become(graph.node("Add", Map.of(), value, graph.constant(RecurrentForm.value(linear, "bias"), false)), size);
        }
      }
      case LayerNorm norm -> {
        boolean plain = norm.parameters().isEmpty();
        Tensor weight = plain ? Tensor.ones(DType.FLOAT32, size) : RecurrentForm.value(norm, "weight");
        Tensor bias = plain ? Tensor.zeros(DType.FLOAT32, size) : RecurrentForm.value(norm, "bias");
        requireSize("LayerNorm", weight.size(0));
        become(graph.node("LayerNormalization", Map.of("axis", -1, "epsilon", (float) norm.epsilon()), value,
            graph.constant(weight, false), graph.constant(bias, false)), size);
      }
      case Sequential sequential -> sequential.layers().forEach(this::then);
      case Dropout _ -> {
      }
      default -> throw new IllegalArgumentException("onnx: a layer of class " + layer.getClass().getSimpleName()
          + " is not exported; Embedding, Linear, LayerNorm, Dropout and Sequential are, and functions by relu(), "
          + "sigmoid(), softmax() and tanh()");
    }
    return this;
  }

  /// Adds `max(x, 0)`.
  public OnnxModel relu() {
    return become(graph.node("Relu", Map.of(), value), size);
  }

  /// Adds the logistic function.
  public OnnxModel sigmoid() {
    return become(graph.node("Sigmoid", Map.of(), value), size);
  }

  /// Adds the softmax over the elements of a vector: from logits to probabilities.
  public OnnxModel softmax() {
    return become(graph.node("Softmax", Map.of("axis", -1), value), size);
  }

  /// Adds the hyperbolic tangent.
  public OnnxModel tanh() {
    return become(graph.node("Tanh", Map.of(), value), size);
  }

  private OnnxModel become(String next, int nextSize) {
    value = next;
    size = nextSize;
    return this;
  }

  private void requireSize(String part, int wanted) {
    if (size != wanted) {
      throw new ShapeException("onnx: " + part + " reads " + (wanted == 0 ? "ids" : "vectors of " + wanted)
          + ", but what comes before gives " + (size == 0 ? "ids" : "vectors of " + size));
    }
  }

  // ---- recurrent parts ----------------------------------------------------------------------------------------------

  /// Adds an [dev.rewind.nn.cells.Lstm], [dev.rewind.nn.cells.Gru] or [dev.rewind.nn.cells.Rnn], of any number of
  /// layers and directions.
  ///
  /// @throws ShapeException if it reads vectors of another size
  public OnnxModel then(RecurrentLayer<?> layer) {
    List<? extends Cell<?>> cells = layer.cells();
    return sequences(layer.getClass().getSimpleName(), cells.getFirst().inputSize(), layer.outputSize(), x -> {
      String y = x;
      for (int k = 0; k < cells.size(); k++) {
        y = layer.options().bidirectional()
            ? both(state + "." + k, cells.get(k), state + "." + (k + 1), cells.get(++k), y)
            : run(state + "." + k, cells.get(k), y, FORWARD);
      }
      return y;
    });
  }

  /// Adds a cell over all steps: a [StackedCell] or a [ThenCell], whatever drops out or adds its input, and the cells
  /// that ONNX has operators for: LSTM, also with peepholes or coupled gates, GRU in both variants, the minimal GRU,
  /// and RNN.
  ///
  /// @throws IllegalArgumentException naming a cell without an exact form in ONNX
  /// @throws ShapeException if it reads vectors of another size
  public OnnxModel then(Cell<?> cell) {
    return sequences(cell.getClass().getSimpleName(), cell.inputSize(), cell.outputSize(),
        x -> run(state, cell, x, FORWARD));
  }

  /// Adds cells for both directions; states are `name.first.h` and `name.second.h`.
  ///
  /// @throws IllegalArgumentException naming a cell without an exact form in ONNX
  /// @throws ShapeException if they read vectors of another size
  public OnnxModel then(Bidirectional<?, ?> cells) {
    return sequences("Bidirectional", cells.inputSize(), cells.outputSize(), x -> both(state + ".first",
        cells.cells().getFirst(), state + ".second", cells.cells().getLast(), x));
  }

  /// What is done with the steps first and the batch second, as ONNX's operators want it.
  private OnnxModel sequences(String part, int inputs, int outputs, UnaryOperator<String> steps) {
    requireSize(part, inputs);
    Map<String, ?> swapped = Map.of("perm", List.of(1, 0, 2));
    return become(graph.node("Transpose", swapped, steps.apply(graph.node("Transpose", swapped, value))), outputs);
  }

  private String both(String nameA, Cell<?> a, String nameB, Cell<?> b, String x) {
    return graph.node("Concat", Map.of("axis", -1), run(nameA, a, x, FORWARD), run(nameB, b, x, REVERSE));
  }

  private String run(String name, Cell<?> cell, String x, String direction) {
    return switch (cell) {
      case StackedCell<?> stack -> {
        String y = x;
        for (int k = 0; k < stack.cells().size(); k++) {
          y = run(name + "." + k, stack.cells().get(k), y, direction);
        }
        yield y;
      }
      case ThenCell<?, ?> pair -> run(name + ".second", pair.cells().getLast(),
          run(name + ".first", pair.cells().getFirst(), x, direction), direction);
      case DropoutCell<?> dropped -> run(name, dropped.cell(), x, direction);
      case VariationalInputCell<?> dropped -> run(name, dropped.cell(), x, direction);
      case VariationalStateCell<?> dropped -> run(name, dropped.cell(), x, direction);
      case ResidualCell<?> residual when lengths.isEmpty() -> // else what is added to padding would have to be masked
        graph.node("Add", Map.of(), x, run(name, residual.cell(), x, direction));
      default -> single(name, cell, x, direction);
    };
  }

  /// One operator: `[time, batch, inputs]` to `[time, batch, hidden]`.
  private String single(String name, Cell<?> cell, String x, String direction) {
    RecurrentForm form = RecurrentForm.of(cell);
    List<String> leaves = form.operator().equals("LSTM") ? List.of("h", "c") : List.of("h");
    Object[] axes = {1, "batch", cell.outputSize()};
    List<String> inputs = new ArrayList<>(List.of(x, graph.constant(form.inputWeight(), true),
        graph.constant(form.hiddenWeight(), true), graph.constant(form.bias(), true), lengths));
    for (String leaf : leaves) {
      inputs.add(state == null ? "" : graph.input(name + "." + leaf, DataType.FLOAT, axes));
    }
    if (form.peephole() != null) {
      inputs.add(graph.constant(form.peephole(), true));
    }
    Map<String, Object> attributes = new LinkedHashMap<>(form.attributes());
    attributes.put("hidden_size", cell.outputSize());
    attributes.put("direction", direction);
    List<String> results = graph.node(form.operator(), attributes, inputs, 1 + leaves.size());
    for (int k = 0; k < leaves.size() && state != null; k++) {
      graph.output(results.get(k + 1), name + "." + leaves.get(k) + "_next", axes);
    }
    return graph.node("Squeeze", Map.of(), results.getFirst(), graph.constant(1)); // the axis of directions
  }

  // ---- the whole ----------------------------------------------------------------------------------------------------

  /// Makes what was computed so far an output, FLOAT `[batch, time, size]`. More may follow.
  ///
  /// @throws IllegalArgumentException if the name is taken
  public OnnxModel output(String name) {
    graph.output(value, name, "batch", "time", size);
    return this;
  }

  /// Adds a text that programs find in the file's metadata, such as the vocabulary.
  public OnnxModel text(String name, String text) {
    metadata.put(name, text);
    return this;
  }

  /// Writes the file, replacing what is there as a whole.
  public void write(Path path) throws IOException {
    ModelProto model = graph.model(metadata);
    AtomicFile.write(path, channel -> model.writeTo(Channels.newOutputStream(channel)));
  }
}
