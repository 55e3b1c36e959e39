package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.reduction.ColumnSums;
import dev.rewind.tensor.kernel.reduction.DoubleReductions;
import dev.rewind.tensor.kernel.reduction.ReductionKernels;

/// The elements of lines, of either floating dtype, as sums read them.
///
/// @param stride the step from one element of a line to the next
record Addends(Storage x, int stride, ReductionKernels reductions) {

  static Addends of(Tensor source, int stride) {
    return new Addends(source.storage(), stride, Kernels.active().reductions());
  }

  /// The sum of `n` elements of the line that begins at `start`.
  double sum(int start, int n) {
    if (x instanceof Storage.Floats s) {
      return stride == 1 ? reductions.sum(s.array, start, n) : reductions.sum(s.array, start, stride, n);
    }
    double[] doubles = doubles();
    return stride == 1 ? DoubleReductions.sum(doubles, start, n) : DoubleReductions.sum(doubles, start, stride, n);
  }

  /// The sum of their squared distances from a number.
  double sumOfSquares(int start, int n, double centre) {
    if (x instanceof Storage.Floats s) {
      return stride == 1 ? reductions.sumOfSquares(s.array, start, n, centre)
          : reductions.sumOfSquares(s.array, start, stride, n, centre);
    }
    return stride == 1 ? DoubleReductions.sumOfSquares(doubles(), start, n, centre)
        : DoubleReductions.sumOfSquares(doubles(), start, stride, n, centre);
  }

  /// Adds the first `n` elements of adjacent lines, the first of which begins at `start`.
  void addTo(ColumnSums sums, int start, int n) {
    if (x instanceof Storage.Floats s) {
      sums.add(s.array, start, stride, n);
    } else {
      sums.add(doubles(), start, stride, n);
    }
  }

  /// Adds their squared distances from a number for each line.
  void addSquaresTo(ColumnSums sums, int start, int n, double[] centres) {
    if (x instanceof Storage.Floats s) {
      sums.addSquares(s.array, start, stride, n, centres);
    } else {
      sums.addSquares(doubles(), start, stride, n, centres);
    }
  }

  private double[] doubles() {
    return ((Storage.Doubles) x).array;
  }
}
