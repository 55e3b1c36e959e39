package dev.rewind.tensor;

import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.Comparison;
import dev.rewind.tensor.kernel.elementwise.Unary;
import java.util.Arrays;

/// Element-wise operations: checks, broadcasting and the walk over operands; the loops are in [Loops].
final class Elementwise {
  private Elementwise() {}

  static Tensor unary(Unary op, Tensor x) {
    Tensor y = RawAccess.ResultMemory.result(x.dtype(), x.shape());
    boolean adjacent = x.isContiguous() || Rows.of(x.layout()).stride(0) == 1;
    return unary(op, adjacent ? x : copy(x, y), y);
  }

  /// Writes `op(x)` into `y`, which is contiguous, has the shape of `x` and may be `x` itself.
  static Tensor unary(Unary op, Tensor x, Tensor y) {
    if (RowFusion.defers(op, false, x, x, y)) {
      return y;
    }
    if (x.dtype() == DType.BOOL || x.dtype() == DType.INT32 && !op.takesInts()) {
      throw unsupported(op.label(), x);
    }
    Storage in = x.storage();
    Storage out = y.storage();
    if (y.elements() < Rows.PARALLEL_ELEMENTS && x.isContiguous()) { // skips the set-up of a walk
      Loops.unary(op, in, x.offset(), out, y.offset(), y.elements());
    } else {
      Rows.of(y.layout(), x.layout()).run((at, n) -> Loops.unary(op, in, at[1], out, at[0], n));
    }
    return y;
  }

  static Tensor binary(Binary op, Tensor a, Tensor b) {
    requireSameDType(op.label(), a, b);
    Shape shape = a.shape().broadcast(op.label(), b.shape());
    Tensor left = a.expand(shape);
    Tensor right = b.expand(shape);
    requireQuotients(op.label(), op, right);
    Tensor y = RawAccess.ResultMemory.result(a.dtype(), shape);
    if (Transposition.copies(left, y)) { // by tiles: row by row would miss the cache
      return binary(op, y, right, y);
    }
    return Transposition.copies(right, y) ? binary(op, left, y, y) : binary(op, left, right, y);
  }

  /// Writes `op(a, b)` into `y`; all three have one shape, and `y` may be `a` or `b` itself.
  static Tensor binary(Binary op, Tensor a, Tensor b, Tensor y) {
    if (RowFusion.defers(op, false, a, b, y)) {
      return y;
    }
    if (a.dtype() == DType.BOOL || a.dtype() == DType.INT32 && !op.takesInts()) {
      throw unsupported(op.label(), a);
    }
    Storage left = a.storage();
    Storage right = b.storage();
    Storage out = y.storage();
    if (y.elements() < Rows.PARALLEL_ELEMENTS && a.isContiguous() && b.isContiguous() && y.isContiguous()) {
      Loops.binary(op, left, a.offset(), 1, right, b.offset(), 1, out, y.offset(), 1, y.elements()); // as above
      return y;
    }
    Rows rows = Rows.of(y.layout(), a.layout(), b.layout());
    rows.run((at, n) -> Loops.binary(op, left, at[1], rows.stride(1), right, at[2], rows.stride(2), out, at[0],
        rows.stride(0), n));
    return y;
  }

  static Tensor clamp(Tensor x, double low, double high) {
    if (!(low <= high)) {
      throw new IllegalArgumentException("clamp: low " + low + " is above high " + high);
    }
    requireNumbers("clamp", x);
    Tensor least = x.like("clamp", low);
    Tensor greatest = x.like("clamp", high).expand(x.shape());
    Tensor result = binary(Binary.MAXIMUM, x, least);
    return binary(Binary.MINIMUM, result, greatest, result);
  }

  // ---- changes in place ---------------------------------------------------------------------------------------------

  /// `x = op(x, other)`.
  static Tensor inPlace(String operation, Binary op, Tensor x, Tensor other) {
    requireWritable(operation, x);
    requireSameDType(operation, x, other);
    requireNumbers(operation, x);
    Tensor operand = operand(operation, x, other);
    requireQuotients(operation, op, operand);
    binary(op, x, operand, x);
    x.markChanged();
    return x;
  }

  /// `x = other`.
  static Tensor assign(String operation, Tensor x, Tensor other) {
    requireWritable(operation, x);
    requireSameDType(operation, x, other);
    copy(operand(operation, x, other), x);
    x.markChanged();
    return x;
  }

  /// The operand of a change of `x`, broadcast; a copy if it has elements of `x` at other indices.
  private static Tensor operand(String operation, Tensor x, Tensor other) {
    if (!x.shape().broadcast(operation, other.shape()).equals(x.shape())) {
      throw new ShapeException(operation + ": " + other.shape() + " does not broadcast to " + x.shape());
    }
    Tensor expanded = other.expand(x.shape());
    return x.sharesStorage(other) && !expanded.layout().sameAs(x.layout()) ? expanded.copy() : expanded;
  }

