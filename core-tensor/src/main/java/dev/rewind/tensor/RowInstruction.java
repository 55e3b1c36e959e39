package dev.rewind.tensor;

import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.FloatLoops;
import dev.rewind.tensor.kernel.elementwise.MapKernels;
import dev.rewind.tensor.kernel.elementwise.Unary;
import dev.rewind.tensor.kernel.product.MatrixKernels;
import dev.rewind.tensor.kernel.product.PackedPanels;

/// An operation of a [RowFusion]: what it does to some rows.
sealed interface RowInstruction {
  /// Does the rows `[from, to)`.
  void run(int from, int to);

  /// The elements of a row of the result.
  int columns();

  /// Which function of one or two rows.
  record Kind(Unary unary, Binary binary, boolean accumulates) {
    static final Kind COPY = new Kind(null, null, false);

    static Kind of(Unary op) {
      return new Kind(op, null, false);
    }

    static Kind of(Binary op) {
      return new Kind(null, op, false);
    }

    static Kind accumulating(Binary op) {
      return new Kind(null, op, true);
    }

    /// Whether the kernels take operands that lie like this.
    boolean takes(RowOperand a, RowOperand b, RowOperand y) {
      boolean plain = y.step() == 1 && a.step() == 1 && b.step() == 1;
      boolean strided = a.columns() == y.columns() && b.columns() == y.columns() && y.step() != 0;
      return strided && (plain || (unary == null && !accumulates));
    }
  }

  /// `y = f(a)`, `y = f(a, b)` or `y += f(a, b)`, element by element.
  record Map(MapKernels maps, Kind kind, RowOperand a, RowOperand b, RowOperand y) implements RowInstruction {
    @Override
    public int columns() {
      return y.columns();
    }

    @Override
    public void run(int from, int to) {
      if (a.isGapless() && b.isGapless() && y.isGapless()) {
        row(from, (to - from) * y.columns());
      } else {
        for (int i = from; i < to; i++) {
          row(i, y.columns());
        }
      }
    }

    private void row(int i, int n) {
      int ao = a.offset() + i * a.pitch();
      int bo = b.offset() + i * b.pitch();
      int yo = y.offset() + i * y.pitch();
      if (kind.unary() != null) {
        maps.unary(kind.unary(), a.array(), ao, y.array(), yo, n);
      } else if (kind.binary() == null) {
        FloatLoops.copy(a.array(), ao, a.step(), y.array(), yo, y.step(), n);
      } else if (kind.accumulates()) {
        maps.accumulate(kind.binary(), a.array(), ao, b.array(), bo, y.array(), yo, n);
      } else {
        FloatLoops.binary(maps, kind.binary(), a.array(), ao, a.step(), b.array(), bo, b.step(), y.array(), yo,
            y.step(), n);
      }
    }
  }

  /// `y = a b` or `y += a b`.
  record Product(MatrixKernels kernels, RowOperand a, PackedPanels b, RowOperand y, boolean accumulates)
      implements
      RowInstruction {
    @Override
    public int columns() {
      return y.columns();
    }

    @Override
    public void run(int from, int to) {
      kernels.multiply(a.array(), a.offset() + from * a.pitch(), a.pitch(), a.step(), b, 0, b.panels(),
          y.array(), y.offset() + from * y.pitch(), y.pitch(), to - from, accumulates);
    }
  }
}
