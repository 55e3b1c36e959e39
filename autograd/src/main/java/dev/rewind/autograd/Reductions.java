package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;

/// Reductions. Each is declared in the form that keeps the axes; the other is that one with the axes dropped.
final class Reductions {
  private Reductions() {}

  static Variable sumKeepDims(Variable x, int[] axes) {
    Shape shape = x.shape();
    return record("sum", x.value().sumKeepDims(axes), wrt(x, g -> g.expand(shape)));
  }

  static Variable sum(Variable x, int[] axes) {
    return dropping(sumKeepDims(x, axes), axes);
  }

  static Variable meanKeepDims(Variable x, int[] axes) {
    Shape shape = x.shape();
    Tensor mean = x.value().meanKeepDims(axes);
    double share = (double) mean.elements() / shape.elements();
    return record("mean", mean, wrt(x, g -> g.times(share).expand(shape)));
  }

  static Variable mean(Variable x, int[] axes) {
    return dropping(meanKeepDims(x, axes), axes);
  }

  static Variable varianceKeepDims(Variable x, int[] axes) {
    for (int axis : axes) {
      x.shape().axis("variance", axis); // else refused by the name of the mean
    }
    return x.minus(meanKeepDims(x, axes)).square().meanKeepDims(axes);
  }

  static Variable variance(Variable x, int[] axes) {
    return dropping(varianceKeepDims(x, axes), axes);
  }

  static Variable maxKeepDims(Variable x, int[] axes) {
    int[] reduced = axes.clone(); // the caller's array may change before the backward pass
    return record("max", x.value().maxKeepDims(axes), wrt(x, (g, y) -> shared(g, x, y, reduced)));
  }

  static Variable max(Variable x, int[] axes) {
    return dropping(maxKeepDims(x, axes), axes);
  }

  static Variable minKeepDims(Variable x, int[] axes) {
    int[] reduced = axes.clone();
    return record("min", x.value().minKeepDims(axes), wrt(x, (g, y) -> shared(g, x, y, reduced)));
  }

  static Variable min(Variable x, int[] axes) {
    return dropping(minKeepDims(x, axes), axes);
  }

  /// `g` where `x` equals `y`, divided by how many do, else 0, or NaN where `y` is.
  private static Variable shared(Variable g, Variable x, Variable y, int[] axes) {
    Tensor equal = x.value().equalTo(y.value());
    Tensor share = equal.to(x.dtype()).sumKeepDims(axes).reciprocal();
    Tensor others = Tensor.where(y.value().isNaN(), y.value(), Tensor.zeros(y.dtype()));
    return Variable.where(equal, g.times(g.tape().constant(share)), g.tape().constant(others));
  }

  static Variable norm(Variable x, int[] axes) {
    return dropping(normKeepDims(x, axes), axes);
  }

  static Variable normKeepDims(Variable x, int[] axes) {
    return record("norm", x.value().normKeepDims(axes), wrt(x, (g, y) -> normBackward(g, x, y)));
  }

  /// `g x / y`, as `(g / y) x`, or `(x / y) g` where `g / y` might be out of range. At zero it is zero, and so is every
  /// derivative of it. What is left out of either is divided by infinity.
  private static Variable normBackward(Variable g, Variable x, Variable y) {
    Tensor zero = y.value().equalTo(0);
    Tensor ordinary = y.value().greater(0x1p-100).and(y.value().less(0x1p100));
    Variable infinity = g.tape().constant(Tensor.full(y.dtype(), Double.POSITIVE_INFINITY));
    Variable kept = Variable.where(zero, Arithmetic.zero(g), g);
    Variable gradient = kept.divide(Variable.where(ordinary, y, infinity)).times(x);
    return ordinary.all().item() != 0 ? gradient
        : gradient.plus(x.divide(Variable.where(ordinary.or(zero), infinity, y)).times(kept));
  }

  static Variable logSumExpKeepDims(Variable x, int[] axes) {
    int[] reduced = axes.clone();
    return record("logSumExp", x.value().logSumExpKeepDims(axes), wrt(x, (g, y) -> g.times(softmax(x, y, reduced))));
  }

  /// The softmax of `x`, of which `y` is the result: divided by a sum of its own, since `y` is rounded. Zeros where all
  /// elements are negative infinity.
  private static Variable softmax(Variable x, Variable y, int[] axes) {
    Tensor none = y.value().equalTo(Double.NEGATIVE_INFINITY);
    Tensor shift = Tensor.where(none, Tensor.zeros(y.dtype()), y.value());
    Variable exponentials = x.minus(x.tape().constant(shift)).exp();
    Variable one = x.tape().constant(Tensor.ones(x.dtype()));
    return exponentials.divide(Variable.where(none, one, exponentials.sumKeepDims(axes)));
  }

  static Variable logSumExp(Variable x, int[] axes) {
    return dropping(logSumExpKeepDims(x, axes), axes);
  }

  static Variable cumsum(Variable x, int axis) {
    return record("cumsum", x.value().cumsum(axis), wrt(x, g -> g.cumsumReverse(axis)));
  }

  static Variable cumsumReverse(Variable x, int axis) {
    return record("cumsumReverse", x.value().cumsumReverse(axis), wrt(x, g -> g.cumsum(axis)));
  }

  private static Variable dropping(Variable kept, int[] axes) {
    if (axes.length == 0) {
      return kept.rank() == 0 ? kept : kept.reshape();
    }
    boolean[] reduced = new boolean[kept.rank()];
    for (int axis : axes) {
      reduced[kept.shape().axis("sum", axis)] = true;
    }
    int[] sizes = new int[kept.rank() - axes.length];
    int n = 0;
    for (int axis = 0; axis < reduced.length; axis++) {
      if (!reduced[axis]) {
        sizes[n++] = kept.size(axis);
      }
    }
    return kept.reshape(sizes);
  }
}
