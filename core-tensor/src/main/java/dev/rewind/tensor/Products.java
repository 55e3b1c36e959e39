package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.product.DoubleMatrices;
import dev.rewind.tensor.kernel.product.FloatMatrices;
import dev.rewind.tensor.kernel.product.MatrixKernels;
import dev.rewind.tensor.kernel.thread.ThreadPool;
import java.util.Arrays;

/// Matrix products: vectors as matrices, leading axes, and what runs in parallel. The kernels take any strides, so
/// views are not copied.
final class Products {
  /// Multiply-adds above which a product is worth the threads of its own kernel.
  private static final long LARGE = 1 << 21;
  private static final long PER_TASK = 1 << 17;

  private Products() {}

  static Tensor matmul(Tensor a, Tensor b) {
    Elementwise.requireFloating("matmul", a);
    Elementwise.requireSameDType("matmul", a, b);
    if (a.rank() == 0 || b.rank() == 0) {
      throw new ShapeException("matmul: a scalar is no matrix: " + a.shape() + " by " + b.shape() + "; see times(..)");
    }
    Tensor left = a.rank() == 1 ? a.unsqueeze(0) : a;
    Tensor right = b.rank() == 1 ? b.unsqueeze(1) : b;
    if (left.size(-1) != right.size(-2)) {
      throw new ShapeException("matmul: inner sizes differ: " + a.shape() + " by " + b.shape());
    }
    Tensor product = right.rank() == 2 ? collapsed(left, right) : batched(left, right, leading(a, left, b, right));
    // The axis that a vector was given goes again: the last one first, so that the other keeps its place.
    Tensor rows = b.rank() == 1 ? product.squeeze(-1) : product;
    return a.rank() == 1 ? rows.squeeze(b.rank() == 1 ? -1 : -2) : rows;
  }

  static Tensor dot(Tensor a, Tensor b) {
    if (a.rank() != 1 || !a.shape().equals(b.shape())) {
      throw new ShapeException("dot: wants two vectors of one length: " + a.shape() + " with " + b.shape());
    }
    Elementwise.requireFloating("dot", a);
    Elementwise.requireSameDType("dot", a, b);
    return matmul(a, b);
  }

  static Tensor outer(Tensor a, Tensor b) {
    if (a.rank() != 1 || b.rank() != 1) {
      throw new ShapeException("outer: wants two vectors: " + a.shape() + " with " + b.shape());
    }
    Elementwise.requireSameDType("outer", a, b);
    Elementwise.requireNumbers("outer", a);
    Shape.of("outer", a.elements(), b.elements());
    return a.unsqueeze(1).times(b.unsqueeze(0));
  }

  /// `[.., n, k] by [k, m]` is one product of `[.. * n, k] by [k, m]`: the right operand is read once. A left operand
  /// whose rows are not of equal step is copied, which costs little beside the product.
  private static Tensor collapsed(Tensor left, Tensor right) {
    int[] sizes = left.shape().sizes();
    int k = sizes[sizes.length - 1];
    sizes[sizes.length - 1] = right.size(1);
    Shape shape = Shape.of("matmul", sizes);
    Tensor y = k > 0 ? RawAccess.ResultMemory.result(left.dtype(), shape) : Tensor.zeros(left.dtype(), shape);
    if (shape.elements() > 0 && k > 0) {
      Tensor rows = left.reshape(shape.elements() / right.size(1), k);
      new Multiplication(rows, right, y).run(rows.offset(), right.offset(), 0, false);
    }
    return y;
  }

  /// `y += a b` for matrices `[n, k]` by `[k, m]`; every element is one chain that begins with what `y` holds.
  static void accumulate(Tensor a, Tensor b, Tensor y) {
    requireFit(a, b, y);
    boolean inPlace = y.stride(1) == 1 || y.size(1) == 1;
    Tensor sum = inPlace ? y : y.copy();
    if (y.elements() > 0 && a.size(1) > 0) {
      new Multiplication(a, b, sum).run(a.offset(), b.offset(), sum.offset(), true);
    }
    if (!inPlace) {
      Elementwise.copy(sum, y);
    }
  }

  private static void requireFit(Tensor a, Tensor b, Tensor y) {
    Elementwise.requireFloating("matmul", a);
    Elementwise.requireSameDType("matmul", a, b);
    Elementwise.requireSameDType("matmul", a, y);
    if (a.rank() != 2 || b.rank() != 2 || y.rank() != 2
        || a.size(1) != b.size(0) || y.size(0) != a.size(0) || y.size(1) != b.size(1)) {
      throw new ShapeException("matmul: " + a.shape() + " by " + b.shape() + " does not add up to " + y.shape());
    }
  }

  private static Shape leading(Tensor a, Tensor left, Tensor b, Tensor right) {
    try {
      return leading(left).broadcast("matmul", leading(right));
    } catch (ShapeException _) {
      throw new ShapeException("matmul: leading axes do not broadcast: " + a.shape() + " by " + b.shape());
    }
  }

  private static Shape leading(Tensor x) {
    return Shape.of(Arrays.copyOf(x.shape().sizes(), x.rank() - 2));
  }

  private static Tensor batched(Tensor left, Tensor right, Shape leading) {
    int n = left.size(-2);
    int k = left.size(-1);
    int m = right.size(-1);
    Tensor a = left.expand(with(leading, n, k));
    Tensor b = right.expand(with(leading, k, m));
    Shape shape = with(leading, n, m);
    if (shape.elements() == 0 || k == 0) {
      return Tensor.zeros(left.dtype(), shape);
    }
    Tensor y = RawAccess.ResultMemory.result(left.dtype(), shape);
    Multiplication one = new Multiplication(a, b, y);
    ThreadPool.Range products = (from, to) -> {
      for (int i = from; i < to; i++) {
        one.run(start(a, i), start(b, i), i * n * m, false);
      }
    };
    int count = leading.elements();
    long work = (long) n * m * k;
    if (work >= LARGE || count * work < 2 * PER_TASK) {
      products.run(0, count);
    } else {
      ThreadPool.forRanges(count, (int) Math.max(1, PER_TASK / work), products);
    }
    return y;
  }

  private static Shape with(Shape leading, int rows, int columns) {
    int[] sizes = Arrays.copyOf(leading.sizes(), leading.rank() + 2);
    sizes[leading.rank()] = rows;
    sizes[leading.rank() + 1] = columns;
    return Shape.of("matmul", sizes);
  }

  /// Where matrix `i`, counted in row-major order over the leading axes, begins.
  private static int start(Tensor x, int i) {
    return x.layout().position(i, x.rank() - 2);
  }

  /// A product of the last two axes of `a` and `b`, written or added to those of `y`, whose last axis has unit stride.
  private record Multiplication(Tensor a, Tensor b, Tensor y) {
    void run(int ao, int bo, int yo, boolean accumulate) {
      int n = a.size(-2);
      int k = a.size(-1);
      int m = b.size(-1);
      switch (y.storage().array()) {
        case float[] out -> {
          MatrixKernels kernels = Kernels.active().matrices();
          FloatMatrices.multiply(kernels, n, m, k,
              a.floats(), ao, a.stride(-2), a.stride(-1), b.floats(), bo, b.stride(-2), b.stride(-1),
              out, yo, y.stride(-2), accumulate);
        }
        case double[] out -> DoubleMatrices.multiply(n, m, k,
            a.doubles(), ao, a.stride(-2), a.stride(-1), b.doubles(), bo, b.stride(-2), b.stride(-1),
            out, yo, y.stride(-2), accumulate);
        default -> throw new AssertionError(y.dtype());
      }
    }
  }
}
