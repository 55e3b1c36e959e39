package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;
import static dev.rewind.autograd.Op.wrtView;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/// Matrix products.
sealed interface Products extends Operand permits Variable {
  private Variable self() {
    return (Variable) this;
  }

  /// The matrix product `[.., n, k] by [.., k, m] -> [.., n, m]`; leading axes broadcast; see [Tensor#matmul].
  default Variable matmul(Variable other) {
    if (other.rank() == 1) {
      return matmul(other.unsqueeze(1)).squeeze(-1);
    }
    if (rank() == 1 && other.rank() > 2) {
      return self().unsqueeze(0).matmul(other).squeeze(-2);
    }
    boolean ofRows = rank() > 0 && other.rank() == 2 && size(-1) == other.size(0);
    return ofRows ? ofRows(self(), other.size(1), x -> product(x, other)) : product(self(), other);
  }

  private static Variable product(Variable a, Variable b) {
    return record("matmul", a.tape().packed.matmul(a.value(), b.value()),
        wrt(a, g -> g.matmul(b.transpose()), (sum, g) -> sum.addMatmul(g, b.value().transpose())),
        wrt(b, g -> a.transpose().matmul(g), (sum, g) -> sum.addTransposedMatmul(a.value(), g)));
  }

  /// What a product makes of `[.., k]`, as the rows of one matrix: then the gradient of what it is multiplied by is one
  /// product too, not a sum of many.
  private static Variable ofRows(Variable x, int columns, UnaryOperator<Variable> product) {
    if (x.rank() == 2) {
      return product.apply(x);
    }
    int[] sizes = x.shape().sizes();
    int last = sizes.length - 1;
    int rows = Arrays.stream(sizes, 0, last).reduce(1, (a, b) -> a * b);
    Variable result = product.apply(x.reshape(rows, sizes[last]));
    sizes[last] = columns;
    return result.reshape(sizes);
  }

  /// `this weight'`, a layer without a bias: `[.., k]` by a weight `[m, k]` gives `[.., m]`.
  default Variable linear(Variable weight) {
    return linear(weight, null);
  }

  /// `this weight' + bias`: `[.., k]` by a weight `[m, k]` and a bias `[m]` gives `[.., m]`.
  default Variable linear(Variable weight, Variable bias) {
    if (weight.rank() != 2 || rank() == 0 || size(-1) != weight.size(1)
        || bias != null && !bias.shape().equals(Shape.of(weight.size(0)))) {
      throw new ShapeException(
          "linear: wants [.., k] by a weight [m, k]" + (bias == null ? ", not " : " and a bias [m], not ")
              + shape() + " by " + weight.shape() + (bias == null ? "" : " and " + bias.shape()));
    }
    return ofRows(self(), weight.size(0), x -> {
      Tensor y = x.tape().packed.matmul(x.value(), weight.value().transpose());
      Op.Argument ofX = wrt(x, g -> g.matmul(weight), (sum, g) -> sum.addMatmul(g, weight.value()));
      Op.Argument ofWeight = wrt(weight, g -> g.transpose().matmul(x),
          (sum, g) -> sum.addTransposedMatmul(g, x.value()));
      return bias == null ? record("linear", y, ofX, ofWeight)
          : record("linear", y.plusInPlace(bias.value()), ofX, ofWeight, wrtView(bias, g -> g));
    });
  }

  /// The sum of products of two vectors, shape `[]`.
  default Variable dot(Variable other) {
    return record("dot", value().dot(other.value()),
        wrt(self(), g -> g.times(other)),
        wrt(other, g -> g.times(self())));
  }

  /// All products of two vectors: `[n] by [m] -> [n, m]`.
  default Variable outer(Variable other) {
    return record("outer", value().outer(other.value()),
        wrt(self(), g -> g.matmul(other)),
        wrt(other, g -> matmul(g)));
  }
}
