package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.RightOperand;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The right operands of a tape's products: a matrix that comes a second time, such as a weight in a recurrence, is laid out
/// once for all products to come. A matrix that was changed since is another one. Results have the same bits either way.
final class RightOperands {
  /// Rows of the left operand up to which the kernels read the right one in place.
  private static final int THIN = 4;
  private static final int PLACES = 64;

  private final Workspace workspace;
  private final int[] marks = new int[PLACES]; // of the matrices seen last, 0 for none
  private final RightOperand[] packed = new RightOperand[PLACES]; // null where a matrix came only once
  private final List<Loan> loans = new ArrayList<>();
  private int next;

  RightOperands(Workspace workspace) {
    this.workspace = workspace;
  }

  private record Key(int k, int n) {}

  private record Loan(Key key, RightOperand buffer) {}

  /// The matrix laid out, or null if that would not pay.
  ///
  /// @param rows of the left operand
  RightOperand find(int rows, Tensor b) {
    if (rows <= THIN || b.rank() != 2 || b.dtype() != DType.FLOAT32) {
      return null;
    }
    int mark = mark(b);
    for (int i = 0; i < PLACES; i++) {
      if (marks[i] == mark) {
        if (packed[i] == null || !packed[i].isOf(b)) {
          packed[i] = pack(b);
        }
        return packed[i];
      }
    }
    marks[next] = mark;
    packed[next] = null;
    next = (next + 1) % PLACES;
    return null;
  }

  private RightOperand pack(Tensor b) {
    Key key = new Key(b.size(0), b.size(1));
    RightOperand buffer = workspace.borrow(key, RightOperand.class, () -> RightOperand.ofSize(key.k, key.n));
    loans.add(new Loan(key, buffer));
    return buffer.pack(b);
  }

  /// Forgets all, and gives buffers back.
  void clear() {
    Arrays.fill(marks, 0);
    Arrays.fill(packed, null);
    loans.forEach(loan -> workspace.giveBack(loan.key, RightOperand.class, loan.buffer));
    loans.clear();
  }

  /// Tells matrices apart, but for accidents, which cost time alone: no reference, lest it keeps them alive.
  private static int mark(Tensor b) {
    int hash = System.identityHashCode(b.floatArray());
    hash = 31 * hash + b.offset();
    hash = 31 * hash + b.stride(0);
    hash = 31 * hash + b.stride(1);
    hash = 31 * hash + b.version();
    return hash == 0 ? 1 : hash;
  }
}
