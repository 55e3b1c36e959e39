package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;

import dev.rewind.tensor.Accumulator;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;

/// Matrix products.
final class Products {
  private Products() {}

  /// Vectors become matrices, and leading axes of a left operand become rows where the right has none: then the gradient
  /// of the right operand is one product, not a sum of many.
  static Variable matmul(Variable a, Variable b) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw new ShapeException("matmul: wants vectors or matrices: " + a.shape() + " by " + b.shape());
    }
    if (a.rank() == 1) {
      return matmul(a.unsqueeze(0), b).squeeze(b.rank() == 1 ? 0 : -2);
    }
    if (b.rank() == 1) {
      return matmul(a, b.unsqueeze(1)).squeeze(-1);
    }
    if (a.rank() > 2 && b.rank() == 2 && a.size(-1) == b.size(0)) {
      int[] sizes = a.shape().sizes();
      int rows = 1;
      for (int axis = 0; axis < sizes.length - 1; axis++) {
        rows *= sizes[axis];
      }
      sizes[sizes.length - 1] = b.size(1);
      return product(a.reshape(rows, b.size(0)), b).reshape(sizes);
    }
    return product(a, b);
  }

  /// `[.., n, k] by [.., k, m] -> [.., n, m]`.
  private static Variable product(Variable a, Variable b) {
    Tensor value = a.tape().matmul(a.value(), b.value());
    return a.rank() == 2 && b.rank() == 2
        ? record("matmul", value, wrt(a, new LeftFactor(b)), wrt(b, new Op.RightFactor(a)))
        : record("matmul", value, wrt(a, g -> g.matmul(b.transpose())), wrt(b, g -> a.transpose().matmul(g)));
  }

  /// The gradient of the left operand of a product: `g right'`.
  private record LeftFactor(Variable right) implements Op.InPlace {
    @Override
    public Variable apply(Variable g) {
      return g.matmul(right.transpose());
    }

    @Override
    public void addInto(Accumulator sum, Tensor g) {
      right.tape().addMatmul(sum, g, right.value().transpose());
    }

    @Override
    public boolean fits(Shape argument, Shape g) {
      return true;
    }
  }

  static Variable dot(Variable a, Variable b) {
    return record("dot", a.value().dot(b.value()), wrt(a, g -> g.times(b)), wrt(b, g -> g.times(a)));
  }

  static Variable outer(Variable a, Variable b) {
    return record("outer", a.value().outer(b.value()), wrt(a, g -> g.matmul(b)), wrt(b, g -> a.matmul(g)));
  }
}
