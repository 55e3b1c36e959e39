package dev.rewind.autograd;

import dev.rewind.tensor.Accumulator;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.PackedMatrix;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;

/// The products of a tape, and the right operands that it has packed for them: a matrix that comes a second time, such
/// as a weight in a recurrence, is laid out once for all products to come. A matrix that was changed since is another
/// one. Results have the same bits either way.
final class PackedMatrices {
  /// Rows of the left operand up to which the kernels read the right one in place.
  private static final int SKINNY = 4;
  private static final int PLACES = 64;

  private record Size(int k, int n) {}

  private static final Workspace.Kind<Size, PackedMatrix> KIND = Workspace.Kind
      .of(size -> PackedMatrix.ofSize(size.k, size.n));

  private final Workspace workspace;
  private final int[] marks = new int[PLACES]; // of the matrices seen last, 0 for none
  private final PackedMatrix[] packed = new PackedMatrix[PLACES]; // null where a matrix came only once
  private final Size[] sizes = new Size[PLACES];
  private int next;

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
    for (int i = 0; i < PLACES; i++) {
      if (marks[i] == mark) {
        if (packed[i] == null || !packed[i].isOf(b)) {
          empty(i);
          sizes[i] = new Size(b.size(0), b.size(1));
          packed[i] = workspace.borrow(KIND, sizes[i]).pack(b);
        }
        return packed[i];
      }
    }
    empty(next);
    marks[next] = mark;
    next = (next + 1) % PLACES;
    return null;
  }

  private void empty(int place) {
    if (packed[place] != null) {
      workspace.giveBack(KIND, sizes[place], packed[place]);
      packed[place] = null;
    }
  }

  /// Forgets all, and gives buffers back.
  void clear() {
    Arrays.fill(marks, 0);
    for (int place = 0; place < PLACES; place++) {
      empty(place);
    }
  }

  /// Tells matrices apart, but for accidents, which cost time alone: no reference, lest it keeps them alive.
  private static int mark(Tensor b) {
    int hash = System.identityHashCode(RawAccess.floats(b));
    hash = 31 * hash + RawAccess.offset(b);
    hash = 31 * hash + RawAccess.stride(b, 0);
    hash = 31 * hash + RawAccess.stride(b, 1);
    hash = 31 * hash + b.version();
    return hash == 0 ? 1 : hash;
  }
}
