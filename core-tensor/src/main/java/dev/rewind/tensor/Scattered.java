package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.MapKernels;

/// Loops over elements at listed positions of an array: the part of [Indexing] that depends on dtypes.
final class Scattered {
  private Scattered() {}

  /// `y[yo + i] = x[xo + at[from + i]]` for `i` in `[0, n)`; both have one dtype.
  static void take(Storage x, int xo, int[] at, int from, Storage y, int yo, int n) {
    switch (x) {
      case Storage.Floats in -> {
        float[] out = ((Storage.Floats) y).array;
        for (int i = 0; i < n; i++) {
          out[yo + i] = in.array[xo + at[from + i]];
        }
      }
      case Storage.Doubles in -> {
        double[] out = ((Storage.Doubles) y).array;
        for (int i = 0; i < n; i++) {
          out[yo + i] = in.array[xo + at[from + i]];
        }
      }
      case Storage.Ints in -> {
        int[] out = ((Storage.Ints) y).array;
        for (int i = 0; i < n; i++) {
          out[yo + i] = in.array[xo + at[from + i]];
        }
      }
      case Storage.Booleans in -> {
        boolean[] out = ((Storage.Booleans) y).array;
        for (int i = 0; i < n; i++) {
          out[yo + i] = in.array[xo + at[from + i]];
        }
      }
    }
  }

  /// `y[yo + at[i]] += x[xo + i]` for `i` in `[0, at.length)`, in this order; both have one dtype.
  static void add(Storage x, int xo, int[] at, Storage y, int yo) {
    switch (x) {
      case Storage.Floats in -> {
        float[] out = ((Storage.Floats) y).array;
        for (int i = 0; i < at.length; i++) {
          out[yo + at[i]] += in.array[xo + i];
        }
      }
      case Storage.Doubles in -> {
        double[] out = ((Storage.Doubles) y).array;
        for (int i = 0; i < at.length; i++) {
          out[yo + at[i]] += in.array[xo + i];
        }
      }
      case Storage.Ints in -> {
        int[] out = ((Storage.Ints) y).array;
        for (int i = 0; i < at.length; i++) {
          out[yo + at[i]] += in.array[xo + i];
        }
      }
      case Storage.Booleans in -> throw new AssertionError();
    }
  }

  /// `y[yo + at[p] + i] += x[xo + p * n + i]` for `i` in `[0, n)`, one `p` after the other; both have one dtype.
  static void addRows(Storage x, int xo, int n, int[] at, Storage y, int yo) {
    MapKernels maps = Kernels.active().maps();
    for (int p = 0; p < at.length; p++) {
      int from = xo + p * n;
      int to = yo + at[p];
      switch (x) {
        case Storage.Floats in -> {
          float[] out = ((Storage.Floats) y).array;
          maps.binary(Binary.PLUS, out, to, in.array, from, out, to, n);
        }
        case Storage.Doubles in -> {
          double[] out = ((Storage.Doubles) y).array;
          maps.binary(Binary.PLUS, out, to, in.array, from, out, to, n);
        }
        case Storage.Ints in -> {
          int[] out = ((Storage.Ints) y).array;
          for (int i = 0; i < n; i++) {
            out[to + i] += in.array[from + i];
          }
        }
        case Storage.Booleans in -> throw new AssertionError();
      }
    }
  }

}
