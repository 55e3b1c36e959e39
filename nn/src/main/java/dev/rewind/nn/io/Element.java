package dev.rewind.nn.io;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.List;

/// What elements are in files, by the names of safetensors. Bytes are read and written in blocks, so that no file is
/// held twice.
enum Element {
  F64(64, DType.FLOAT64), F32(32, DType.FLOAT32), F16(16, DType.FLOAT32), BF16(16, DType.FLOAT32), I64(64,
      DType.INT32), I32(32, DType.INT32), I16(16, DType.INT32), I8(8, DType.INT32), U64(64, DType.INT32), U32(32,
          DType.INT32), U16(16, DType.INT32), U8(8, DType.INT32), BOOL(8, DType.BOOL), F8_E5M2(8,
              null), F8_E4M3(8, null), F8_E8M0(8, null), F8_E5M2FNUZ(8,
                  null), F8_E4M3FNUZ(8, null), F6_E2M3(6, null), F6_E3M2(6, null), F4(4, null), C64(64, null);

  private static final int BLOCK = 1 << 16;

  private final int bits;
  private final DType dtype; // of the tensor that it becomes, or null

  Element(int bits, DType dtype) {
    this.bits = bits;
    this.dtype = dtype;
  }

  /// Bytes, one after the other.
  @FunctionalInterface
  interface Bytes {
    /// The next bytes, which are valid until more are asked for.
    ByteBuffer next(int count) throws IOException;
  }

  /// Bytes of a file in memory, from an offset on.
  static Bytes bytes(MemorySegment file, long offset) {
    long[] at = {offset};
    return count -> {
      at[0] += count;
      return file.asSlice(at[0] - count, count).asByteBuffer();
    };
  }

  /// Bytes of a stream.
  static Bytes bytes(InputStream in) {
    byte[][] block = {new byte[0]};
    return count -> {
      block[0] = block[0].length < count ? new byte[count] : block[0];
      if (in.readNBytes(block[0], 0, count) < count) {
        throw new EOFException("it ends before its last element");
      }
      return ByteBuffer.wrap(block[0], 0, count);
    };
  }

  static Element of(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> F32;
      case FLOAT64 -> F64;
      case INT32 -> I32;
      case BOOL -> BOOL;
    };
  }

  /// @throws IllegalArgumentException if there is no such dtype
  static Element of(String label) {
    try {
      return valueOf(label);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("dtype " + label + " is not known", e);
    }
  }

  /// @throws IllegalArgumentException if there is no dtype for it here
  DType dtype() {
    if (dtype == null) {
      throw new IllegalArgumentException("there is no tensor of dtype " + this + " here");
    }
    return dtype;
  }

  /// The number of bytes of so many axes.
  ///
  /// @throws IllegalArgumentException if a size is negative, or the number is not whole or over 2^63
  long bytes(List<Long> shape) {
    long elements = 1;
    try {
      for (long size : shape) {
        if (size < 0) {
          throw new IllegalArgumentException("it has an axis of size " + size);
        }
        elements = Math.multiplyExact(elements, size);
      }
      long all = Math.multiplyExact(elements, bits);
      if (all % 8 != 0) {
        throw new IllegalArgumentException(elements + " elements of " + bits + " bits are not whole bytes");
      }
      return all / 8;
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("its shape " + shape + " has too many elements", e);
    }
  }

  // ---- reading ------------------------------------------------------------------------------------------------------

  /// Reads a tensor. The caller has seen to it that there are as many bytes.
  ///
  /// @throws IllegalArgumentException if it cannot be one
  Tensor read(List<Long> shape, ByteOrder order, Bytes bytes) throws IOException {
    Tensor tensor = Tensor.zeros(dtype(), sizes(shape));
    for (int from = 0; from < tensor.elements(); from += BLOCK) {
      int count = Math.min(BLOCK, tensor.elements() - from);
      decode(bytes.next(count * (bits / 8)).order(order), tensor, from, count);
    }
    return tensor;
  }

  /// @throws IllegalArgumentException if these are too many elements for a tensor
  static int[] sizes(List<Long> shape) {
    int[] sizes = new int[shape.size()];
    for (int axis = 0; axis < sizes.length; axis++) {
      sizes[axis] = (int) Math.min(Integer.MAX_VALUE, shape.get(axis));
      if (sizes[axis] != shape.get(axis)) {
        throw new IllegalArgumentException("an axis of " + shape.get(axis) + " elements is too long for a tensor");
      }
    }
    return Shape.of(sizes).sizes();
  }

  private void decode(ByteBuffer block, Tensor tensor, int from, int count) {
    switch (this) {
      case F32 -> block.asFloatBuffer().get(RawAccess.floats(tensor), from, count);
      case F64 -> block.asDoubleBuffer().get(RawAccess.doubles(tensor), from, count);
      case I32 -> block.asIntBuffer().get(RawAccess.ints(tensor), from, count);
      case BOOL -> {
        for (int i = 0; i < count; i++) {
          RawAccess.booleans(tensor)[from + i] = block.get() != 0;
        }
      }
      case F16, BF16 -> {
        for (int i = 0; i < count; i++) { // BF16 is the upper half of a float
          short half = block.getShort();
          RawAccess.floats(tensor)[from + i] = this == F16 ? Float.float16ToFloat(half)
              : Float.intBitsToFloat(half << 16);
        }
      }
      default -> {
        int[] ints = RawAccess.ints(tensor);
        for (int i = 0; i < count; i++) {
          long value = integer(block);
          ints[from + i] = (int) value;
          if (ints[from + i] != value || this == U64 && value < 0) {
            throw new IllegalArgumentException("its element " + Arrays.toString(tensor.shape().index(from + i)) + " is "
                + (this == U64 ? Long.toUnsignedString(value) : value) + ", which does not fit INT32");
          }
        }
      }
    }
  }

  private long integer(ByteBuffer block) {
    return switch (this) {
      case I64, U64 -> block.getLong();
      case U32 -> Integer.toUnsignedLong(block.getInt());
      case I16 -> block.getShort();
      case U16 -> Short.toUnsignedInt(block.getShort());
      case I8 -> block.get();
      default -> Byte.toUnsignedInt(block.get());
    };
  }

  // ---- writing ------------------------------------------------------------------------------------------------------

  /// Writes the elements in row-major order, little-endian.
  static void write(WritableByteChannel channel, Tensor tensor) throws IOException {
    Tensor row = tensor.contiguous();
    int bytes = row.dtype().bytes();
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

  static void writeFully(WritableByteChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
