package dev.rewind.nn.fused;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.kernel.Kernels;
import dev.rewind.tensor.kernel.elementwise.Binary;
import dev.rewind.tensor.kernel.elementwise.MapKernels;
import dev.rewind.tensor.kernel.elementwise.Unary;
import dev.rewind.tensor.kernel.thread.ThreadPool;
import java.util.List;

/// `log(sigmoid(f)) - log(sigmoid(i)) = softplus(-i) - softplus(-f)`, of which `sigmoid(f) / (sigmoid(f) + sigmoid(i))`
/// is the logistic function: sound where both gates are closed, and their quotient is zero by zero. With gates
/// exchanged it gives one less that.
///
/// In FLOAT32 it is one operation, with the bits of those in its definition and no memory but for its result. The
/// gradient of `f` is `g * sigmoid(-f)`, that of `i` is `-g * sigmoid(-i)`.
public final class LogOdds {
  private final MapKernels maps = Kernels.active().maps();
  private final int rows;
  private final int columns;

  private LogOdds(Tensor x) {
    columns = x.size(-1);
    rows = x.elements() / Math.max(1, columns);
  }

  /// Of `f` against `i`, both `[.., hidden]`.
  public static Variable of(Variable i, Variable f) {
    if (i.dtype() != DType.FLOAT32 || RawAccess.stride(i.value(), -1) != 1 || RawAccess.stride(f.value(), -1) != 1) {
      return definition(i, f);
    }
    LogOdds run = new LogOdds(i.value());
    return Op.recordFused("log odds", List.of(run.forward(i.value(), f.value())), List.of(i, f),
        g -> List.of(
            i.tape().constant(run.backward(i.value(), g.getFirst().value().contiguous(), true)),
            i.tape().constant(run.backward(f.value(), g.getFirst().value().contiguous(), false))),
        () -> List.of(definition(i, f))).getFirst();
  }

  /// The same, operation by operation.
  public static Variable definition(Variable i, Variable f) {
    return i.negate().softplus().minus(f.negate().softplus());
  }

  private Tensor forward(Tensor i, Tensor f) {
    Tensor result = Tensor.zeros(DType.FLOAT32, i.shape());
    float[] in = RawAccess.floats(i);
    float[] against = RawAccess.floats(f);
    float[] y = RawAccess.floats(result);
    ThreadPool.forEach(i.size(0), task -> {
      float[] other = new float[columns];
      for (int row = first(i, task); row < first(i, task + 1); row++) {
        int yo = row * columns;
        maps.unary(Unary.NEGATE, in, at(i, row), y, yo, columns);
        maps.unary(Unary.SOFTPLUS, y, yo, y, yo, columns);
        maps.unary(Unary.NEGATE, against, at(f, row), other, 0, columns);
        maps.unary(Unary.SOFTPLUS, other, 0, other, 0, columns);
        maps.binary(Binary.MINUS, y, yo, other, 0, y, yo, columns);
      }
    });
    return result;
  }

  /// `g * sigmoid(-x)`, or its negative.
  private Tensor backward(Tensor x, Tensor g, boolean negative) {
    Tensor result = Tensor.zeros(DType.FLOAT32, x.shape());
    float[] in = RawAccess.floats(x);
    float[] of = RawAccess.floats(g);
    float[] y = RawAccess.floats(result);
    ThreadPool.forEach(x.size(0), task -> {
      for (int row = first(x, task); row < first(x, task + 1); row++) {
        int yo = row * columns;
        maps.unary(Unary.NEGATE, in, at(x, row), y, yo, columns);
        maps.unary(Unary.SIGMOID, y, yo, y, yo, columns);
        maps.binary(Binary.TIMES, of, RawAccess.offset(g) + yo, y, yo, y, yo, columns);
        if (negative) {
          maps.unary(Unary.NEGATE, y, yo, y, yo, columns);
        }
      }
    });
    return result;
  }

  /// The first row of an index of the first axis.
  private int first(Tensor x, int index) {
    return rows / x.size(0) * index;
  }

  /// Where a row begins, counted over all axes but the last.
  private static int at(Tensor x, int row) {
    int position = RawAccess.offset(x);
    for (int axis = x.rank() - 2; axis >= 0; axis--) {
      position += row % x.size(axis) * RawAccess.stride(x, axis);
      row /= x.size(axis);
    }
    return position;
  }
}
