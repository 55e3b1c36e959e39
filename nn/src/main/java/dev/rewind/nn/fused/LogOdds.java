package dev.rewind.nn.fused;

import dev.rewind.autograd.Op;
import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// `log(sigmoid(f)) - log(sigmoid(i)) = softplus(-i) - softplus(-f)`, of which `sigmoid(f) / (sigmoid(f) + sigmoid(i))`
/// is the logistic function: it stays accurate where both gates are closed and their quotient would be zero over zero.
/// With the gates exchanged it gives one minus that.
///
/// In FLOAT32 it is one operation, with the bits of those in its definition and no memory but for its result. The
/// gradient of `f` is `g * sigmoid(-f)`, that of `i` is `-g * sigmoid(-i)`.
public final class LogOdds {
  private static final int TASK = 1 << 14; // elements below which a further task does not pay

  private LogOdds() {}

  /// Of `f` against `i`, both `[.., hidden]`.
  public static Variable of(Variable i, Variable f) {
    if (i.dtype() != DType.FLOAT32) {
      return definition(i, f);
    }
    return Op.recordFused("log odds", List.of(forward(i.value(), f.value())), List.of(i, f),
        g -> List.of(backward(i, g.getFirst(), true), backward(f, g.getFirst(), false)),
        () -> List.of(definition(i, f))).getFirst();
  }

  /// The same, operation by operation.
  public static Variable definition(Variable i, Variable f) {
    return i.negate().softplus().minus(f.negate().softplus());
  }

  private interface Row {
    /// Writes a row of a result from `yo` on.
    void write(int row, float[] y, int yo, int n);
  }

  private static Tensor byRows(Tensor like, Row f) {
    Tensor result = Tensor.zeros(DType.FLOAT32, like.shape());
    int n = like.size(-1);
    Rows.forEach(like.elements() / Math.max(1, n), Math.max(1, TASK / Math.max(1, n)), (from, to) -> {
      for (int row = from; row < to; row++) {
        f.write(row, RawAccess.floats(result), row * n, n);
      }
    });
    return result;
  }

  private static Tensor forward(Tensor i, Tensor f) {
    Rows a = Rows.of(i);
    Rows b = Rows.of(f);
    return byRows(i, (row, y, yo, n) -> {
      float[] other = new float[n];
      Floats.negate(a.array(), a.at(row), y, yo, n);
      Floats.softplus(y, yo, y, yo, n);
      Floats.negate(b.array(), b.at(row), other, 0, n);
      Floats.softplus(other, 0, other, 0, n);
      Floats.minus(y, yo, other, 0, y, yo, n);
    });
  }

  /// `g * sigmoid(-x)`, or its negative.
  private static Variable backward(Variable x, Variable g, boolean negative) {
    Rows of = Rows.of(x.value());
    Rows gradients = Rows.of(g.value());
    return x.tape().constant(byRows(x.value(), (row, y, yo, n) -> {
      Floats.negate(of.array(), of.at(row), y, yo, n);
      Floats.sigmoid(y, yo, y, yo, n);
      Floats.times(gradients.array(), gradients.at(row), y, yo, y, yo, n);
      if (negative) {
        Floats.negate(y, yo, y, yo, n);
      }
    }));
  }
}
