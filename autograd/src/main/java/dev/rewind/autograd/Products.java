package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.wrt;
import static dev.rewind.autograd.Op.wrtView;

import dev.rewind.tensor.Shape;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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

  static Variable einsum(String equation, List<Variable> x) {
    String[] sides = equation.replace(" ", "").split("->", -1);
    String[] axes = sides[0].split(",", -1);
    if (sides.length != 2 || axes.length != x.size() || axes.length > 2
        || Stream.concat(Arrays.stream(axes), Stream.of(sides[1])).anyMatch(letters -> !areLetters(letters))) {
      throw new IllegalArgumentException(
          "einsum: '" + equation + "' for " + x.size() + " variables; wants one or two of "
              + "them, as 'ij->ji' or 'bij,bjk->bik', each axis a letter of its own");
    }
    Map<Character, Integer> sizes = new HashMap<>();
    for (int k = 0; k < axes.length; k++) {
      for (int i = 0; i < axes[k].length(); i++) {
        if (axes[k].length() != x.get(k).rank()
            || sizes.merge(axes[k].charAt(i), x.get(k).size(i), (a, b) -> a.equals(b) ? a : -1) < 0) {
          throw new ShapeException("einsum: '" + equation + "' does not fit "
              + x.stream().map(variable -> variable.shape().toString()).collect(Collectors.joining(" and ")));
        }
      }
    }
    String result = sides[1];
    if (!sizes.keySet().containsAll(result.chars().mapToObj(c -> (char) c).toList())) {
      throw new IllegalArgumentException("einsum: '" + equation + "' has a letter in the result alone");
    }
    if (x.size() == 1) {
      return arranged(x.getFirst(), axes[0], only(axes[0], result, true), result);
    }
    String both = only(axes[0], axes[1], true);
    String batch = only(both, result, true);
    String summed = only(both, result, false);
    String left = only(only(axes[0], axes[1], false), result, true);
    String right = only(only(axes[1], axes[0], false), result, true);
    Variable a = arranged(x.get(0), axes[0], batch + left + summed, batch + left + summed);
    Variable b = arranged(x.get(1), axes[1], batch + summed + right, batch + summed + right);
    Variable product = a.reshape(product(batch, sizes), product(left, sizes), product(summed, sizes))
        .matmul(b.reshape(product(batch, sizes), product(summed, sizes), product(right, sizes)));
    String order = batch + left + right;
    return arranged(product.reshape(order.chars().map(c -> sizes.get((char) c)).toArray()), order, order, result);
  }

  /// Without the axes that are not kept, which are summed over, and in that order.
  private static Variable arranged(Variable x, String axes, String kept, String order) {
    int[] summed = IntStream.range(0, axes.length()).filter(i -> kept.indexOf(axes.charAt(i)) < 0).toArray();
    Variable sum = summed.length == 0 ? x : x.sum(summed);
    String left = only(axes, kept, true);
    return left.equals(order) ? sum : sum.permute(order.chars().map(left::indexOf).toArray());
  }

  /// The letters that are among others, or are not.
  private static String only(String letters, String others, boolean among) {
    return letters.chars().filter(c -> others.indexOf(c) >= 0 == among).mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  private static boolean areLetters(String axes) {
    return axes.chars().allMatch(Character::isLetter) && axes.chars().distinct().count() == axes.length();
  }

  private static int product(String axes, Map<Character, Integer> sizes) {
    return axes.chars().map(c -> sizes.get((char) c)).reduce(1, Math::multiplyExact);
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
