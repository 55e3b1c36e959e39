package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.Unary;
import dev.rewind.tensor.kernel.reduction.ReductionKernels;
import dev.rewind.tensor.kernel.reduction.SoftmaxKernels;
import java.util.function.Supplier;

/// Softmax, its logarithm and their gradients. Floats along the last axis are worked on row by row, while a row is in
/// the cache; everything else is composed of operations on whole tensors, with the same bits, in the memory of the
/// result.
final class Softmax {
  private Softmax() {}

  static Tensor softmax(Tensor x, int axis) {
    boolean rows = areFloatRows("softmax", x, axis);
    if (x.elements() == 0) {
      return x.copy();
    }
    if (!rows) {
      Tensor shifted = x.minus(x.maxKeepDims(axis));
      Tensor exponentials = Elementwise.unary(Unary.EXP, shifted, shifted);
      return exponentials.divideInPlace(exponentials.sumKeepDims(axis));
    }
    SoftmaxKernels kernels = Kernels.active().softmax();
    float[] in = x.floats();
    int stride = x.stride(-1);
    return rows(x, (xo, y, yo, n, block) -> kernels.softmax(in, xo, stride, y, yo, n, block));
  }

  static Tensor logSoftmax(Tensor x, int axis) {
    boolean rows = areFloatRows("logSoftmax", x, axis);
    if (x.elements() == 0) {
      return x.copy();
    }
    if (!rows) {
      Tensor shifted = x.minus(x.maxKeepDims(axis));
      return shifted.minusInPlace(shifted.logSumExpKeepDims(axis));
    }
    SoftmaxKernels kernels = Kernels.active().softmax();
    float[] in = x.floats();
    int stride = x.stride(-1);
    return rows(x, (xo, y, yo, n, block) -> kernels.logSoftmax(in, xo, stride, y, yo, n, block));
  }

  static Tensor softmaxBackward(Tensor g, Tensor y, int axis) {
    requireSame("softmaxBackward", g, y);
    if (!areFloatRows("softmaxBackward", g, axis)) {
      Tensor products = g.times(y);
      Tensor sums = products.sumKeepDims(axis).expand(g.shape());
      return Elementwise.binary(Binary.MINUS, g, sums, products).timesInPlace(y);
    }
    SoftmaxKernels kernels = Kernels.active().softmax();
    Tensor gradient = g.contiguous();
    Tensor value = y.contiguous();
    float[] from = gradient.floats();
    float[] values = value.floats();
    int start = value.offset();
    return rows(gradient, (go, dx, at, n, block) -> kernels.softmaxBackward(from, go, values, start + at, dx, at, n));
  }

  static Tensor logSoftmaxBackward(Tensor g, Tensor y, int axis) {
    requireSame("logSoftmaxBackward", g, y);
    if (!areFloatRows("logSoftmaxBackward", g, axis)) {
      Tensor shares = y.exp().timesInPlace(g.sumKeepDims(axis));
      return Elementwise.binary(Binary.MINUS, g, shares, shares);
    }
    SoftmaxKernels kernels = Kernels.active().softmax();
    Tensor gradient = g.contiguous();
    Tensor value = y.contiguous();
    float[] from = gradient.floats();
    float[] values = value.floats();
    int start = value.offset();
    return rows(gradient,
        (go, dx, at, n, block) -> kernels.logSoftmaxBackward(from, go, values, start + at, dx, at, n, block));
  }

  /// Writes `log(sum(exp(x)))` of each line to `y`.
  static void logSumExp(StridedIterator lines, float[] x, float[] y) {
    SoftmaxKernels kernels = Kernels.active().softmax();
    int n = lines.length();
    forEach(lines, (output, start, count) -> kernels.logSumExp(x, start, lines.stride(), n, count, y, output), () -> {
      float[] block = new float[Math.min(ReductionKernels.CHUNK, n)];
      return (output, start) -> y[output] = kernels.logSumExp(x, start, lines.stride(), n, block);
    });
  }

  /// As for floats.
  static void logSumExp(StridedIterator lines, double[] x, double[] y) {
    SoftmaxKernels kernels = Kernels.active().softmax();
    int n = lines.length();
    forEach(lines, (output, start, count) -> kernels.logSumExp(x, start, lines.stride(), n, count, y, output), () -> {
      double[] block = new double[Math.min(ReductionKernels.CHUNK, n)];
      return (output, start) -> y[output] = kernels.logSumExp(x, start, lines.stride(), n, block);
    });
  }

  private interface Line {
    /// Works on the line that begins at `start`.
    void at(int output, int start);
  }

  /// Adjacent lines together; others one by one, with buffers that `line` allocates once for several of them.
  private static void forEach(StridedIterator lines, StridedIterator.Body columns, Supplier<Line> line) {
    lines.run(lines.areColumns() ? columns : (output, start, count) -> {
      Line each = line.get();
      for (int i = 0; i < count; i++) {
        each.at(output + i, start + i * lines.step());
      }
    });
  }

  private interface Row {
    /// Works on the row of `x` that begins at `xo`; the result has its own at `y[yo ..]`, without gaps.
    void at(int xo, float[] y, int yo, int n, float[] block);
  }

  private static Tensor rows(Tensor x, Row row) {
    Tensor result = Tensor.zeros(DType.FLOAT32, x.shape());
    float[] y = result.floats();
    boolean[] last = new boolean[x.rank()];
    last[last.length - 1] = true;
    StridedIterator lines = StridedIterator.of(x, last);
    int n = lines.length();
    lines.run((output, start, count) -> {
      float[] block = new float[Math.min(ReductionKernels.CHUNK, n)];
      for (int i = 0; i < count; i++) {
        row.at(start + i * lines.step(), y, (output + i) * n, n, block);
      }
    });
    return result;
  }

  private static boolean areFloatRows(String operation, Tensor x, int axis) {
    Elementwise.requireFloating(operation, x);
    return x.shape().axis(operation, axis) == x.rank() - 1 && x.dtype() == DType.FLOAT32;
  }

  private static void requireSame(String operation, Tensor g, Tensor y) {
    Elementwise.requireSameDType(operation, g, y);
    if (!g.shape().equals(y.shape())) {
      throw new ShapeException(operation + ": gradient " + g.shape() + " with value " + y.shape());
    }
  }
}
