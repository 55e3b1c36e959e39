package dev.rewind.tensor;

import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.product.FloatMatrices;
import dev.rewind.tensor.kernel.product.MatrixKernels;
import dev.rewind.tensor.kernel.product.PackedPanels;
import java.lang.ref.WeakReference;

/// A FLOAT32 matrix `[k, n]` laid out in the order in which a product reads its right operand: laid out once, it serves
/// many products, each with the bits of [Tensor#matmul(Tensor)]. It holds a copy, and remembers of what. Several
/// threads may multiply by it at once, but not while it is packed again.
///
/// ```java
/// PackedMatrix weight = PackedMatrix.of(matrix);
/// Tensor next = state.matmul(weight).tanh();
/// ```
public final class PackedMatrix {
  private final MatrixKernels kernels = Kernels.active().matrices();
  private final PackedPanels packed;
  private WeakReference<Storage> storage = new WeakReference<>(null);
  private Layout layout;
  private int version;
  private volatile RowFusion user; // whose deferred operations may read this, or null

  private PackedMatrix(int k, int n) {
    this.packed = kernels.allocate(k, n);
  }

  /// Room for a matrix `[k, n]`, to be filled by [#pack]; until then it is one of zeros.
  ///
  /// @throws IllegalArgumentException if a size is negative, or the matrix does not fit one array when laid out
  public static PackedMatrix ofSize(int k, int n) {
    return new PackedMatrix(k, n);
  }

  /// A matrix laid out: a copy, whose columns are filled up with zeros to the width that the kernels read at once.
  ///
  /// @throws ShapeException if it is not a matrix
  /// @throws DTypeException if it is not FLOAT32
  public static PackedMatrix of(Tensor matrix) {
    requireMatrix("PackedMatrix.of", matrix);
    return new PackedMatrix(matrix.size(0), matrix.size(1)).pack(matrix);
  }

  /// Lays out another matrix of the same shape in place of the one before, in the same memory; returns this.
  ///
  /// @throws ShapeException if it has another shape
  /// @throws DTypeException if it is not FLOAT32
  public PackedMatrix pack(Tensor matrix) {
    requireMatrix("pack", matrix);
    if (matrix.size(0) != packed.k() || matrix.size(1) != packed.n()) {
      throw new ShapeException(
          "pack: there is room for [" + packed.k() + ", " + packed.n() + "], not " + matrix.shape());
    }
    if (user != null) {
      user.run();
    }
    FloatMatrices.pack(kernels, packed, matrix.floats(), matrix.offset(), matrix.stride(0), matrix.stride(1));
    storage = new WeakReference<>(matrix.rawStorage());
    layout = matrix.layout();
    version = matrix.version();
    return this;
  }

  /// Deferred operations of that program may read this.
  void isUsedBy(RowFusion program) {
    user = program;
  }

  /// Some rows of a deferred product.
  void multiply(RowInstruction.Operand a, RowInstruction.Operand y, int from, int to, boolean accumulate) {
    multiply(to - from, a.array(), a.offset() + from * a.pitch(), a.pitch(), a.step(),
        y.array(), y.offset() + from * y.pitch(), y.pitch(), accumulate);
  }

  /// `m` rows of a product in arrays, by the calling thread.
  void multiply(int m, float[] a, int ao, int ars, int acs, float[] y, int yo, int yrs, boolean accumulate) {
    kernels.multiply(a, ao, ars, acs, packed, 0, packed.panels(), y, yo, yrs, m, accumulate);
  }

  /// Whether this is the layout of that very matrix, or of the same view of its array, unchanged since: compares
  /// versions, not elements.
  public boolean isOf(Tensor matrix) {
    return storage.refersTo(matrix.rawStorage()) && version == matrix.version() && layout.sameAs(matrix.layout());
  }

  /// `[.., k]` by this, `[.., n]`.
  Tensor multiply(Tensor left) {
    requireLeft(left);
    int[] sizes = left.shape().sizes();
    sizes[sizes.length - 1] = packed.n();
    Shape shape = Shape.of("matmul", sizes);
    Tensor y = RawAccess.ResultMemory.result(left.dtype(), shape);
    if (y.elements() > 0) {
      int rows = y.elements() / packed.n();
      add(left.reshape(rows, packed.k()), y.reshape(rows, packed.n()), false);
    }
    return y;
  }

  /// `y += left * this`, for matrices; every element is one chain that begins with what `y` holds, or with 0 if it is
  /// to be overwritten.
  void accumulate(Tensor left, Tensor y, boolean overwrites) {
    requireLeft(left);
    if (left.rank() != 2 || y.rank() != 2 || y.size(0) != left.size(0) || y.size(1) != packed.n()) {
      throw new ShapeException("matmul: " + left.shape() + " by " + this + " does not add up to " + y.shape());
    }
    if (y.stride(1) == 1 || y.size(1) == 1) {
      add(left, y, !overwrites);
    } else {
      Tensor sum = y.copy();
      add(left, sum, !overwrites);
      Elementwise.copy(sum, y);
    }
  }

  private void add(Tensor rows, Tensor y, boolean accumulate) {
    if (RowFusion.defers(this, accumulate, rows, rows, y)) {
      return;
    }
    FloatMatrices.multiply(kernels, rows.size(0), rows.floats(), rows.offset(), rows.stride(0), rows.stride(1),
        packed, y.floats(), y.offset(), y.stride(0), accumulate);
  }

  private void requireLeft(Tensor left) {
    if (left.dtype() != DType.FLOAT32) {
      throw new DTypeException("matmul: dtypes differ: " + left.dtype() + " with FLOAT32, laid out");
    }
    if (left.rank() == 0 || left.size(-1) != packed.k()) {
      throw new ShapeException("matmul: inner sizes differ: " + left.shape() + " by " + this);
    }
  }

  private static void requireMatrix(String operation, Tensor matrix) {
    if (matrix.dtype() != DType.FLOAT32) {
      throw new DTypeException(operation + ": wants FLOAT32, not " + matrix.dtype());
    }
    if (matrix.rank() != 2) {
      throw new ShapeException(operation + ": wants a matrix, not " + matrix.shape());
    }
  }

  /// The shape, `[k, n]`.
  @Override
  public String toString() {
    return "[" + packed.k() + ", " + packed.n() + "]";
  }
}
