package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/// A tensor on a tape: operations on it are recorded if a gradient may flow through them. Methods have the names and
/// the meaning of those of [Tensor], shapes, errors and cost too: where those give a view, the value here is one.
/// Operands of two tapes, or of one that is consumed or closed, are an [IllegalStateException]. Comparisons are made on
/// [#value].
public final class Variable {
  private final Tape tape;
  private final int slot;
  final Tensor value;
  private final int version;

  Variable(Tape tape, int slot, Tensor value) {
    this(tape, slot, value, value.version());
  }

  Variable(Tape tape, int slot, Tensor value, int version) {
    this.tape = tape;
    this.slot = slot;
    this.value = value;
    this.version = version;
  }

  /// The elements and where they were.
  ///
  /// @param values in descending order
  /// @param indices INT32, of the same shape
  public record TopK(Variable values, Tensor indices) {}

  // ---- what it is ---------------------------------------------------------------------------------------------------

  /// The tape that this belongs to.
  public Tape tape() {
    return tape;
  }

  /// The tensor.
  ///
  /// @throws IllegalStateException during a backward pass, if the tensor was changed in place after it was recorded
  public Tensor value() {
    if (version != value.version() && tape.running() != null) {
      throw tape.changedInPlace(this);
    }
    return value;
  }

  /// The dtype of the elements.
  public DType dtype() {
    return value.dtype();
  }

  /// The sizes of the axes.
  public Shape shape() {
    return value.shape();
  }

  /// The size of an axis.
  public int size(int axis) {
    return value.size(axis);
  }

  /// The number of axes.
  public int rank() {
    return value.rank();
  }

  /// The only element of a variable that has one.
  public double item() {
    return value.item();
  }

  /// Whether a gradient may flow through this.
  public boolean isTracked() {
    return slot != Tape.UNTRACKED;
  }

  /// The place of its gradient in a backward pass.
  int slot() {
    return slot;
  }

  /// Shows the value to the tape's observer, if there is one, under a name, which begins with that of the [Tape#scope];
  /// returns this.
  public Variable named(String name) {
    tape.show(name, value);
    return this;
  }

  /// Keeps the gradient of this variable for [Gradients#of(Variable)]; returns this.
  public Variable retainGradient() {
    if (isTracked()) {
      tape.leaves.retain(this);
    }
    return this;
  }

  /// Shows the gradient of this variable to a function during a backward pass, and goes on with what that returns;
  /// returns this.
  public Variable onGradient(UnaryOperator<Variable> hook) {
    if (isTracked()) {
      tape.leaves.hook(this, hook);
    }
    return this;
  }

  // ---- arithmetic ---------------------------------------------------------------------------------------------------

  /// `this + other`; both broadcast.
  public Variable plus(Variable other) {
    return Arithmetic.plus(this, other);
  }

  /// `this + value`.
  public Variable plus(double value) {
    return Arithmetic.plus(this, value);
  }

  /// `this - other`; both broadcast.
  public Variable minus(Variable other) {
    return Arithmetic.minus(this, other);
  }

  /// `this - value`.
  public Variable minus(double value) {
    return Arithmetic.minus(this, value);
  }

  /// `this * other`, element by element; both broadcast.
  public Variable times(Variable other) {
    return Arithmetic.times(this, other);
  }

  /// `this * value`.
  public Variable times(double value) {
    return Arithmetic.times(this, value);
  }

  /// `this / other`; both broadcast.
  public Variable divide(Variable other) {
    return Arithmetic.divide(this, other);
  }

  /// `this / value`.
  public Variable divide(double value) {
    return Arithmetic.divide(this, value);
  }

  /// `this` to the power of `other`. The gradient for the base is zero where the exponent is zero, that for the
  /// exponent is zero where the base is, unless the exponent is negative.
  public Variable pow(Variable other) {
    return Arithmetic.pow(this, other);
  }

  /// `this` to the power of a number.
  public Variable pow(double exponent) {
    return Arithmetic.pow(this, exponent);
  }

  /// `-this`.
  public Variable negate() {
    return Arithmetic.negate(this);
  }