  /// Before anything is written.
  static void requireQuotients(String operation, Binary op, Tensor divisors) {
    if (op != Binary.DIVIDE || divisors.dtype() != DType.INT32) {
      return;
    }
    for (int i = 0; i < divisors.elements(); i++) {
      if (divisors.ints()[divisors.layout().position(i, divisors.rank())] == 0) {
        throw new ArithmeticException(
            operation + ": the divisor at " + Arrays.toString(divisors.shape().index(i)) + " of " + divisors.shape()
                + " is 0, by which INT32 has no quotient; divide floating numbers, or choose divisors with where(..)");
      }
    }
  }

  /// Adds `op(a, b)` to `y`, rounded before and after the addition; all three are floating, of one shape and one dtype.
  static void accumulate(Binary op, Tensor a, Tensor b, Tensor y) {
    if (RowFusion.defers(op, true, a, b, y)) {
      return;
    }
    Rows rows = Rows.of(y.layout(), a.layout(), b.layout());
    if (rows.stride(0) != 1 || rows.stride(1) != 1 || rows.stride(2) != 1) {
      binary(Binary.PLUS, y, binary(op, a, b, Tensor.zeros(y.dtype(), y.shape())), y);
      return;
    }
    Storage left = a.storage();
    Storage right = b.storage();
    Storage out = y.storage();
    rows.run((at, n) -> Loops.accumulate(op, left, at[1], right, at[2], out, at[0], n));
  }

  static Tensor compare(String operation, Comparison op, Tensor a, Tensor b) {
    requireSameDType(operation, a, b);
    Shape shape = a.shape().broadcast(operation, b.shape());
    if (a.dtype() == DType.BOOL && op != Comparison.EQUAL) {
      throw unsupported(operation, a);
    }
    Tensor y = Tensor.zeros(DType.BOOL, shape);
    Rows rows = Rows.of(y.layout(), a.expand(shape).layout(), b.expand(shape).layout());
    Storage left = a.storage();
    Storage right = b.storage();
    rows.run((at, n) -> Loops.compare(op, left, at[1], rows.stride(1), right, at[2], rows.stride(2), y.booleans(),
        at[0], n));
    return y;
  }

  static void requireTruths(String operation, Tensor a, Tensor b) {
    requireDType(operation, a, DType.BOOL);
    requireDType(operation, b, DType.BOOL);
    a.shape().broadcast(operation, b.shape());
  }

  static Tensor where(Tensor condition, Tensor a, Tensor b) {
    requireDType("where", condition, DType.BOOL);
    requireSameDType("where", a, b);
    Shape shape = condition.shape().broadcast("where", a.shape().broadcast("where", b.shape()));
    Tensor y = RawAccess.ResultMemory.result(a.dtype(), shape);
    Rows rows = Rows.of(
        y.layout(), condition.expand(shape).layout(), a.expand(shape).layout(), b.expand(shape).layout());
    Storage left = a.storage();
    Storage right = b.storage();
    Storage out = y.storage();
    rows.run((at, n) -> Loops.where(condition.booleans(), at[1], rows.stride(1), left, at[2], rows.stride(2), right,
        at[3], rows.stride(3), out, at[0], n));
    return y;
  }

  /// Writes the elements of `x`, converted if need be, into `y`, which has the same shape.
  static Tensor copy(Tensor x, Tensor y) {
    if (RowFusion.defers(RowInstruction.COPY, false, x, x, y) || Transposition.copies(x, y)) {
      return y;
    }
    Rows rows = Rows.of(y.layout(), x.layout());
    Storage in = x.storage();
    Storage out = y.storage();
    rows.run((at, n) -> Loops.copy(in, at[1], rows.stride(1), out, at[0], rows.stride(0), n));
    return y;
  }

  static void requireSameDType(String operation, Tensor a, Tensor b) {
    if (a.dtype() != b.dtype()) {
      throw new DTypeException(
          operation + ": dtypes differ: " + a.dtype() + " with " + b.dtype() + "; convert one of them with to(..)");
    }
  }

  static void requireNumbers(String operation, Tensor x) {
    if (x.dtype() == DType.BOOL) {
      throw new DTypeException(operation + ": not defined for BOOL");
    }
  }

  static void requireDType(String operation, Tensor x, DType wanted) {
    if (x.dtype() != wanted) {
      throw new DTypeException(operation + ": wants " + wanted + ", not " + x.dtype());
    }
  }

  static void requireWritable(String operation, Tensor x) {
    if (x.layout().overlaps()) {
      throw new IllegalStateException(
          operation + ": elements of this " + x.shape() + " view overlap in memory; change a copy()");
    }
  }

  static void requireFloating(String operation, Tensor x) {
    if (!x.dtype().isFloating()) {
      throw new DTypeException(operation + ": wants FLOAT32 or FLOAT64, not " + x.dtype());
    }
  }

  private static DTypeException unsupported(String operation, Tensor x) {
    return new DTypeException(operation + ": not defined for " + x.dtype());
  }
}
