package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.recordMany;
import static dev.rewind.autograd.Op.wrt;
import static dev.rewind.autograd.Op.wrtView;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/// Views and what puts them together again.
sealed interface Movement extends Operand permits Variable {
  private Variable self() {
    return (Variable) this;
  }

  /// The same elements under another shape; one size may be -1.
  default Variable reshape(int... sizes) {
    Shape shape = shape();
    return record("reshape", value().reshape(sizes), wrtView(self(), g -> g.reshape(shape)));
  }

  /// The same elements under another shape.
  default Variable reshape(Shape shape) {
    return reshape(shape.sizes());
  }

  /// This variable if its elements lie in row-major order without gaps, else such a copy.
  default Variable contiguous() {
    return value().isContiguous() ? self() : record("contiguous", value().contiguous(), wrtView(self(), g -> g));
  }

  /// The last two axes exchanged.
  default Variable transpose() {
    return transpose(-2, -1);
  }

  /// Two axes exchanged.
  default Variable transpose(int a, int b) {
    return record("transpose", value().transpose(a, b), wrtView(self(), g -> g.transpose(a, b)));
  }

  /// The axes in another order.
  default Variable permute(int... order) {
    int[] inverse = new int[order.length];
    Tensor permuted = value().permute(order);
    for (int i = 0; i < order.length; i++) {
      inverse[shape().axis("permute", order[i])] = i;
    }
    return record("permute", permuted, wrtView(self(), g -> g.permute(inverse)));
  }

  /// Without an axis, which must have size 1.
  default Variable squeeze(int axis) {
    Shape shape = shape();
    return record("squeeze", value().squeeze(axis), wrtView(self(), g -> g.reshape(shape)));
  }

  /// With a new axis of size 1 at a place.
  default Variable unsqueeze(int axis) {
    Shape shape = shape();
    return record("unsqueeze", value().unsqueeze(axis), wrtView(self(), g -> g.reshape(shape)));
  }

  /// Broadcast to these sizes.
  default Variable expand(int... sizes) {
    return expand(Shape.of(sizes));
  }

  /// Broadcast to a shape.
  default Variable expand(Shape shape) {
    return record("expand", value().expand(shape), wrtView(self(), g -> g));
  }

  /// The elements `from` to `to` (exclusive) of an axis.
  default Variable slice(int axis, int from, int to) {
    return slice(axis, from, to, 1);
  }

  /// The elements `from, from + step, ..` below `to` of an axis.
  default Variable slice(int axis, int from, int to, int step) {
    return part("slice", self(), y -> y.slice(axis, from, to, step), g -> g.slice(axis, from, to, step));
  }

  /// One index of an axis, without that axis.
  default Variable select(int axis, int index) {
    return part("select", self(), y -> y.select(axis, index), g -> g.select(axis, index));
  }

  /// An operation that gives a view of some elements, each once.
  private static Variable part(String operation, Variable x, UnaryOperator<Tensor> view, Op.Rule same) {
    return picked(operation, x, view.apply(x.value()), (sum, g) -> view.apply(sum).plusInPlace(g), same);
  }

  /// All windows of an axis, their elements along a new last axis; see [Tensor#unfold].
  default Variable unfold(int axis, int size, int step) {
    int at = shape().axis("unfold", axis);
    return picked("unfold", self(), value().unfold(axis, size, step), (sum, g) -> {
      for (int w = 0; w < g.size(at); w++) {
        sum.slice(at, w * step, w * step + size).plusInPlace(g.select(at, w).transpose(at, -1));
      }
    }, g -> g.unfold(axis, size, step));
  }

  /// An operation that picks elements, some of them perhaps several times. A backward pass adds in place into one sum,
  /// so that a loop of slices is linear in its length.
  ///
  /// @param scatter adds a gradient to the places, in a tensor of the argument's shape, from which its elements were
  ///     picked
  /// @param pick the operation itself, which is the reverse of that
  static Variable picked(String operation, Variable x, Tensor value, BiConsumer<Tensor, Tensor> scatter, Op.Rule pick) {
    Shape shape = x.shape();
    return record(operation, value,
        wrt(x, g -> embed(g, shape, scatter, pick), (sum, g) -> scatter.accept(sum.dense().total(), g)));
  }

  /// Zeros of a shape with `x` added at picked places: the reverse of picking, whose reverse is `pick`.
  static Variable embed(Variable x, Shape shape, BiConsumer<Tensor, Tensor> scatter, Op.Rule pick) {
    Tensor result = Tensor.zeros(x.dtype(), shape);
    scatter.accept(result, x.value());
    return record("embed", result, wrt(x, pick));
  }

  /// Equal parts along an axis.
  default List<Variable> split(int axis, int parts) {
    return split(axis, value().split(axis, parts));
  }

  /// Parts of these sizes along an axis.
  default List<Variable> split(int axis, int[] sizes) {
    return split(axis, value().split(axis, sizes));
  }

  /// At most `chunks` parts along an axis, equal but for the last.
  default List<Variable> chunk(int axis, int chunks) {
    return split(axis, value().chunk(axis, chunks));
  }

  private List<Variable> split(int axis, List<Tensor> parts) {
    return recordMany("split", parts, List.of(self()), gradients -> List.of(concat(axis, gradients)),
        (sum, gradients) -> sum.dense().addWritten(whole -> write(whole, axis, gradients)));
  }

  private static void write(Tensor whole, int axis, List<Tensor> parts) {
    int from = 0;
    for (Tensor part : parts) {
      int to = from + part.size(axis);
      whole.slice(axis, from, to).assign(part);
      from = to;
    }
  }

  /// An axis in reverse order.
  default Variable flip(int axis) {
    return record("flip", value().flip(axis), wrtView(self(), g -> g.flip(axis)));
  }

  /// With `before` and `after` elements of a value around an axis.
  default Variable pad(int axis, int before, int after, double value) {
    int size = size(shape().axis("pad", axis));
    return record("pad", value().pad(axis, before, after, value),
        wrtView(self(), g -> g.slice(axis, before, before + size)));
  }

  static Variable concat(int axis, List<Variable> variables) {
    Tensor value = Tensor.concat(axis, variables.stream().map(Variable::value).toList());
    Op.Argument[] arguments = new Op.Argument[variables.size()];
    int from = 0;
    for (int i = 0; i < arguments.length; i++) {
      int start = from;
      int end = from + variables.get(i).size(axis);
      arguments[i] = wrtView(variables.get(i), g -> g.slice(axis, start, end));
      from = end;
    }
    return record("concat", value, arguments);
  }

  static Variable stack(int axis, List<Variable> variables) {
    Tensor value = Tensor.stack(axis, variables.stream().map(Variable::value).toList());
    Op.Argument[] arguments = new Op.Argument[variables.size()];
    Arrays.setAll(arguments, i -> wrtView(variables.get(i), g -> g.select(axis, i)));
    return record("stack", value, arguments);
  }

  /// Converted to another dtype; a gradient flows between floating ones.
  default Variable to(DType dtype) {
    if (!dtype.isFloating()) {
      return tape().constant(value().to(dtype));
    }
    DType before = dtype();
    return dtype == before ? self() : record("to", value().to(dtype), wrt(self(), g -> g.to(before)));
  }
}
