package dev.rewind.autograd;

import static dev.rewind.autograd.Movement.picked;
import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;

/// Lookups and choices. No gradient flows through indices and conditions; they are constants of the tape, so that rules
/// find out if one was changed in place.
final class Indexing {
  private Indexing() {}

  static Variable gather(Variable x, Variable indices, int axis) {
    Tensor value = x.value().gather(indices.value(), axis);
    return x.shape().axis("gather", axis) == 0
        ? rows(x, indices, value)
        : picked("gather", x, value, (sum, g) -> sum.scatterAddInPlace(indices.value(), g, axis),
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

  static Variable takeAlong(Variable x, Variable indices, int axis) {
    return picked("takeAlong", x, x.value().takeAlong(indices.value(), axis),
        (sum, g) -> sum.scatterAddAlongInPlace(indices.value(), g, axis), g -> Indexing.takeAlong(g, indices, axis));
  }

  static Variable scatterAdd(Variable x, Variable indices, Variable updates, int axis) {
    return record("scatterAdd", x.value().scatterAdd(indices.value(), updates.value(), axis),
        wrt(x, g -> g),
        wrt(updates, g -> g.gather(indices, axis)));
  }

  static Variable scatterAddAlong(Variable x, Variable indices, Variable updates, int axis) {
    return record("scatterAddAlong", x.value().scatterAddAlong(indices.value(), updates.value(), axis),
        wrt(x, g -> g),
        wrt(updates, g -> takeAlong(g, indices, axis)));
  }

  static Variable maskedSelect(Variable x, Tensor mask) {
    Tensor positions = Tensor.arange(x.value().elements()).reshape(x.shape()).maskedSelect(mask);
    return x.reshape(-1).gather(positions, 0);
  }

  static Variable where(Variable condition, Variable a, Variable b) {
    return record("where", Tensor.where(condition.value(), a.value(), b.value()),
        wrt(a, g -> where(condition, g, zero(g))),
        wrt(b, g -> where(condition, zero(g), g)));
  }

  private static Variable zero(Variable like) {
    return like.tape().constant(Tensor.zeros(like.dtype()));
  }

  static Variable.TopK topK(Variable x, int k) {
    Tensor indices = x.value().topK(k).indices();
    return new Variable.TopK(x.takeAlong(indices, -1), indices);
  }
}
