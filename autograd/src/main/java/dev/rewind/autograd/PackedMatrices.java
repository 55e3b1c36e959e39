package dev.rewind.autograd;

import dev.rewind.tensor.Accumulator;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.PackedMatrix;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import java.util.LinkedHashMap;

/// The products of a tape, and the right operands that it has packed for them: a matrix that comes a second time, such
/// as a weight in a recurrence, is laid out once for all products to come. A matrix that was changed since is another
/// one. Results have the same bits either way.
final class PackedMatrices {
  /// Rows of the left operand up to which the kernels read the right one in place.
  private static final int SKINNY = 4;
  /// Matrices that are remembered.
  private static final int MOST = 64;

  private record Size(int k, int n) {}

  private record Packed(Size size, PackedMatrix matrix) {}

  private static final Workspace.Kind<Size, PackedMatrix> KIND = Workspace.Kind
      .of(size -> PackedMatrix.ofSize(size.k, size.n));

  private final Workspace workspace;
  private final LinkedHashMap<Integer, Packed> seen = new LinkedHashMap<>(MOST, 1, true); // by mark; null at first

  PackedMatrices(Workspace workspace) {
    this.workspace = workspace;
  }

  /// `a b`.
  Tensor matmul(Tensor a, Tensor b) {
    PackedMatrix right = a.rank() == 2 ? find(a.size(0), b) : null;
    return right == null ? a.matmul(b) : a.matmul(right);
  }

  /// `sum += a b`, for matrices.
  void addMatmul(Accumulator sum, Tensor a, Tensor b) {
    PackedMatrix right = find(a.size(0), b);
    if (right == null) {
      sum.addMatmul(a, b);
    } else {
      sum.addMatmul(a, right);
    }
  }

  /// The matrix packed, or null if that would not pay.
  ///
  /// @param rows of the left operand
  private PackedMatrix find(int rows, Tensor b) {
    if (rows <= SKINNY || b.rank() != 2 || b.dtype() != DType.FLOAT32) {
      return null;
    }
    int mark = mark(b);
    if (!seen.containsKey(mark)) {
      seen.put(mark, null);
      if (seen.size() > MOST) {
        giveBack(seen.pollFirstEntry().getValue());
      }
      return null;
    }
    Packed known = seen.get(mark);
    if (known == null || !known.matrix.isOf(b)) {
      giveBack(known);
      Size size = new Size(b.size(0), b.size(1));
      known = new Packed(size, workspace.borrow(KIND, size).pack(b));
      seen.put(mark, known);
    }
    return known.matrix;
  }

  private void giveBack(Packed packed) {
    if (packed != null) {
      workspace.giveBack(KIND, packed.size, packed.matrix);
    }
  }

  /// Forgets all, and gives buffers back.
  void clear() {
    seen.values().forEach(this::giveBack);
    seen.clear();
  }

  /// Tells matrices apart, but for accidents, which cost time alone: no reference, lest it keeps them alive.
  private static int mark(Tensor b) {
    int hash = System.identityHashCode(RawAccess.floats(b));
    hash = 31 * hash + RawAccess.offset(b);
    hash = 31 * hash + RawAccess.stride(b, 0);
    hash = 31 * hash + RawAccess.stride(b, 1);
    return 31 * hash + b.version();
  }
}
