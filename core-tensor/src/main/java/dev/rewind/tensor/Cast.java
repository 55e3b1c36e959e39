package dev.rewind.tensor;

import dev.rewind.tensor.kernel.elementwise.BooleanLoops;
import dev.rewind.tensor.kernel.elementwise.DoubleLoops;
import dev.rewind.tensor.kernel.elementwise.FloatLoops;
import dev.rewind.tensor.kernel.elementwise.IntLoops;

/// Tensors of another dtype: floating to integer truncates as a Java cast does; true is 1, false 0, and what is not
/// zero is true.
final class Cast {
  private static final int BLOCK = 512;

  private Cast() {}

  /// A new contiguous tensor.
  static Tensor convert(Tensor x, DType dtype) {
    Tensor y = Tensor.zeros(dtype, x.shape());
    Rows rows = Rows.of(y.layout(), x.layout());
    int xs = rows.stride(1);
    rows.run((at, n) -> convert(x.storage(), at[1], xs, y.storage(), at[0], n));
    return y;
  }

  /// Elements that are not adjacent are first copied, in blocks.
  private static void convert(Storage x, int xo, int xs, Storage y, int yo, int n) {
    if (xs == 1) {
      convert(x, xo, y, yo, n);
      return;
    }
    Storage block = Storage.allocate(x.dtype(), Math.min(BLOCK, n));
    for (int from = 0; from < n; from += BLOCK) {
      int m = Math.min(BLOCK, n - from);
      copy(x, xo + from * xs, xs, block, m);
      convert(block, 0, y, yo + from, m);
    }
  }

  private static void copy(Storage x, int xo, int xs, Storage block, int n) {
    switch (x) {
      case Storage.Floats in -> FloatLoops.copy(in.array, xo, xs, ((Storage.Floats) block).array, 0, 1, n);
      case Storage.Doubles in -> DoubleLoops.copy(in.array, xo, xs, ((Storage.Doubles) block).array, 0, 1, n);
      case Storage.Ints in -> IntLoops.copy(in.array, xo, xs, ((Storage.Ints) block).array, 0, 1, n);
      case Storage.Booleans in -> BooleanLoops.copy(in.array, xo, xs, ((Storage.Booleans) block).array, 0, 1, n);
    }
  }

  private static void convert(Storage x, int xo, Storage y, int yo, int n) {
    switch (y) {
      case Storage.Floats out when x instanceof Storage.Booleans in -> {
        for (int i = 0; i < n; i++) {
          int one = in.array[xo + i] ? 1 : 0; // as an int: the compiler knows it without a jump
          out.array[yo + i] = one;
        }
      }
      case Storage.Ints out when x instanceof Storage.Booleans in -> {
        for (int i = 0; i < n; i++) {
          out.array[yo + i] = in.array[xo + i] ? 1 : 0;
        }
      }
      case Storage.Doubles out when x instanceof Storage.Floats in -> {
        for (int i = 0; i < n; i++) {
          out.array[yo + i] = in.array[xo + i];
        }
      }
      case Storage.Floats out when x instanceof Storage.Doubles in -> {
        for (int i = 0; i < n; i++) {
          out.array[yo + i] = (float) in.array[xo + i];
        }
      }
      default -> {
        for (int i = 0; i < n; i++) {
          y.set(yo + i, x.number(xo + i));
        }
      }
    }
  }
}
