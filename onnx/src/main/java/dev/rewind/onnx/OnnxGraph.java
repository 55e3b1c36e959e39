package dev.rewind.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnx.proto.OnnxMl.Version;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.rewind.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A graph of ONNX's while it is put together. Values go by their names.
final class OnnxGraph {
  private static final int OPERATORS = 17; // the first version with LayerNormalization

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("rewind");
  private final Set<String> names = new HashSet<>();
  private long bytes;

  /// Adds an input of the graph; an axis is a number or a name.
  ///
  /// @throws IllegalArgumentException if the name is taken
  String input(String name, DataType type, Object... axes) {
    graph.addInput(described(claimed(name), type, axes));
    return name;
  }

  /// Makes a value an output of the graph, FLOAT, under a name of its own.
  ///
  /// @throws IllegalArgumentException if the name is taken
  void output(String value, String name, Object... axes) {
    graph.addNode(NodeProto.newBuilder().setOpType("Identity").addInput(value).addOutput(claimed(name)));
    graph.addOutput(described(name, DataType.FLOAT, axes));
  }

  private String claimed(String name) {
    if (name.isEmpty() || !names.add(name)) {
      throw new IllegalArgumentException("onnx: the name '" + name + "' is empty or taken; choose another");
    }
    return name;
  }

  private String fresh(String kind) {
    int n = 0;
    while (!names.add(kind + "_" + n)) {
      n++;
    }
    return kind + "_" + n;
  }

  private static ValueInfoProto described(String name, DataType type, Object... axes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object axis : axes) {
      TensorShapeProto.Dimension.Builder size = shape.addDimBuilder();
      if (axis instanceof Integer number) {
        size.setDimValue(number);
      } else {
        size.setDimParam(axis.toString());
      }
    }
    return ValueInfoProto.newBuilder().setName(name).setType(TypeProto.newBuilder()
        .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape))).build();
  }

  /// Adds a constant of floats, `[1, ..]` if it is for one direction of a recurrent operator.
  String constant(Tensor value, boolean isForOneDirection) {
    float[] floats = value.toFloats();
    ByteBuffer data = ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, floats.length))
        .order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(floats);
    TensorProto.Builder tensor = TensorProto.newBuilder().setDataType(DataType.FLOAT.getNumber());
    if (isForOneDirection) {
      tensor.addDims(1);
    }
    for (int size : value.shape().sizes()) {
      tensor.addDims(size);
    }
    return add(tensor, data);
  }

  /// Adds a constant of whole numbers, `[1]`.
  String constant(long value) {
    return add(TensorProto.newBuilder().setDataType(DataType.INT64.getNumber()).addDims(1),
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).flip());
  }

  private String add(TensorProto.Builder tensor, ByteBuffer data) {
    bytes += data.remaining();
    if (bytes > Integer.MAX_VALUE - (1 << 20)) {
      throw new IllegalArgumentException("onnx: the weights take over 2 GB, which is more than one ONNX file can hold");
    }
    String name = fresh("constant");
    graph.addInitializer(tensor.setName(name).setRawData(UnsafeByteOperations.unsafeWrap(data)));
    return name;
  }

  /// Adds an operator with one result.
  String node(String operator, Map<String, ?> attributes, String... inputs) {
    return node(operator, attributes, List.of(inputs), 1).getFirst();
  }

  /// Adds an operator. An input that is left out has the empty name.
  List<String> node(String operator, Map<String, ?> attributes, List<String> inputs, int results) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator).addAllInput(inputs);
    attributes.forEach((name, value) -> node.addAttribute(attribute(name, value)));
    for (int k = 0; k < results; k++) {
      node.addOutput(fresh(operator));
    }
    graph.addNode(node.setName(node.getOutput(0)));
    return List.copyOf(node.getOutputList());
  }

  private static AttributeProto.Builder attribute(String name, Object value) {
    AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name);
    switch (value) {
      case Integer number -> attribute.setType(AttributeType.INT).setI(number);
      case Float number -> attribute.setType(AttributeType.FLOAT).setF(number);
      case String text -> attribute.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(text));
      case List<?> list -> list.forEach(element -> {
        switch (element) {
          case Integer number -> attribute.setType(AttributeType.INTS).addInts(number);
          case Float number -> attribute.setType(AttributeType.FLOATS).addFloats(number);
          default -> attribute.setType(AttributeType.STRINGS).addStrings(ByteString.copyFromUtf8(element.toString()));
        }
      });
      default -> throw new IllegalArgumentException("onnx: attribute " + name + " is " + value);
    }
    return attribute;
  }

  ModelProto model(Map<String, String> metadata) {
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(Version.IR_VERSION_2021_7_30_VALUE)
        .setProducerName("rewind").addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATORS))
        .setGraph(graph);
    metadata.forEach((name, text) -> model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(name)
        .setValue(text)));
    return model.build();
  }
}