  /// `1 / this`.
  public Variable reciprocal() {
    return Arithmetic.reciprocal(this);
  }

  /// `this * this`.
  public Variable square() {
    return Arithmetic.square(this);
  }

  /// The square root.
  public Variable sqrt() {
    return Arithmetic.sqrt(this);
  }

  /// The absolute value; its gradient at zero is zero.
  public Variable abs() {
    return Arithmetic.abs(this);
  }

  /// -1, 0 or 1 by sign, a constant.
  public Variable sign() {
    return tape.constant(value().sign());
  }

  /// The smaller of each pair; equal ones share the gradient.
  public Variable minimum(Variable other) {
    return Arithmetic.minimum(this, other);
  }

  /// The larger of each pair; equal ones share the gradient.
  public Variable maximum(Variable other) {
    return Arithmetic.maximum(this, other);
  }

  /// Each element moved into `[low, high]`; the gradient passes within, limits included.
  public Variable clamp(double low, double high) {
    return Arithmetic.clamp(this, low, high);
  }

  /// The natural exponential.
  public Variable exp() {
    return Arithmetic.exp(this);
  }

  /// `exp(x) - 1`.
  public Variable expm1() {
    return Arithmetic.expm1(this);
  }

  /// The natural logarithm.
  public Variable log() {
    return Arithmetic.log(this);
  }

  /// `log(1 + x)`.
  public Variable log1p() {
    return Arithmetic.log1p(this);
  }

  // ---- activations --------------------------------------------------------------------------------------------------

  /// The hyperbolic tangent.
  public Variable tanh() {
    return Activations.tanh(this);
  }

  /// `this * (1 - y^2)`: a gradient times the derivative of tanh, given its value.
  public Variable tanhBackward(Variable y) {
    return Activations.tanhBackward(this, y);
  }

  /// The logistic function.
  public Variable sigmoid() {
    return Activations.sigmoid(this);
  }

  /// `this * y * (1 - y)`: a gradient times the derivative of the logistic function, given its value.
  public Variable sigmoidBackward(Variable y) {
    return Activations.sigmoidBackward(this, y);
  }

  /// `log(1 + exp(x))`.
  public Variable softplus() {
    return Activations.softplus(this);
  }

  /// `max(x, 0)`; its gradient at zero is zero.
  public Variable relu() {
    return Activations.relu(this);
  }

  /// `x * (1 + erf(x / sqrt(2))) / 2`.
  public Variable gelu() {
    return Activations.gelu(this);
  }

  /// The error function.
  public Variable erf() {
    return Activations.erf(this);
  }

  /// `exp(x) / sum(exp(x))` along an axis.
  public Variable softmax(int axis) {
    return Activations.softmax(this, axis);
  }

  /// The logarithm of [#softmax].
  public Variable logSoftmax(int axis) {
    return Activations.logSoftmax(this, axis);
  }

  // ---- products -----------------------------------------------------------------------------------------------------

  /// The matrix product `[.., n, k] by [.., k, m] -> [.., n, m]`; leading axes broadcast; see [Tensor#matmul].
  public Variable matmul(Variable other) {
    return Products.matmul(this, other);
  }

  /// `this weight'`, a layer without a bias: `[.., k]` by a weight `[m, k]` gives `[.., m]`.
  public Variable linear(Variable weight) {
    return Products.linear(this, weight, null);
  }

  /// `this weight' + bias`: `[.., k]` by a weight `[m, k]` and a bias `[m]` gives `[.., m]`.
  public Variable linear(Variable weight, Variable bias) {
    return Products.linear(this, weight, bias);
  }

  /// The sum of products of two vectors, shape `[]`.
  public Variable dot(Variable other) {
    return Products.dot(this, other);
  }

  /// All products of two vectors: `[n] by [m] -> [n, m]`.
  public Variable outer(Variable other) {
    return Products.outer(this, other);
  }

  // ---- reductions: over the axes named, or over all where none is ---------------------------------------------------

  /// The sum over axes, which disappear.
  public Variable sum(int... axes) {
    return Reductions.sum(this, axes);
  }

