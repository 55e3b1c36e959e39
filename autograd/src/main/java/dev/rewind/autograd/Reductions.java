package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.BitSet;
import java.util.stream.IntStream;

/// Reductions. Each is declared in the form that keeps the axes; the other is that one with the axes dropped.
sealed interface Reductions extends Operand permits Variable {
  private Variable self() {
    return (Variable) this;
  }

  /// The sum over axes, which stay with size 1.
  default Variable sumKeepDims(int... axes) {
    Shape shape = shape();
    return record("sum", value().sumKeepDims(axes), wrt(self(), g -> g.expand(shape)));
  }

  /// The sum over axes, which disappear.
  default Variable sum(int... axes) {
    return dropping(sumKeepDims(axes), axes);
  }

  /// The mean over axes, which stay with size 1.
  default Variable meanKeepDims(int... axes) {
    Shape shape = shape();
    Tensor mean = value().meanKeepDims(axes);
    double share = (double) mean.elements() / shape.elements();
    return record("mean", mean, wrt(self(), g -> g.times(share).expand(shape)));
  }

  /// The mean over axes, which disappear.
  default Variable mean(int... axes) {
    return dropping(meanKeepDims(axes), axes);
  }

  /// The variance over axes (divided by n), which stay with size 1.
  default Variable varianceKeepDims(int... axes) {
    for (int axis : axes) {
      shape().axis("variance", axis); // else refused by the name of the mean
    }
    return self().minus(meanKeepDims(axes)).square().meanKeepDims(axes);
  }

  /// The variance over axes (divided by n), which disappear.
  default Variable variance(int... axes) {
    return dropping(varianceKeepDims(axes), axes);
  }

  /// The variance over axes, divided by n - 1, as PyTorch's `var` does.
  default Variable unbiasedVariance(int... axes) {
    Variable variance = variance(axes);
    double n = (double) shape().elements() / variance.shape().elements();
    return variance.times(n / (n - 1));
  }

  /// The standard deviation over axes, the root of [#variance] (divided by n); its gradient where all elements are
  /// equal is zero.
  default Variable std(int... axes) {
    Variable norm = self().minus(meanKeepDims(axes)).norm(axes);
    return norm.divide(Math.sqrt((double) shape().elements() / norm.shape().elements()));
  }

  /// The product along an axis, which disappears; 1 of no elements. Pairs are multiplied, then pairs of these products,
  /// so that derivatives are right where elements are zero.
  default Variable prod(int axis) {
    int at = shape().axis("prod", axis);
    Variable x = size(at) == 0 ? self().pad(at, 0, 1, 1) : self();
    while (x.size(at) > 1) {
      Variable even = x.size(at) % 2 == 0 ? x : x.pad(at, 0, 1, 1);
      x = even.slice(at, 0, even.size(at), 2).times(even.slice(at, 1, even.size(at), 2));
    }
    return x.squeeze(at);
  }

  /// Products along an axis of all elements up to and including each; derivatives are right where elements are zero.
  /// Each pass doubles how many elements a product is of (Hillis and Steele 1986).
  default Variable cumprod(int axis) {
    int at = shape().axis("cumprod", axis);
    int size = size(at);
    Variable x = self();
    for (int step = 1; step < size; step *= 2) {
      x = x.times(x.slice(at, 0, size - step).pad(at, step, 0, 1));
    }
    return x;
  }

  /// The largest element over axes, which stay with size 1.
  default Variable maxKeepDims(int... axes) {
    int[] reduced = axes.clone(); // the caller's array may change before the backward pass
    return record("max", value().maxKeepDims(axes), wrt(self(), (g, y) -> shared(g, self(), y, reduced)));
  }

  /// The largest element over axes, which disappear; equal ones share the gradient.
  default Variable max(int... axes) {
    return dropping(maxKeepDims(axes), axes);
  }

  /// The smallest element over axes, which stay with size 1.
  default Variable minKeepDims(int... axes) {
    int[] reduced = axes.clone();
    return record("min", value().minKeepDims(axes), wrt(self(), (g, y) -> shared(g, self(), y, reduced)));
  }

  /// The smallest element over axes, which disappear; equal ones share the gradient.
  default Variable min(int... axes) {
    return dropping(minKeepDims(axes), axes);
  }

  /// `g` where `x` equals `y`, divided by how many do, else 0, or NaN where `y` is.
  private static Variable shared(Variable g, Variable x, Variable y, int[] axes) {
    Tensor equal = x.value().equalTo(y.value());
    Tensor share = equal.to(x.dtype()).sumKeepDims(axes).reciprocal();
    Tensor others = Tensor.where(y.value().isNaN(), y.value(), Tensor.zeros(y.dtype()));
    return Variable.where(equal, g.times(g.tape().constant(share)), g.tape().constant(others));
  }

  /// The Euclidean norm over axes, which disappear; at zero its gradient and all higher derivatives are zero.
  default Variable norm(int... axes) {
    return dropping(normKeepDims(axes), axes);
  }

  /// [#norm] over axes, which stay with size 1.
  default Variable normKeepDims(int... axes) {
    return record("norm", value().normKeepDims(axes), wrt(self(), (g, y) -> normBackward(g, self(), y)));
  }

  /// `g x / y`, as `(g / y) x`, or `(x / y) g` where `g / y` might be out of range. At zero it is zero, and so is every
  /// derivative of it. What is left out of either is divided by infinity.
  private static Variable normBackward(Variable g, Variable x, Variable y) {
    Tensor zero = y.value().equalTo(0);
    Tensor ordinary = y.value().greater(0x1p-100).and(y.value().less(0x1p100));
    Variable infinity = g.tape().constant(Tensor.full(y.dtype(), Double.POSITIVE_INFINITY));
    Variable kept = Variable.where(zero, g.zero(), g);
    Variable gradient = kept.divide(Variable.where(ordinary, y, infinity)).times(x);
    return ordinary.all().item() != 0 ? gradient
        : gradient.plus(x.divide(Variable.where(ordinary.or(zero), infinity, y)).times(kept));
  }

  /// [#logSumExp] over axes, which stay with size 1.
  default Variable logSumExpKeepDims(int... axes) {
    int[] reduced = axes.clone();
    return record("logSumExp", value().logSumExpKeepDims(axes),
        wrt(self(), (g, y) -> g.times(softmax(self(), y, reduced))));
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

  /// `log(sum(exp(x)))` over axes, which disappear. Its gradient is the softmax over these axes, and zero where all
  /// elements are negative infinity.
  default Variable logSumExp(int... axes) {
    return dropping(logSumExpKeepDims(axes), axes);
  }

  /// Sums along an axis of all elements up to and including each.
  default Variable cumsum(int axis) {
    return record("cumsum", value().cumsum(axis), wrt(self(), g -> g.cumsumReverse(axis)));
  }

  /// Sums along an axis of all elements from each, inclusive, to the end.
  default Variable cumsumReverse(int axis) {
    return record("cumsumReverse", value().cumsumReverse(axis), wrt(self(), g -> g.cumsum(axis)));
  }

  private static Variable dropping(Variable kept, int[] axes) {
    if (axes.length == 0) {
      return kept.rank() == 0 ? kept : kept.reshape();
    }
    BitSet reduced = new BitSet();
    for (int axis : axes) {
      reduced.set(kept.shape().axis("sum", axis));
    }
    return kept.reshape(IntStream.range(0, kept.rank()).filter(axis -> !reduced.get(axis)).map(kept::size).toArray());
  }
}
