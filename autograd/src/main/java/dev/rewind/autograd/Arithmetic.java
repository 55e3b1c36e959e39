package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;
import static dev.rewind.autograd.Op.wrtView;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;

/// Element-wise arithmetic. Gradients of broadcast arguments are summed down by the tape.
final class Arithmetic {
  private Arithmetic() {}

  static Variable plus(Variable a, Variable b) {
    return record("plus", a.value().plus(b.value()), wrtView(a, g -> g), wrtView(b, g -> g));
  }

  static Variable plus(Variable a, double b) {
    return record("plus", a.value().plus(b), wrtView(a, g -> g));
  }

  static Variable minus(Variable a, Variable b) {
    return record("minus", a.value().minus(b.value()), wrtView(a, g -> g), wrt(b, g -> g.negate()));
  }

  static Variable minus(Variable a, double b) {
    return record("minus", a.value().minus(b), wrtView(a, g -> g));
  }

  static Variable times(Variable a, Variable b) {
    Tensor value = a.value().times(b.value());
    return record("times", value, factor(a, b, value), factor(b, a, value));
  }

  private static Op.Argument factor(Variable x, Variable other, Tensor value) {
    return x.shape().equals(value.shape())
        ? wrt(x, g -> g.times(other), (sum, g) -> sum.dense().addTimes(g, other.value()))
        : wrt(x, g -> g.times(other));
  }

  static Variable times(Variable a, double b) {
    return record("times", a.value().times(b), wrt(a, g -> g.times(b)));
  }

  static Variable divide(Variable a, Variable b) {
    return record("divide", a.value().divide(b.value()),
        wrt(a, g -> g.divide(b)),
        wrt(b, (g, y) -> g.times(y).divide(b).negate()));
  }

  static Variable divide(Variable a, double b) {
    return record("divide", a.value().divide(b), wrt(a, g -> g.divide(b)));
  }

  static Variable pow(Variable a, double b) {
    return record("pow", a.value().pow(b), wrt(a, g -> b == 0 ? g.times(0) : g.times(a.pow(b - 1)).times(b)));
  }

  static Variable pow(Variable a, Variable b) {
    return record("pow", a.value().pow(b.value()),
        wrt(a, g -> g.times(b).times(a.pow(b.minus(1)))),
        wrt(b, (g, y) -> g.times(y).times(logOrZero(a))));
  }

  private static Variable logOrZero(Variable a) {
    Tensor zero = a.value().equalTo(0);
    Variable one = a.tape().constant(Tensor.ones(a.dtype()));
    return Variable.where(zero, one, a).log();
  }

  static Variable negate(Variable x) {
    return record("negate", x.value().negate(), wrt(x, g -> g.negate()));
  }

  static Variable reciprocal(Variable x) {
    return record("reciprocal", x.value().reciprocal(), wrt(x, (g, y) -> g.times(y.square()).negate()));
  }

  static Variable square(Variable x) {
    return record("square", x.value().square(), wrt(x, g -> g.times(x).times(2)));
  }

  static Variable sqrt(Variable x) {
    return record("sqrt", x.value().sqrt(), wrt(x, (g, y) -> g.divide(y).times(0.5)));
  }

  static Variable abs(Variable x) {
    return record("abs", x.value().abs(), wrt(x, g -> g.times(x.sign())));
  }

  static Variable minimum(Variable a, Variable b) {
    return record("minimum", a.value().minimum(b.value()),
        wrt(a, g -> g.times(shareOfLess(a, b))),
        wrt(b, g -> g.times(shareOfLess(b, a))));
  }

  static Variable maximum(Variable a, Variable b) {
    return record("maximum", a.value().maximum(b.value()),
        wrt(a, g -> g.times(shareOfLess(b, a))),
        wrt(b, g -> g.times(shareOfLess(a, b))));
  }

  /// 1 where `a < b`, 1/2 where they are equal, else 0; a constant.
  private static Variable shareOfLess(Variable a, Variable b) {
    DType dtype = a.dtype();
    Tensor less = a.value().less(b.value()).to(dtype);
    Tensor equal = a.value().equalTo(b.value()).to(dtype);
    return a.tape().constant(less.plus(equal.times(0.5)));
  }

  static Variable clamp(Variable x, double low, double high) {
    return record("clamp", x.value().clamp(low, high), wrt(x, (g, y) -> g.times(mask(x, x.value().equalTo(y.value())))));
  }

  static Variable exp(Variable x) {
    return record("exp", x.value().exp(), wrt(x, (g, y) -> g.times(y)));
  }

  static Variable expm1(Variable x) {
    return record("expm1", x.value().expm1(), wrt(x, (g, y) -> g.times(y.plus(1))));
  }

  static Variable log(Variable x) {
    return record("log", x.value().log(), wrt(x, g -> g.divide(x)));
  }

  static Variable log1p(Variable x) {
    return record("log1p", x.value().log1p(), wrt(x, g -> g.divide(x.plus(1))));
  }

  /// 1 where the condition holds, else 0; a constant of the dtype of `x`.
  static Variable mask(Variable x, Tensor condition) {
    return x.tape().constant(condition.to(x.dtype()));
  }
}
