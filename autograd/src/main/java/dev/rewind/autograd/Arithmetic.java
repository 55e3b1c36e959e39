package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;
import static dev.rewind.autograd.Op.wrtView;

import dev.rewind.tensor.Tensor;

/// Element-wise arithmetic. Gradients of broadcast arguments are summed down by the tape.
sealed interface Arithmetic extends Operand permits Variable {
  private Variable self() {
    return (Variable) this;
  }

  /// An operand through which no gradient flows, in the dtype of this one where the tape converts parameters too.
  private Variable constant(Tensor other) {
    boolean converts = tape().options().dtype().isPresent() && other.dtype().isFloating();
    return tape().constant(converts ? other.to(dtype()) : other);
  }

  /// `this + other`; both broadcast.
  default Variable plus(Variable other) {
    return record("plus", value().plus(other.value()), wrtView(self(), g -> g), wrtView(other, g -> g));
  }

  /// `this + other`, which is a constant: see [Tape#constant].
  default Variable plus(Tensor other) {
    return plus(constant(other));
  }

  /// `this + value`.
  default Variable plus(double value) {
    return record("plus", value().plus(value), wrtView(self(), g -> g));
  }

  /// `this - other`; both broadcast.
  default Variable minus(Variable other) {
    return record("minus", value().minus(other.value()), wrtView(self(), g -> g), wrt(other, g -> g.negate()));
  }

  /// `this - other`, which is a constant.
  default Variable minus(Tensor other) {
    return minus(constant(other));
  }

  /// `this - value`.
  default Variable minus(double value) {
    return record("minus", value().minus(value), wrtView(self(), g -> g));
  }

  /// `this * other`, element by element; both broadcast.
  default Variable times(Variable other) {
    return record("times", value().times(other.value()),
        wrt(self(), g -> g.times(other), (sum, g) -> sum.addTimes(g, other.value())),
        wrt(other, g -> g.times(self()), (sum, g) -> sum.addTimes(g, value())));
  }

  /// `this * other`, which is a constant.
  default Variable times(Tensor other) {
    return times(constant(other));
  }

  /// `this * value`.
  default Variable times(double value) {
    return record("times", value().times(value), wrt(self(), g -> g.times(value)));
  }

  /// `this / other`; both broadcast.
  default Variable divide(Variable other) {
    return record("divide", value().divide(other.value()),
        wrt(self(), g -> g.divide(other)),
        wrt(other, (g, y) -> g.times(y).divide(other).negate()));
  }

  /// `this / other`, which is a constant.
  default Variable divide(Tensor other) {
    return divide(constant(other));
  }

  /// `this / value`.
  default Variable divide(double value) {
    return record("divide", value().divide(value), wrt(self(), g -> g.divide(value)));
  }

  /// `this` to the power of a number.
  default Variable pow(double exponent) {
    return record("pow", value().pow(exponent),
        wrt(self(), g -> exponent == 0 ? g.zero().expand(shape()) : g.times(pow(exponent - 1)).times(exponent)));
  }

  /// `this` to the power of `other`. The gradient for the base is zero where the exponent is zero, that for the
  /// exponent is zero where the base is, unless the exponent is negative.
  default Variable pow(Variable other) {
    return record("pow", value().pow(other.value()),
        wrt(self(), g -> powBackward(g, self(), other)),
        wrt(other, (g, y) -> g.times(y).times(logOfBase(self(), other))));
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

  /// `-this`.
  default Variable negate() {
    return record("negate", value().negate(), wrt(self(), g -> g.negate()));
  }

  /// `1 / this`.
  default Variable reciprocal() {
    return record("reciprocal", value().reciprocal(), wrt(self(), (g, y) -> g.times(y.square()).negate()));
  }

  /// `this * this`.
  default Variable square() {
    return record("square", value().square(), wrt(self(), g -> g.times(self()).times(2)));
  }

  /// The square root.
  default Variable sqrt() {
    return record("sqrt", value().sqrt(), wrt(self(), (g, y) -> g.divide(y).times(0.5)));
  }

  /// The absolute value; its gradient at zero is zero.
  default Variable abs() {
    return record("abs", value().abs(),
        wrt(self(), g -> Variable.where(value().equalTo(0), g.zero(), g.times(sign()))));
  }

  /// -1, 0 or 1 by sign, a constant.
  default Variable sign() {
    return tape().constant(value().sign());
  }

  /// The greatest whole number that is not above, a constant.
  default Variable floor() {
    return tape().constant(value().floor());
  }

  /// The nearest whole number, of two the even one, a constant.
  default Variable round() {
    return tape().constant(value().round());
  }

  /// The sine of an angle in radians.
  default Variable sin() {
    return record("sin", value().sin(), wrt(self(), g -> g.times(cos())));
  }

  /// The cosine of an angle in radians.
  default Variable cos() {
    return record("cos", value().cos(), wrt(self(), g -> g.times(sin()).negate()));
  }

  /// The smaller of each pair; equal ones share the gradient.
  default Variable minimum(Variable other) {
    return record("minimum", value().minimum(other.value()),
        wrt(self(), g -> whereLess(self(), other, g)),
        wrt(other, g -> whereLess(other, self(), g)));
  }

  /// The larger of each pair; equal ones share the gradient.
  default Variable maximum(Variable other) {
    return record("maximum", value().maximum(other.value()),
        wrt(self(), g -> whereLess(other, self(), g)),
        wrt(other, g -> whereLess(self(), other, g)));
  }

  /// `g` where `a < b`, half of it where they are equal, else 0.
  private static Variable whereLess(Variable a, Variable b, Variable g) {
    Variable ofEqual = Variable.where(a.value().equalTo(b.value()), g.times(0.5), g.zero());
    return Variable.where(a.value().less(b.value()), g, ofEqual);
  }

  /// Each element moved into `[low, high]`; the gradient passes within, limits included.
  default Variable clamp(double low, double high) {
    return record("clamp", value().clamp(low, high),
        wrt(self(), (g, y) -> Variable.where(value().equalTo(y.value()), g, g.zero())));
  }

  /// The natural exponential.
  default Variable exp() {
    return record("exp", value().exp(), wrt(self(), (g, y) -> g.times(y)));
  }

  /// `exp(x) - 1`.
  default Variable expm1() {
    return record("expm1", value().expm1(), wrt(self(), g -> g.times(exp())));
  }

  /// The natural logarithm.
  default Variable log() {
    return record("log", value().log(), wrt(self(), g -> g.divide(self())));
  }

  /// `log(1 + x)`.
  default Variable log1p() {
    return record("log1p", value().log1p(), wrt(self(), g -> g.divide(plus(1))));
  }

}
