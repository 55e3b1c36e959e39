package dev.rewind.nn.io;

import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// A tensor in a file, which is not read until it is asked for.
public final class StoredTensor {
  private final String dtype;
  private final List<Long> shape;
  private final Source source;

  /// Reads it.
  @FunctionalInterface
  interface Source {
    Tensor read() throws IOException;
  }

  StoredTensor(String dtype, List<Long> shape, Source source) {
    this.dtype = dtype;
    this.shape = List.copyOf(shape);
    this.source = source;
  }

  static StoredTensor of(Tensor tensor) {
    List<Long> shape = Arrays.stream(tensor.shape().sizes()).asLongStream().boxed().toList();
    return new StoredTensor(TensorBytes.label(tensor.dtype()), shape, () -> tensor);
  }

  /// The dtype in the file, by the names of safetensors: `F32`, `BF16`, `I64` and so on.
  public String dtype() {
    return dtype;
  }

  /// The sizes of the axes, outermost first.
  public List<Long> shape() {
    return shape;
  }

  /// Reads it into a new tensor, as FLOAT32 from `F32`, `F16` and `BF16`, as FLOAT64 from `F64`, as INT32 from integers
  /// and as BOOL from `BOOL`.
  ///
  /// @throws TensorFileException naming the file and the tensor if there is no such dtype here, an integer does not fit,
  ///     it has more than 2^31 - 1 elements, or its bytes are damaged
  public Tensor read() throws IOException {
    return source.read();
  }

  /// Whether it can be the value of a parameter.
  boolean isFloating() {
    return switch (dtype) {
      case "F64", "F32", "F16", "BF16" -> true;
      default -> false;
    };
  }

  /// Dtype and shape.
  @Override
  public String toString() {
    return dtype + " " + shape;
  }
}