  /// The sum over axes, which stay with size 1.
  public Variable sumKeepDims(int... axes) {
    return Reductions.sumKeepDims(this, axes);
  }

  /// The mean over axes, which disappear.
  public Variable mean(int... axes) {
    return Reductions.mean(this, axes);
  }

  /// The mean over axes, which stay with size 1.
  public Variable meanKeepDims(int... axes) {
    return Reductions.meanKeepDims(this, axes);
  }

  /// The variance over axes (divided by n), which disappear.
  public Variable variance(int... axes) {
    return Reductions.variance(this, axes);
  }

  /// The variance over axes (divided by n), which stay with size 1.
  public Variable varianceKeepDims(int... axes) {
    return Reductions.varianceKeepDims(this, axes);
  }

  /// The largest element over axes, which disappear; equal ones share the gradient.
  public Variable max(int... axes) {
    return Reductions.max(this, axes);
  }

  /// The largest element over axes, which stay with size 1.
  public Variable maxKeepDims(int... axes) {
    return Reductions.maxKeepDims(this, axes);
  }

  /// The smallest element over axes, which disappear; equal ones share the gradient.
  public Variable min(int... axes) {
    return Reductions.min(this, axes);
  }

  /// The smallest element over axes, which stay with size 1.
  public Variable minKeepDims(int... axes) {
    return Reductions.minKeepDims(this, axes);
  }

  /// The Euclidean norm over axes, which disappear; at zero its gradient and all higher derivatives are zero.
  public Variable norm(int... axes) {
    return Reductions.norm(this, axes);
  }

  /// [#norm] over axes, which stay with size 1.
  public Variable normKeepDims(int... axes) {
    return Reductions.normKeepDims(this, axes);
  }

  /// `log(sum(exp(x)))` over axes, which disappear. Its gradient is the softmax over these axes, and zero where all
  /// elements are negative infinity.
  public Variable logSumExp(int... axes) {
    return Reductions.logSumExp(this, axes);
  }

  /// [#logSumExp] over axes, which stay with size 1.
  public Variable logSumExpKeepDims(int... axes) {
    return Reductions.logSumExpKeepDims(this, axes);
  }

  /// Sums along an axis of all elements up to and including each.
  public Variable cumsum(int axis) {
    return Reductions.cumsum(this, axis);
  }

  /// Sums along an axis of all elements from each, inclusive, to the end.
  public Variable cumsumReverse(int axis) {
    return Reductions.cumsumReverse(this, axis);
  }

  // ---- views --------------------------------------------------------------------------------------------------------

  /// This variable if its elements lie in row-major order without gaps, else such a copy.
  public Variable contiguous() {
    return Movement.contiguous(this);
  }

  /// The same elements under another shape; one size may be -1.
  public Variable reshape(int... sizes) {
    return Movement.reshape(this, sizes);
  }

  /// The same elements under another shape.
  public Variable reshape(Shape shape) {
    return Movement.reshape(this, shape.sizes());
  }

  /// The last two axes exchanged.
  public Variable transpose() {
    return transpose(-2, -1);
  }

  /// Two axes exchanged.
  public Variable transpose(int a, int b) {
    return Movement.transpose(this, a, b);
  }

  /// The axes in another order.
  public Variable permute(int... order) {
    return Movement.permute(this, order);
  }

  /// Without an axis, which must have size 1.
  public Variable squeeze(int axis) {
    return Movement.squeeze(this, axis);
  }

  /// With a new axis of size 1 at a place.
  public Variable unsqueeze(int axis) {
    return Movement.unsqueeze(this, axis);
  }

  /// Broadcast to these sizes.
  public Variable expand(int... sizes) {
    return Movement.expand(this, Shape.of(sizes));
  }

  /// Broadcast to a shape.
  public Variable expand(Shape shape) {
    return Movement.expand(this, shape);
  }

  /// The elements `from` to `to` (exclusive) of an axis.
  public Variable slice(int axis, int from, int to) {
    return Movement.slice(this, axis, from, to, 1);
  }

