package dev.rewind.nn.io;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// Elements as little-endian bytes, in blocks, so that no file is held twice.
final class TensorBytes {
  private static final int BLOCK = 1 << 16;

  private TensorBytes() {}

  static int size(DType dtype) {
    return switch (dtype) {
      case FLOAT32, INT32 -> 4;
      case FLOAT64 -> 8;
      case BOOL -> 1;
    };
  }

  static String label(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> "F32";
      case FLOAT64 -> "F64";
      case INT32 -> "I32";
      case BOOL -> "BOOL";
    };
  }

  private static int size(String label) {
    return switch (label) {
      case "F32", "I32" -> 4;
      case "F64" -> 8;
      case "F16", "BF16" -> 2;
      case "BOOL" -> 1;
      default -> throw new IllegalArgumentException("dtype " + label + " is not supported");
    };
  }

  /// The shape as ints, if it and the dtype account for the bytes.
  static int[] checkedShape(String name, String dtype, long[] shape, long[] offsets) {
    int[] sizes = new int[shape.length];
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] < 0 || shape[axis] > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("tensor " + name + " has an axis of size " + shape[axis]);
      }
      sizes[axis] = (int) shape[axis];
    }
    long elements = elements(name, sizes);
    if (offsets[0] < 0 || offsets[1] - offsets[0] != elements * size(dtype)) {
      throw new IllegalArgumentException("tensor " + name + " has data_offsets " + offsets[0] + " to " + offsets[1]
          + " for " + elements + " elements of " + size(dtype) + " bytes");
    }
    return sizes;
  }

  private static int elements(String name, int[] sizes) {
    try {
      return Shape.of(sizes).elements();
    } catch (ShapeException e) {
      throw new IllegalArgumentException("tensor " + name + ": " + e.getMessage());
    }
  }

  // ---- reading ------------------------------------------------------------------------------------------------------

  static Tensor read(Path path, FileChannel channel, long offset, Header.Entry entry) throws IOException {
    DType dtype = switch (entry.dtype()) {
      case "F64" -> DType.FLOAT64;
      case "I32" -> DType.INT32;
      case "BOOL" -> DType.BOOL;
      default -> DType.FLOAT32;
    };
    Tensor tensor = Tensor.zeros(dtype, entry.shape());
    int bytes = size(entry.dtype());
    for (int from = 0; from < tensor.elements(); from += BLOCK) {
      int count = Math.min(BLOCK, tensor.elements() - from);
      ByteBuffer block = readFully(path, channel, offset + (long) from * bytes, count * bytes);
      decode(block, entry.dtype(), tensor, from, count);
    }
    return tensor;
  }

  private static void decode(ByteBuffer block, String label, Tensor tensor, int from, int count) {
    switch (label) {
      case "F32" -> block.asFloatBuffer().get(RawAccess.floats(tensor), from, count);
      case "F64" -> block.asDoubleBuffer().get(RawAccess.doubles(tensor), from, count);
      case "I32" -> block.asIntBuffer().get(RawAccess.ints(tensor), from, count);
      case "BOOL" -> {
        for (int i = 0; i < count; i++) {
          RawAccess.booleans(tensor)[from + i] = block.get(i) != 0;
        }
      }
      case "F16" -> {
        for (int i = 0; i < count; i++) {
          RawAccess.floats(tensor)[from + i] = Float.float16ToFloat(block.getShort(2 * i));
        }
      }
      default -> {
        for (int i = 0; i < count; i++) { // BF16: the upper half of a float
          RawAccess.floats(tensor)[from + i] = Float.intBitsToFloat(block.getShort(2 * i) << 16);
        }
      }
    }
  }

  static ByteBuffer readFully(Path path, FileChannel channel, long offset, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw new TensorFileException(path + ": ends at offset " + (offset + buffer.position()) + ", wanted "
            + (offset + bytes) + " bytes");
      }
    }
    return buffer.flip();
  }

  // ---- writing ------------------------------------------------------------------------------------------------------

  static void write(FileChannel channel, Tensor tensor) throws IOException {
    Tensor row = tensor.contiguous();
    int bytes = size(tensor.dtype());
    ByteBuffer block = ByteBuffer.allocate(Math.min(BLOCK, row.elements()) * bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < row.elements(); from += BLOCK) {
      int count = Math.min(BLOCK, row.elements() - from);
      encode(row, RawAccess.offset(row) + from, count, block.clear());
      writeFully(channel, block.position(0).limit(count * bytes));
    }
  }

  private static void encode(Tensor tensor, int from, int count, ByteBuffer block) {
    switch (tensor.dtype()) {
      case FLOAT32 -> block.asFloatBuffer().put(RawAccess.floats(tensor), from, count);
      case FLOAT64 -> block.asDoubleBuffer().put(RawAccess.doubles(tensor), from, count);
      case INT32 -> block.asIntBuffer().put(RawAccess.ints(tensor), from, count);
      case BOOL -> {
        for (int i = 0; i < count; i++) {
          block.put(i, (byte) (RawAccess.booleans(tensor)[from + i] ? 1 : 0));
        }
      }
    }
  }

  static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
