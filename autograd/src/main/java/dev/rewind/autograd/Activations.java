package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;

import dev.rewind.tensor.RawAccess;
import dev.rewind.tensor.Tensor;
import java.util.List;

/// Activation functions. Derivatives of those that are met often are operations of their own: one kernel at first
/// order, and differentiable at every order.
sealed interface Activations extends Operand permits Variable {
  private Variable self() {
    return (Variable) this;
  }

  /// The hyperbolic tangent.
  default Variable tanh() {
    return record("tanh", value().tanh(),
        wrt(self(), (g, y) -> g.tanhBackward(y), (sum, g, y) -> sum.dense().addTanhBackward(g, y)));
  }

  /// `this * (1 - y^2)`: a gradient times the derivative of tanh, given its value.
  default Variable tanhBackward(Variable y) {
    return record("tanhBackward", RawAccess.tanhBackward(value(), y.value()),
        wrt(self(), g -> g.tanhBackward(y)),
        wrt(y, g -> g.times(self()).times(y).times(-2)));
  }

  /// The logistic function.
  default Variable sigmoid() {
    return record("sigmoid", value().sigmoid(),
        wrt(self(), (g, y) -> g.sigmoidBackward(y), (sum, g, y) -> sum.dense().addSigmoidBackward(g, y)));
  }

  /// `this * y * (1 - y)`: a gradient times the derivative of the logistic function, given its value.
  default Variable sigmoidBackward(Variable y) {
    return record("sigmoidBackward", RawAccess.sigmoidBackward(value(), y.value()),
        wrt(self(), g -> g.sigmoidBackward(y)),
        wrt(y, g -> g.times(self()).times(y.times(-2).plus(1))));
  }

  /// `log(1 + exp(x))`.
  default Variable softplus() {
    return record("softplus", value().softplus(), wrt(self(), g -> softplusBackward(g, self())));
  }

  /// `a sigmoid(x)`, of which the derivative by `x` is `a sigmoid(x) sigmoid(-x)`: not by way of `1 - sigmoid(x)`,
  /// which cancels.
  private static Variable softplusBackward(Variable a, Variable x) {
    return record("softplusBackward", a.value().times(x.value().sigmoid()),
        wrt(a, g -> softplusBackward(g, x)),
        wrt(x, g -> softplusBackward(softplusBackward(g.times(a), x), x.negate())));
  }

  /// `max(x, 0)`; its gradient at zero is zero.
  default Variable relu() {
    return record("relu", value().relu(),
        wrt(self(), (g, y) -> Variable.where(y.value().greater(0), g, g.zero())));
  }

  /// `x Phi(x) = x * (1 + erf(x / sqrt(2))) / 2`. Its derivative is `Phi(x) + x phi(x)`, with the density `phi`.
  default Variable gelu() {
    return record("gelu", value().gelu(),
        wrt(self(), (g, y) -> g.times(distribution(self(), y).plus(self().times(density(self()))))));
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

  /// [#gelu] by the hyperbolic tangent, `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2` (Hendrycks and Gimpel
  /// 2016).
  default Variable tanhGelu() {
    Variable inner = self().square().times(0.044715).plus(1).times(self()).times(Math.sqrt(2 / Math.PI));
    return self().times(inner.tanh().plus(1)).times(0.5);
  }

  /// `x sigmoid(x)`, also called swish (Elfwing et al. 2018; Ramachandran et al. 2017).
  default Variable silu() {
    return self().times(sigmoid());
  }

  /// The gated linear unit (Dauphin et al. 2017): the first half of an axis times the [#sigmoid] of the second.
  default Variable glu(int axis) {
    List<Variable> halves = self().split(axis, 2);
    return halves.getFirst().times(halves.getLast().sigmoid());
  }

  /// `x tanh(softplus(x))` (Misra 2019).
  default Variable mish() {
    return self().times(softplus().tanh());
  }

  /// `x` if it is positive, else `alpha (exp(x) - 1)`; its gradient at zero is alpha (Clevert et al. 2016; 1 is usual).
  default Variable elu(double alpha) {
    return relu().plus(self().clamp(Double.NEGATIVE_INFINITY, 0).expm1().times(alpha));
  }

  /// `x` if it is positive, else `negativeSlope x` (Maas et al. 2013; 0.01 is usual); the gradient at zero is that
  /// number.
  default Variable leakyRelu(double negativeSlope) {
    return Variable.where(value().greater(0), self(), self().times(negativeSlope));
  }

  /// `x` within -1 and 1, which are the values beyond.
  default Variable hardtanh() {
    return self().clamp(-1, 1);
  }

  /// The logarithm of [#sigmoid], `-softplus(-x)`.
  default Variable logSigmoid() {
    return self().negate().softplus().negate();
  }

  /// The error function.
  default Variable erf() {
    return record("erf", value().erf(),
        wrt(self(), g -> g.times(self().square().negate().exp()).times(2 / Math.sqrt(Math.PI))));
  }

  /// `exp(x) / sum(exp(x))` along an axis.
  default Variable softmax(int axis) {
    return record("softmax", value().softmax(axis), wrt(self(), (g, y) -> softmaxBackward(g, y, axis)));
  }

  /// [#softmax(int)] over the elements where a BOOL mask is true, which broadcasts to this shape. What it leaves out is
  /// 0, whatever it was, and has no gradient; so has all of a row of which it leaves nothing.
  default Variable softmax(int axis, Tensor mask) {
    Variable kept = tape().constant(mask);
    Tensor least = Tensor.full(dtype(), Double.NEGATIVE_INFINITY);
    Tensor all = Tensor.where(mask, value(), least).softmax(axis);
    return record("softmax", Tensor.where(mask, all, Tensor.zeros(dtype())),
        wrt(self(), (g, y) -> softmaxBackward(Variable.where(kept, g, g.zero()), y, axis)));
  }

  /// `(a - sum(a y)) y`: linear in `a`, by a symmetric matrix.
  private static Variable softmaxBackward(Variable a, Variable y, int axis) {
    return record("softmaxBackward", RawAccess.softmaxBackward(a.value(), y.value(), axis),
        wrt(a, g -> softmaxBackward(g, y, axis)),
        wrt(y, g -> g.times(a.minus(a.times(y).sumKeepDims(axis))).minus(a.times(g.times(y).sumKeepDims(axis)))));
  }

  /// The logarithm of [#softmax].
  default Variable logSoftmax(int axis) {
    return record("logSoftmax", value().logSoftmax(axis), wrt(self(), (g, y) -> logSoftmaxBackward(g, y, axis)));
  }

  /// `a - exp(y) sum(a)`.
  private static Variable logSoftmaxBackward(Variable a, Variable y, int axis) {
    return record("logSoftmaxBackward", RawAccess.logSoftmaxBackward(a.value(), y.value(), axis),
        wrt(a, g -> g.minus(g.times(y.exp()).sumKeepDims(axis))),
        wrt(y, g -> g.times(y.exp()).times(a.sumKeepDims(axis)).negate()));
  }
}
