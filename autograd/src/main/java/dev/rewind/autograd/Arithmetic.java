package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;
import static dev.rewind.autograd.Op.wrtView;

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
    return record("pow", a.value().pow(b),
        wrt(a, g -> b == 0 ? g.tape().constant(Tensor.zeros(a.dtype(), a.shape())) : g.times(a.pow(b - 1)).times(b)));
  }

  static Variable pow(Variable a, Variable b) {
    return record("pow", a.value().pow(b.value()),
        wrt(a, g -> powBackward(g, a, b)),
        wrt(b, (g, y) -> g.times(y).times(logOfBase(a, b))));
  }

  /// `g b a^(b - 1)`, and 0 where `g` or `b` is: also where that power is infinite, as it is for higher orders of a
  /// whole exponent at the base 0.
  private static Variable powBackward(Variable g, Variable a, Variable b) {
    Tensor factor = g.value().times(b.value());
    Tensor none = factor.equalTo(0).or(b.value().equalTo(0));
    Tensor value = factor.times(a.value().pow(b.value().minus(1)));
    return record("powBackward", Tensor.where(none, Tensor.zeros(a.dtype()), value),
        wrt(g, h -> powBackward(h, a, b)),
        wrt(a, h -> powBackward(h.times(g).times(b), a, b.minus(1))),
        wrt(b, h -> h.times(g).times(a.pow(b.minus(1))).times(b.times(logOfBase(a, b)).plus(1))));
  }

  /// The logarithm of `a`, and 0 for a base 0 unless the exponent is negative.
  private static Variable logOfBase(Variable a, Variable b) {
    Tensor zero = a.value().equalTo(0).and(b.value().greaterOrEqual(0));
    return Variable.where(zero, a.tape().constant(Tensor.ones(a.dtype())), a).log();
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
    return record("abs", x.value().abs(),
        wrt(x, g -> Variable.where(x.value().equalTo(0), zero(g), g.times(x.sign()))));
  }

  static Variable minimum(Variable a, Variable b) {
    return record("minimum", a.value().minimum(b.value()),
        wrt(a, g -> whereLess(a, b, g)),
        wrt(b, g -> whereLess(b, a, g)));
  }

  static Variable maximum(Variable a, Variable b) {
    return record("maximum", a.value().maximum(b.value()),
        wrt(a, g -> whereLess(b, a, g)),
        wrt(b, g -> whereLess(a, b, g)));
  }

  /// `g` where `a < b`, half of it where they are equal, else 0.
  private static Variable whereLess(Variable a, Variable b, Variable g) {
    Variable ofEqual = Variable.where(a.value().equalTo(b.value()), g.times(0.5), zero(g));
    return Variable.where(a.value().less(b.value()), g, ofEqual);
  }

  static Variable clamp(Variable x, double low, double high) {
    return record("clamp", x.value().clamp(low, high),
        wrt(x, (g, y) -> Variable.where(x.value().equalTo(y.value()), g, zero(g))));
  }

  static Variable exp(Variable x) {
    return record("exp", x.value().exp(), wrt(x, (g, y) -> g.times(y)));
  }

  static Variable expm1(Variable x) {
    return record("expm1", x.value().expm1(), wrt(x, g -> g.times(x.exp())));
  }

  static Variable log(Variable x) {
    return record("log", x.value().log(), wrt(x, g -> g.divide(x)));
  }

  static Variable log1p(Variable x) {
    return record("log1p", x.value().log1p(), wrt(x, g -> g.divide(x.plus(1))));
  }

  /// The constant 0, for what gets no gradient: chosen, not multiplied by, since a gradient may be infinite.
  static Variable zero(Variable like) {
    return like.tape().constant(Tensor.zeros(like.dtype()));
  }
}
