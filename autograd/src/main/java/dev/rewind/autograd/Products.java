package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;

import dev.rewind.tensor.ShapeException;

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
    return record("matmul", a.value().matmul(b.value()),
        wrt(a, g -> g.matmul(b.transpose())),
        wrt(b, g -> a.transpose().matmul(g)));
  }

  static Variable dot(Variable a, Variable b) {
    return record("dot", a.value().dot(b.value()), wrt(a, g -> g.times(b)), wrt(b, g -> g.times(a)));
  }

  static Variable outer(Variable a, Variable b) {
    return record("outer", a.value().outer(b.value()), wrt(a, g -> g.matmul(b)), wrt(b, g -> a.matmul(g)));
  }
}
