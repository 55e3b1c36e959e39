package dev.rewind.nn.io;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// A tensor in a file, or one still to be made, which is not in memory until it is asked for.
public final class StoredTensor {
  private final String where; // for messages
  private final String dtype;
  private final List<Long> shape;
  private final Source source;

  /// Where a tensor comes from.
  @FunctionalInterface
  public interface Source {
    /// Reads or makes it.
    Tensor read() throws IOException;
  }

  StoredTensor(String where, String dtype, List<Long> shape, Source source) {
    this.where = where;
    this.dtype = dtype;
    this.shape = List.copyOf(shape);
    this.source = source;
  }

  /// A tensor that is made when it is to be written, so that a file may be larger than memory.
  public static StoredTensor of(DType dtype, Shape shape, Source source) {
    return new StoredTensor("made for writing", Element.of(dtype).name(), sizes(shape), source);
  }

  static List<Long> sizes(Shape shape) {
    return Arrays.stream(shape.sizes()).asLongStream().boxed().toList();
  }

  static StoredTensor of(Tensor tensor) {
    return of(tensor.dtype(), tensor.shape(), () -> tensor);
  }

  /// The dtype in the file, by the names of safetensors: `F32`, `BF16`, `I64` and so on; others by their own.
  public String dtype() {
    return dtype;
  }

  /// The sizes of the axes, outermost first.
  public List<Long> shape() {
    return shape;
  }

  /// Reads it into a new tensor: FLOAT32 from `F32`, `F16` and `BF16`, FLOAT64 from `F64`, INT32 from integers of all
  /// sizes, BOOL from `BOOL`.
  ///
  /// @throws TensorFileException naming the file and the tensor if it has no dtype here, an integer does not fit,
  ///     it has more than 2^31 - 1 elements, or its bytes are damaged
  /// @throws IllegalStateException if the archive is closed
  public Tensor read() throws IOException {
    return TensorFileException.naming(where, source::read);
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
