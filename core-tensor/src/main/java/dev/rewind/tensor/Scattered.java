package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.MapKernels;

/// Loops over elements that lie at listed positions of an array: the only ones of [Indexing] that know the dtypes.
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
    switch (x) {
      case Storage.Floats in -> {
        MapKernels maps = Kernels.active().maps();
        float[] out = ((Storage.Floats) y).array;
        for (int p = 0; p < at.length; p++) {
          maps.binary(Binary.PLUS, out, yo + at[p], in.array, xo + p * n, out, yo + at[p], n);
        }
      }
      case Storage.Doubles in -> {
        MapKernels maps = Kernels.active().maps();
        double[] out = ((Storage.Doubles) y).array;
        for (int p = 0; p < at.length; p++) {
          maps.binary(Binary.PLUS, out, yo + at[p], in.array, xo + p * n, out, yo + at[p], n);
        }
      }
      case Storage.Ints in -> {
        int[] from = in.array;
        int[] out = ((Storage.Ints) y).array;
        for (int p = 0; p < at.length; p++) {
          addRow(from, xo + p * n, out, yo + at[p], n);
        }
      }
      case Storage.Booleans in -> throw new AssertionError();
    }
  }

  private static void addRow(int[] x, int xo, int[] y, int yo, int n) {
    for (int i = 0; i < n; i++) {
      y[yo + i] += x[xo + i];
    }
  }
}
