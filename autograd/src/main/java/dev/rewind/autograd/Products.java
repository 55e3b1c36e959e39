package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;
import static dev.rewind.autograd.Op.wrtView;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;

/// Matrix products.
final class Products {
  private Products() {}

  /// Vectors become matrices, and leading axes of a left operand become rows where the right has none: then the
  /// gradient of the right operand is one product, not a sum of many.
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
      return product(rows(a), b).reshape(withLastSize(a.shape(), b.size(1)));
    }
    return product(a, b);
  }

  /// `[.., k]` as a matrix of k columns.
  private static Variable rows(Variable x) {
    int rows = 1;
    for (int axis = 0; axis < x.rank() - 1; axis++) {
      rows *= x.size(axis);
    }
    return x.reshape(rows, x.size(-1));
  }

  private static int[] withLastSize(Shape shape, int size) {
    int[] sizes = shape.sizes();
    sizes[sizes.length - 1] = size;
    return sizes;
  }

  /// `[.., n, k] by [.., k, m] -> [.., n, m]`.
  private static Variable product(Variable a, Variable b) {
    Tensor value = a.tape().packedMatrices().matmul(a.value(), b.value());
    return a.rank() > 2 || b.rank() > 2
        ? record("matmul", value, wrt(a, g -> g.matmul(b.transpose())), wrt(b, g -> a.transpose().matmul(g)))
        : record("matmul", value,
            wrt(a, g -> g.matmul(b.transpose()), (sum, g) -> sum.addMatmul(g, b.value().transpose())),
            wrt(b, g -> a.transpose().matmul(g), (sum, g) -> sum.addTransposedMatmul(a.value(), g)));
  }

  /// `x weight' + bias`: `[.., k] by [m, k] -> [.., m]`, without the bias if that is null.
  static Variable linear(Variable x, Variable weight, Variable bias) {
    if (weight.rank() != 2 || x.rank() == 0 || x.size(-1) != weight.size(1)
        || bias != null && !bias.shape().equals(Shape.of(weight.size(0)))) {
      throw new ShapeException(
          "linear: wants [.., k] by a weight [m, k]" + (bias == null ? ", not " : " and a bias [m], not ")
              + x.shape() + " by " + weight.shape() + (bias == null ? "" : " and " + bias.shape()));
    }
    return x.rank() == 2 ? linearOfRows(x, weight, bias)
        : linearOfRows(rows(x), weight, bias).reshape(withLastSize(x.shape(), weight.size(0)));
  }

  private static Variable linearOfRows(Variable x, Variable weight, Variable bias) {
    Tensor product = x.tape().packedMatrices().matmul(x.value(), weight.value().transpose());
    Op.Argument ofX = wrt(x, g -> g.matmul(weight), (sum, g) -> sum.addMatmul(g, weight.value()));
    Op.Argument ofWeight = wrt(weight, g -> g.transpose().matmul(x), (sum, g) -> sum.addMatmulTransposed(g, x.value()));
    return bias == null
        ? record("linear", product, ofX, ofWeight)
        : record("linear", product.plusInPlace(bias.value()), ofX, ofWeight, wrtView(bias, g -> g));
  }

  static Variable dot(Variable a, Variable b) {
    return record("dot", a.value().dot(b.value()), wrt(a, g -> g.times(b)), wrt(b, g -> g.times(a)));
  }

  static Variable outer(Variable a, Variable b) {
    return record("outer", a.value().outer(b.value()), wrt(a, g -> g.matmul(b)), wrt(b, g -> a.matmul(g)));
  }
}
