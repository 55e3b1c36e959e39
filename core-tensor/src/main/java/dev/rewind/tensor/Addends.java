package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.reduction.ColumnSums;
import dev.rewind.tensor.kernel.reduction.DoubleReductions;
import dev.rewind.tensor.kernel.reduction.ReductionKernels;

/// The elements of lines, of either floating dtype, as sums see them.
abstract sealed class Addends {
  /// The step from one element of a line to the next.
  final int stride;

  private Addends(int stride) {
    this.stride = stride;
  }

  /// Of the array of a tensor; those of a line are `stride` apart.
  static Addends of(Tensor source, int stride) {
    return switch (source.storage()) {
      case Storage.Floats s -> new Floats(s.array, stride);
      case Storage.Doubles s -> new Doubles(s.array, stride);
      default -> throw new AssertionError(source.dtype());
    };
  }

  /// The sum of `n` elements of the line that begins at `start`.
  abstract double sum(int start, int n);

  /// The sum of their squared distances from a number.
  abstract double sumOfSquares(int start, int n, double centre);

  /// Adds the first `n` elements of lines side by side, the first of which begins at `start`.
  abstract void addTo(ColumnSums sums, int start, int n);

  /// Adds the squared distances from a number for each line.
  abstract void addSquaresTo(ColumnSums sums, int start, int n, double[] centres);

  private static final class Floats extends Addends {
    private final ReductionKernels reductions = Kernels.active().reductions();
    private final float[] x;

    Floats(float[] x, int stride) {
      super(stride);
      this.x = x;
    }

    @Override
    double sum(int start, int n) {
      return stride == 1 ? reductions.sum(x, start, n) : reductions.sum(x, start, stride, n);
    }

    @Override
    double sumOfSquares(int start, int n, double centre) {
      return stride == 1 ? reductions.sumOfSquares(x, start, n, centre)
          : reductions.sumOfSquares(x, start, stride, n, centre);
    }

    @Override
    void addTo(ColumnSums sums, int start, int n) {
      sums.add(x, start, stride, n);
    }

    @Override
    void addSquaresTo(ColumnSums sums, int start, int n, double[] centres) {
      sums.addSquares(x, start, stride, n, centres);
    }
  }

  private static final class Doubles extends Addends {
    private final double[] x;

    Doubles(double[] x, int stride) {
      super(stride);
      this.x = x;
    }

    @Override
    double sum(int start, int n) {
      return stride == 1 ? DoubleReductions.sum(x, start, n) : DoubleReductions.sum(x, start, stride, n);
    }

    @Override
    double sumOfSquares(int start, int n, double centre) {
      return stride == 1
          ? DoubleReductions.sumOfSquares(x, start, n, centre)
          : DoubleReductions.sumOfSquares(x, start, stride, n, centre);
    }

    @Override
    void addTo(ColumnSums sums, int start, int n) {
      sums.add(x, start, stride, n);
    }

    @Override
    void addSquaresTo(ColumnSums sums, int start, int n, double[] centres) {
      sums.addSquares(x, start, stride, n, centres);
    }
  }
}
