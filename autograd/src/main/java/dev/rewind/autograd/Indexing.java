package dev.rewind.autograd;

import static dev.rewind.autograd.Movement.picked;
import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;
import static dev.rewind.autograd.Op.wrtView;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;

/// Lookups and choices. No gradient flows through indices and conditions; they are constants of the tape, so that rules
/// find out if one was changed in place.
sealed interface Indexing extends Operand permits Variable {
  private Variable self() {
    return (Variable) this;
  }

  /// Whole slices of an axis, looked up by INT32 indices of any shape; see [Tensor#gather].
  default Variable gather(Tensor indices, int axis) {
    return gather(tape().constant(indices), axis);
  }

  /// [#gather(Tensor, int)] by indices that are a constant of the tape.
  default Variable gather(Variable indices, int axis) {
    Tensor value = value().gather(indices.value(), axis);
    return shape().axis("gather", axis) == 0
        ? rows(self(), indices, value)
        : picked("gather", self(), value, (sum, g) -> sum.scatterAddInPlace(indices.value(), g, axis),
            g -> g.gather(indices, axis));
  }

  /// Rows of a table, whose gradient stays a set of rows where that is less.
  private static Variable rows(Variable table, Variable indices, Tensor value) {
    Shape shape = table.shape();
    return record("gather", value, wrt(table,
        g -> Movement.embed(g, shape, (sum, h) -> sum.scatterAddInPlace(indices.value(), h, 0),
            h -> h.gather(indices, 0)),
        (sum, g) -> sum.addRows(indices.value(), g)));
  }

  /// Elements looked up along an axis, each by its own index; see [Tensor#takeAlong].
  default Variable takeAlong(Tensor indices, int axis) {
    return takeAlong(self(), tape().constant(indices), axis);
  }

  private static Variable takeAlong(Variable x, Variable indices, int axis) {
    return picked("takeAlong", x, x.value().takeAlong(indices.value(), axis),
        (sum, g) -> sum.scatterAddAlongInPlace(indices.value(), g, axis), g -> takeAlong(g, indices, axis));
  }

  /// A copy to which slices are added; see [Tensor#scatterAdd].
  default Variable scatterAdd(Tensor indices, Variable updates, int axis) {
    Variable at = tape().constant(indices);
    return record("scatterAdd", value().scatterAdd(indices, updates.value(), axis),
        wrtView(self(), g -> g),
        wrt(updates, g -> g.gather(at, axis)));
  }

  /// A copy to which elements are added along an axis; see [Tensor#scatterAddAlong].
  default Variable scatterAddAlong(Tensor indices, Variable updates, int axis) {
    Variable at = tape().constant(indices);
    return record("scatterAddAlong", value().scatterAddAlong(indices, updates.value(), axis),
        wrtView(self(), g -> g),
        wrt(updates, g -> takeAlong(g, at, axis)));
  }

  /// The elements where a BOOL mask is true, shape `[count]`.
  default Variable maskedSelect(Tensor mask) {
    Tensor positions = Tensor.arange(value().elements()).reshape(shape()).maskedSelect(mask);
    return self().reshape(-1).gather(positions, 0);
  }

  static Variable where(Variable condition, Variable a, Variable b) {
    return record("where", Tensor.where(condition.value(), a.value(), b.value()),
        wrt(a, g -> where(condition, g, g.zero())),
        wrt(b, g -> where(condition, g.zero(), g)));
  }

  /// The `k` largest elements along the last axis, in descending order.
  default Variable.TopK topK(int k) {
    return topK(k, true);
  }

  /// The `k` largest or smallest elements along the last axis, the largest or smallest first.
  default Variable.TopK topK(int k, boolean largest) {
    Tensor indices = value().topK(k, largest).indices();
    return new Variable.TopK(takeAlong(indices, -1), indices);
  }

  /// The elements along an axis in ascending order, NaN last.
  default Variable sort(int axis) {
    return takeAlong(value().argsort(axis), axis);
  }
}
