package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;
import static dev.rewind.autograd.Op.wrtPicked;
import static dev.rewind.autograd.Op.wrtRows;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;

/// Lookups and choices. Indices and conditions are tensors: no gradient flows through them.
final class Indexing {
  private Indexing() {}

  static Variable gather(Variable x, Tensor indices, int axis) {
    Op.Scatter scatter = (sum, g) -> sum.scatterAddInPlace(indices, g, axis);
    Shape shape = x.shape();
    Op.Rule rule = g -> Movement.embed(g, shape, scatter, h -> h.gather(indices, axis));
    return record("gather", x.value().gather(indices, axis),
        axis == 0 ? wrtRows(x, indices, scatter, rule) : wrtPicked(x, scatter, rule));
  }

  static Variable takeAlong(Variable x, Tensor indices, int axis) {
    Op.Scatter scatter = (sum, g) -> sum.scatterAddAlongInPlace(indices, g, axis);
    Shape shape = x.shape();
    return record("takeAlong", x.value().takeAlong(indices, axis),
        wrtPicked(x, scatter, g -> Movement.embed(g, shape, scatter, h -> h.takeAlong(indices, axis))));
  }

  static Variable scatterAdd(Variable x, Tensor indices, Variable updates, int axis) {
    return record("scatterAdd", x.value().scatterAdd(indices, updates.value(), axis),
        wrt(x, g -> g),
        wrt(updates, g -> g.gather(indices, axis)));
  }

  static Variable scatterAddAlong(Variable x, Tensor indices, Variable updates, int axis) {
    return record("scatterAddAlong", x.value().scatterAddAlong(indices, updates.value(), axis),
        wrt(x, g -> g),
        wrt(updates, g -> g.takeAlong(indices, axis)));
  }

  static Variable maskedSelect(Variable x, Tensor mask) {
    Tensor positions = Tensor.arange(x.value().elements()).reshape(x.shape()).maskedSelect(mask);
    return x.reshape(-1).gather(positions, 0);
  }

  static Variable where(Tensor condition, Variable a, Variable b) {
    return record("where", Tensor.where(condition, a.value(), b.value()),
        wrt(a, g -> Variable.where(condition, g, zero(g))),
        wrt(b, g -> Variable.where(condition, zero(g), g)));
  }

  private static Variable zero(Variable like) {
    DType dtype = like.dtype();
    return like.tape().constant(Tensor.zeros(dtype));
  }

  static Variable.TopK topK(Variable x, int k) {
    Tensor indices = x.value().topK(k).indices();
    return new Variable.TopK(x.takeAlong(indices, -1), indices);
  }
}