  /// The elements `from, from + step, ..` below `to` of an axis.
  public Variable slice(int axis, int from, int to, int step) {
    return Movement.slice(this, axis, from, to, step);
  }

  /// One index of an axis, without that axis.
  public Variable select(int axis, int index) {
    return Movement.select(this, axis, index);
  }

  /// Equal parts along an axis.
  public List<Variable> split(int axis, int parts) {
    return Movement.split(this, axis, value().split(axis, parts));
  }

  /// Parts of these sizes along an axis.
  public List<Variable> split(int axis, int[] sizes) {
    return Movement.split(this, axis, value().split(axis, sizes));
  }

  /// At most `chunks` parts along an axis, equal but for the last.
  public List<Variable> chunk(int axis, int chunks) {
    return Movement.split(this, axis, value().chunk(axis, chunks));
  }

  /// An axis in reverse order.
  public Variable flip(int axis) {
    return Movement.flip(this, axis);
  }

  /// All windows of an axis, their elements along a new last axis; see [Tensor#unfold].
  public Variable unfold(int axis, int size, int step) {
    return Movement.unfold(this, axis, size, step);
  }

  /// With `before` and `after` elements of a value around an axis.
  public Variable pad(int axis, int before, int after, double value) {
    return Movement.pad(this, axis, before, after, value);
  }

  /// The variables one after another along an axis.
  public static Variable concat(int axis, List<Variable> variables) {
    return Movement.concat(axis, variables);
  }

  /// Variables of one shape side by side along a new axis.
  public static Variable stack(int axis, List<Variable> variables) {
    return Movement.stack(axis, variables);
  }

  // ---- indexing -----------------------------------------------------------------------------------------------------

  /// Whole slices of an axis, looked up by INT32 indices of any shape; see [Tensor#gather].
  public Variable gather(Tensor indices, int axis) {
    return Indexing.gather(this, tape.constant(indices), axis);
  }

  /// [#gather(Tensor, int)] by indices that are a constant of the tape.
  public Variable gather(Variable indices, int axis) {
    return Indexing.gather(this, tape.constant(indices.value()), axis);
  }

  /// Elements looked up along an axis, each by its own index; see [Tensor#takeAlong].
  public Variable takeAlong(Tensor indices, int axis) {
    return Indexing.takeAlong(this, tape.constant(indices), axis);
  }

  /// A copy to which slices are added; see [Tensor#scatterAdd].
  public Variable scatterAdd(Tensor indices, Variable updates, int axis) {
    return Indexing.scatterAdd(this, tape.constant(indices), updates, axis);
  }

  /// A copy to which elements are added along an axis; see [Tensor#scatterAddAlong].
  public Variable scatterAddAlong(Tensor indices, Variable updates, int axis) {
    return Indexing.scatterAddAlong(this, tape.constant(indices), updates, axis);
  }

  /// The elements where a BOOL mask is true, shape `[count]`.
  public Variable maskedSelect(Tensor mask) {
    return Indexing.maskedSelect(this, mask);
  }

  /// `a` where the condition (BOOL) is true, else `b`; all three broadcast.
  public static Variable where(Tensor condition, Variable a, Variable b) {
    return where(a.tape.constant(condition), a, b);
  }

  /// [#where(Tensor, Variable, Variable)] by a condition that is a constant of the tape.
  public static Variable where(Variable condition, Variable a, Variable b) {
    return Indexing.where(condition, a, b);
  }

  /// The `k` largest elements along the last axis, in descending order.
  public TopK topK(int k) {
    return Indexing.topK(this, k);
  }

  // ---- what has no gradient, or its own -----------------------------------------------------------------------------

  /// The same value as a constant: no gradient flows through it.
  public Variable stopGradient() {
    return tape.constant(value());
  }

  /// Converted to another dtype; a gradient flows between floating ones.
  public Variable to(DType dtype) {
    return Movement.to(this, dtype);
  }

  /// The dtype, the shape, and the elements.
  @Override
  public String toString() {
    return "variable " + dtype() + " " + shape() + (isTracked() ? "" : ", constant") + ":\n" + value;
  }
}
