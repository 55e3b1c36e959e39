package dev.rewind.autograd;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// Derivatives of functions, on tapes of their own: each method records the function, differentiates it and gives
/// tensors back. A function takes a variable of shape `[in..]` to one of shape `[out..]`; it must be made of operations
/// on that variable, since nothing else is differentiated. Where a result does not depend on the input, its derivative
/// is zero.
public final class Derivatives {
  private Derivatives() {}

  /// A function's value at a point, and its gradient there.
  ///
  /// @param value the scalar
  /// @param gradient of the shape of the input
  public record ValueAndGradient(double value, Tensor gradient) {}

  /// A scalar function and its gradient: what a minimiser asks for.
  ///
  /// @throws IllegalArgumentException if the result has more than one element
  public static ValueAndGradient valueAndGradient(Function<Variable, Variable> f, Tensor x) {
    try (Tape tape = Tape.recording()) {
      Variable at = tape.watch(x);
      Variable y = f.apply(at);
      requireScalar("valueAndGradient", y);
      return new ValueAndGradient(y.item(), gradientOrZero(y, ones(y).value(), at));
    }
  }

  /// All first derivatives: `[out.., in..]`, element `[i.., j..]` of which is that of output `i` with respect to input
  /// `j`. One backward pass for each output element.
  public static Tensor jacobian(Function<Variable, Variable> f, Tensor x) {
    try (Tape tape = Tape.recording()) {
      Variable at = tape.watch(x);
      Variable y = f.apply(at);
      Shape shape = joined(y.shape(), x.shape());
      if (!y.isTracked() || shape.elements() == 0) {
        return Tensor.zeros(x.dtype(), shape);
      }
      List<Tensor> rows = new ArrayList<>();
      for (int i = 0; i < y.value().elements(); i++) {
        Tensor seed = Tensor.zeros(y.dtype(), y.value().elements());
        seed.slice(0, i, i + 1).plusInPlace(Tensor.ones(y.dtype(), 1));
        Gradients gradients = tape.gradients(
            List.of(y), List.of(seed.reshape(y.shape())), Tape.Retain.GRAPH);
        rows.add(gradients.has(at) ? gradients.of(at) : Tensor.zeros(x.dtype(), x.shape()));
      }
      return Tensor.stack(0, rows).reshape(shape);
    }
  }

  /// The product of the transposed Jacobian and `v`, `[in..]`: one backward pass, whatever the sizes.
  ///
  /// @param v of the shape and dtype of the result
  public static Tensor vjp(Function<Variable, Variable> f, Tensor x, Tensor v) {
    try (Tape tape = Tape.recording()) {
      Variable at = tape.watch(x);
      Variable y = f.apply(at);
      requireLike("vjp", v, y.value(), "result");
      return gradientOrZero(y, v, at);
    }
  }

  /// The product of the Jacobian and `v`, `[out..]`: the derivative of `f` in direction `v`. The transposed product is
  /// linear in what it is multiplied by, so its derivative with respect to that is the product itself (Townsend 2017,
  /// "A new trick for calculating Jacobian vector products"): two backward passes, whatever the sizes.
  ///
  /// @param v of the shape and dtype of the input
  public static Tensor jvp(Function<Variable, Variable> f, Tensor x, Tensor v) {
    requireLike("jvp", v, x, "input");
    try (Tape tape = Tape.recording()) {
      Variable at = tape.watch(x);
      Variable y = f.apply(at);
      Variable multiplier = tape.watch(Tensor.full(y.dtype(), 1, y.shape())); // any value: what follows is linear in it
      Variable transposed = differentiateOrZero(y, multiplier, at);
      Variable inner = transposed.times(tape.constant(v)).sum();
      return gradientOrZero(inner, ones(inner).value(), multiplier);
    }
  }

  /// The product of the matrix of second derivatives of a scalar function and `v`, `[in..]`, without that matrix
  /// (Pearlmutter 1994, "Fast exact multiplication by the Hessian").
  ///
  /// @param v of the shape and dtype of the input
  /// @throws IllegalArgumentException if the result of `f` has more than one element
  public static Tensor hvp(Function<Variable, Variable> f, Tensor x, Tensor v) {
    requireLike("hvp", v, x, "input");
    try (Tape tape = Tape.recording()) {
      Variable at = tape.watch(x);
      Variable y = f.apply(at);
      requireScalar("hvp", y);
      Variable along = differentiateOrZero(y, ones(y), at).times(tape.constant(v)).sum();
      return gradientOrZero(along, ones(along).value(), at);
    }
  }

  /// All second derivatives of a scalar function, `[in.., in..]`: the Jacobian of its gradient, a backward pass for
  /// each element of the input.
  ///
  /// @throws IllegalArgumentException if the result of `f` has more than one element
  public static Tensor hessian(Function<Variable, Variable> f, Tensor x) {
    return jacobian(at -> {
      Variable y = f.apply(at);
      requireScalar("hessian", y);
      return differentiateOrZero(y, ones(y), at);
    }, x);
  }

  /// The gradient of a source, zeros if the target does not depend on it. It is not recorded: operations without a
  /// further derivative serve. Consumes the tape.
  private static Tensor gradientOrZero(Variable target, Tensor seed, Variable source) {
    if (target.isTracked()) {
      Gradients gradients = source.tape().gradients(target, seed);
      if (gradients.has(source)) {
        return gradients.of(source);
      }
    }
    return Tensor.zeros(source.dtype(), source.shape());
  }

  private static Variable differentiateOrZero(Variable target, Variable seed, Variable source) {
    return target.isTracked()
        ? source.tape().differentiate(target, seed, List.of(source)).getFirst()
        : source.tape().constant(Tensor.zeros(source.dtype(), source.shape()));
  }

  private static Variable ones(Variable like) {
    return like.tape().constant(Tensor.full(like.dtype(), 1, like.shape()));
  }

  private static Shape joined(Shape out, Shape in) {
    int[] sizes = Arrays.copyOf(out.sizes(), out.rank() + in.rank());
    System.arraycopy(in.sizes(), 0, sizes, out.rank(), in.rank());
    return Shape.of(sizes);
  }

  private static void requireScalar(String operation, Variable y) {
    if (y.value().elements() != 1) {
      throw new IllegalArgumentException(
          operation + ": wants a function with one number as its result, not one of shape " + y.shape());
    }
  }

  private static void requireLike(String operation, Tensor v, Tensor like, String of) {
    if (!v.shape().equals(like.shape()) || v.dtype() != like.dtype()) {
      throw new IllegalArgumentException(operation + ": the vector is " + v.dtype() + " " + v.shape() + ", the " + of
          + " of the function " + like.dtype() + " " + like.shape());
    }
  }
}
