package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;

import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;

/// Activation functions. Derivatives of those that are met often are operations of their own: one kernel at first
/// order, and differentiable at every order.
final class Activations {
  private Activations() {}

  static Variable tanh(Variable x) {
    return record("tanh", x.value().tanh(),
        wrt(x, (g, y) -> g.tanhBackward(y), (sum, g, y) -> sum.dense().addTanhBackward(g, y)));
  }

  static Variable tanhBackward(Variable a, Variable y) {
    return record("tanhBackward", RawAccess.tanhBackward(a.value(), y.value()),
        wrt(a, g -> g.tanhBackward(y)),
        wrt(y, g -> g.times(a).times(y).times(-2)));
  }

  static Variable sigmoid(Variable x) {
    return record("sigmoid", x.value().sigmoid(),
        wrt(x, (g, y) -> g.sigmoidBackward(y), (sum, g, y) -> sum.dense().addSigmoidBackward(g, y)));
  }

  static Variable sigmoidBackward(Variable a, Variable y) {
    return record("sigmoidBackward", RawAccess.sigmoidBackward(a.value(), y.value()),
        wrt(a, g -> g.sigmoidBackward(y)),
        wrt(y, g -> g.times(a).times(y.times(-2).plus(1))));
  }

  static Variable softplus(Variable x) {
    return record("softplus", x.value().softplus(), wrt(x, g -> softplusBackward(g, x)));
  }

  /// `a sigmoid(x)`, of which the derivative by `x` is `a sigmoid(x) sigmoid(-x)`: not by way of `1 - sigmoid(x)`,
  /// which cancels.
  private static Variable softplusBackward(Variable a, Variable x) {
    return record("softplusBackward", a.value().times(x.value().sigmoid()),
        wrt(a, g -> softplusBackward(g, x)),
        wrt(x, g -> softplusBackward(softplusBackward(g.times(a), x), x.negate())));
  }

  static Variable relu(Variable x) {
    return record("relu", x.value().relu(),
        wrt(x, (g, y) -> Variable.where(y.value().greater(0), g, Arithmetic.zero(g))));
  }

  /// `d/dx x Phi(x) = Phi(x) + x phi(x)`, with the normal distribution function and its density.
  static Variable gelu(Variable x) {
    return record("gelu", x.value().gelu(), wrt(x, (g, y) -> g.times(distribution(x, y).plus(x.times(density(x))))));
  }

  /// `Phi(x)`: `(1 + erf(x / sqrt(2))) / 2`, which cancels for negative `x`; there `y / x`, with `y = gelu(x)`.
  private static Variable distribution(Variable x, Variable y) {
    Tensor at = x.value();
    Tensor sum = at.times(Math.sqrt(0.5)).erf().plus(1).times(0.5);
    Tensor value = Tensor.where(at.less(-1), y.value().divide(at), sum);
    return record("normalDistribution", value, wrt(x, g -> g.times(density(x))));
  }

  private static Variable density(Variable x) {
    return x.square().times(-0.5).exp().times(1 / Math.sqrt(2 * Math.PI));
  }

  static Variable erf(Variable x) {
    return record("erf", x.value().erf(),
        wrt(x, g -> g.times(x.square().negate().exp()).times(2 / Math.sqrt(Math.PI))));
  }

  static Variable softmax(Variable x, int axis) {
    return record("softmax", x.value().softmax(axis), wrt(x, (g, y) -> softmaxBackward(g, y, axis)));
  }

  /// `(a - sum(a y)) y`: linear in `a`, by a symmetric matrix.
  private static Variable softmaxBackward(Variable a, Variable y, int axis) {
    return record("softmaxBackward", RawAccess.softmaxBackward(a.value(), y.value(), axis),
        wrt(a, g -> softmaxBackward(g, y, axis)),
        wrt(y, g -> g.times(a.minus(a.times(y).sumKeepDims(axis))).minus(a.times(g.times(y).sumKeepDims(axis)))));
  }

  static Variable logSoftmax(Variable x, int axis) {
    return record("logSoftmax", x.value().logSoftmax(axis), wrt(x, (g, y) -> logSoftmaxBackward(g, y, axis)));
  }

  /// `a - exp(y) sum(a)`.
  private static Variable logSoftmaxBackward(Variable a, Variable y, int axis) {
    return record("logSoftmaxBackward", RawAccess.logSoftmaxBackward(a.value(), y.value(), axis),
        wrt(a, g -> g.minus(g.times(y.exp()).sumKeepDims(axis))),
        wrt(y, g -> g.times(y.exp()).times(a.sumKeepDims(axis)).negate()));
  }
}
