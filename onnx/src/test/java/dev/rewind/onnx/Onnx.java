package dev.rewind.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// A file in ONNX Runtime.
final class Onnx implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  Onnx(Path file) throws OrtException {
    session = environment.createSession(file.toString());
  }

  /// All outputs, in their order, of inputs by name; whole numbers are INT64 unless they are called `lengths`.
  Map<String, Tensor> run(Map<String, Tensor> inputs) throws OrtException {
    Map<String, OnnxTensor> theirs = new HashMap<>();
    for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
      theirs.put(input.getKey(), tensor(input.getKey(), input.getValue()));
    }
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    try (OrtSession.Result result = session.run(theirs)) {
      for (String name : session.getOutputNames()) {
        OnnxTensor output = (OnnxTensor) result.get(name).orElseThrow();
        float[] floats = new float[output.getFloatBuffer().remaining()];
        output.getFloatBuffer().get(floats);
        outputs.put(name, Tensor.wrap(floats,
            Arrays.stream(output.getInfo().getShape()).mapToInt(Math::toIntExact).toArray()));
      }
    } finally {
      theirs.values().forEach(OnnxTensor::close);
    }
    return outputs;
  }

  private OnnxTensor tensor(String name, Tensor value) throws OrtException {
    long[] shape = Arrays.stream(value.shape().sizes()).asLongStream().toArray();
    if (value.dtype() == DType.FLOAT32) {
      return OnnxTensor.createTensor(environment, FloatBuffer.wrap(value.toFloats()), shape);
    }
    return name.equals("lengths") ? OnnxTensor.createTensor(environment, IntBuffer.wrap(value.toInts()), shape)
        : OnnxTensor.createTensor(environment, LongBuffer.wrap(Arrays.stream(value.toInts()).asLongStream().toArray()),
            shape);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
