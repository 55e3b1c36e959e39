package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;

/// Reductions. Each is declared in the form that keeps the axes; the other is that one with the axes dropped.
final class Reductions {
  private Reductions() {}

  static Variable sumKeeping(Variable x, int[] axes) {
    Shape shape = x.shape();
    return record("sum", x.value().sumKeeping(axes), wrt(x, g -> g.expand(shape)));
  }

  static Variable sum(Variable x, int[] axes) {
    return dropping(sumKeeping(x, axes), axes);
  }

  static Variable meanKeeping(Variable x, int[] axes) {
    Shape shape = x.shape();
    Tensor mean = x.value().meanKeeping(axes);
    double share = (double) mean.elements() / shape.elements();
    return record("mean", mean, wrt(x, g -> g.times(share).expand(shape)));
  }

  static Variable mean(Variable x, int[] axes) {
    return dropping(meanKeeping(x, axes), axes);
  }

  static Variable varianceKeeping(Variable x, int[] axes) {
    for (int axis : axes) {
      x.shape().axis("variance", axis); // else refused by the name of the mean
    }
    return x.minus(meanKeeping(x, axes)).square().meanKeeping(axes);
  }

  static Variable variance(Variable x, int[] axes) {
    return dropping(varianceKeeping(x, axes), axes);
  }

  static Variable maxKeeping(Variable x, int[] axes) {
    return record("max", x.value().maxKeeping(axes), wrt(x, (g, y) -> g.times(share(x, y, axes))));
  }

  static Variable max(Variable x, int[] axes) {
    return dropping(maxKeeping(x, axes), axes);
  }

  static Variable minKeeping(Variable x, int[] axes) {
    return record("min", x.value().minKeeping(axes), wrt(x, (g, y) -> g.times(share(x, y, axes))));
  }

  static Variable min(Variable x, int[] axes) {
    return dropping(minKeeping(x, axes), axes);
  }

  /// 1 where `x` equals `y`, divided by how many do; a constant.
  private static Variable share(Variable x, Variable y, int[] axes) {
    Tensor equal = x.value().equalTo(y.value()).to(x.dtype());
    return x.tape().constant(equal.divide(equal.sumKeeping(axes)));
  }

  static Variable norm(Variable x, int[] axes) {
    return dropping(normKeeping(x, axes), axes);
  }

  static Variable normKeeping(Variable x, int[] axes) {
    return record("norm", x.value().normKeeping(axes), wrt(x, (g, y) -> {
      Variable nowhereZero = Variable.where(y.value().equalTo(0), y.tape().constant(Tensor.ones(y.dtype())), y);
      return g.divide(nowhereZero).times(x);
    }));
  }

  static Variable logSumExpKeeping(Variable x, int[] axes) {
    return record("logSumExp", x.value().logSumExpKeeping(axes), wrt(x, (g, y) -> g.times(x.minus(y).exp())));
  }

  static Variable logSumExp(Variable x, int[] axes) {
    return dropping(logSumExpKeeping(x, axes), axes);
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
