package dev.rewind.tensor;

import dev.rewind.tensor.kernel.DoubleFolds;
import dev.rewind.tensor.kernel.FloatLoops;
import dev.rewind.tensor.kernel.FoldKernels;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.MapKernels;
import dev.rewind.tensor.kernel.Unary;

/// Sums of squares, as variances and norms need them. Floats along an axis are squared in blocks that stay in the cache;
/// everything else is composed of operations on whole tensors, with the same bits.
final class Moments {
  private Moments() {}

  /// The mean squared distance from the mean; the axes stay with size 1.
  static Tensor variance(Tensor x, int... axes) {
    Elementwise.requireFloating("variance", x);
    Tensor mean = x.meanKeeping(axes);
    Tensor sum = sumOfSquares("variance", x, mean, axes);
    return sum.divide(Reductions.count(x.shape(), axes));
  }

  /// The square root of the sum of squares; the axes stay with size 1.
  static Tensor norm(Tensor x, int... axes) {
    Elementwise.requireFloating("norm", x);
    return sumOfSquares("norm", x, Tensor.zeros(x.dtype()), axes).sqrt();
  }

  /// The sum of squares of all elements.
  static double sumOfSquares(Tensor x) {
    Tensor row = x.contiguous();
    return switch (row.storage()) {
      case Storage.Floats in -> Kernels.active().folds()
          .sumOfProducts(in.array, row.offset(), in.array, row.offset(), row.elements());
      case Storage.Doubles in -> DoubleFolds
          .sumOfProducts(in.array, row.offset(), in.array, row.offset(), row.elements());
      default -> throw new DTypeException("sumOfSquares: wants FLOAT32 or FLOAT64, not " + x.dtype());
    };
  }

  /// The sum of squared distances from `centre`, a number or one for each element of the result.
  private static Tensor sumOfSquares(String operation, Tensor x, Tensor centre, int... axes) {
    boolean[] reduced = Reductions.reduced(operation, x.shape(), axes);
    Lines lines = Lines.of(x, reduced);
    if (lines.areColumns() || !(lines.source().storage() instanceof Storage.Floats in)) {
      Tensor distances = x.minus(centre);
      return Elementwise.unary(Unary.SQUARE, distances, distances).sumKeeping(axes);
    }
    Tensor y = Tensor.zeros(x.dtype(), Reductions.keptShape(x.shape(), reduced));
    float[] centres = centre.floatArray();
    int step = centre.elements() == 1 ? 0 : 1;
    float[] out = y.floatArray();
    int n = lines.length();
    int stride = lines.stride();
    if (Reductions.areLong(lines)) {
      Reductions.forEachLine(lines, (output, start) -> out[output] = (float) Reductions.inChunks(n, (from, m) ->
          new Line(in.array, stride).sumOfSquares(start + from * stride, m, centres[output * step])));
    } else {
      lines.run((output, start, count) -> {
        Line line = new Line(in.array, stride);
        for (int i = 0; i < count; i++) {
          out[output + i] = (float) line.sumOfSquares(start + i * lines.step(), n, centres[(output + i) * step]);
        }
      });
    }
    return y;
  }

  /// Lines of an array that one thread works on.
  private static final class Line {
    private final MapKernels maps = Kernels.active().maps();
    private final FoldKernels folds = Kernels.active().folds();
    private final float[] x;
    private final int stride;
    private float[] block = {};

    Line(float[] x, int stride) {
      this.x = x;
      this.stride = stride;
    }

    double sumOfSquares(int xo, int n, float centre) {
      if (stride == 1 && centre == 0) {
        return folds.sumOfProducts(x, xo, x, xo, n);
      }
      if (block.length == 0) {
        block = new float[Math.min(FoldKernels.CHUNK, n)]; // all lines are of one length
      }
      double total = 0;
      for (int from = 0; from < n; from += FoldKernels.CHUNK) {
        int m = Math.min(FoldKernels.CHUNK, n - from);
        FloatLoops.copy(x, xo + from * stride, stride, block, 0, 1, m);
        maps.affine(block, 0, 1, -centre, block, 0, m);
        total += folds.sumOfProducts(block, 0, block, 0, m);
      }
      return total;
    }
  }
}
