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
final class Movement {
  private Movement() {}

  static Variable reshape(Variable x, int... sizes) {
    Shape shape = x.shape();
    return record("reshape", x.value().reshape(sizes), wrtView(x, g -> g.reshape(shape)));
  }

  static Variable contiguous(Variable x) {
    return x.value().isContiguous() ? x : record("contiguous", x.value().contiguous(), wrtView(x, g -> g));
  }

  static Variable transpose(Variable x, int a, int b) {
    return record("transpose", x.value().transpose(a, b), wrtView(x, g -> g.transpose(a, b)));
  }

  static Variable permute(Variable x, int... order) {
    int[] inverse = new int[order.length];
    Tensor permuted = x.value().permute(order);
    for (int i = 0; i < order.length; i++) {
      inverse[x.shape().axis("permute", order[i])] = i;
    }
    return record("permute", permuted, wrtView(x, g -> g.permute(inverse)));
  }

  static Variable squeeze(Variable x, int axis) {
    Shape shape = x.shape();
    return record("squeeze", x.value().squeeze(axis), wrtView(x, g -> g.reshape(shape)));
  }

  static Variable unsqueeze(Variable x, int axis) {
    Shape shape = x.shape();
    return record("unsqueeze", x.value().unsqueeze(axis), wrtView(x, g -> g.reshape(shape)));
  }

  static Variable expand(Variable x, Shape shape) {
    return record("expand", x.value().expand(shape), wrtView(x, g -> g));
  }

  static Variable slice(Variable x, int axis, int from, int to, int step) {
    return part("slice", x, y -> y.slice(axis, from, to, step), g -> g.slice(axis, from, to, step));
  }

  static Variable select(Variable x, int axis, int index) {
    return part("select", x, y -> y.select(axis, index), g -> g.select(axis, index));
  }

  /// An operation that gives a view of some elements, each once.
  private static Variable part(String operation, Variable x, UnaryOperator<Tensor> view, Op.Rule same) {
    return picked(operation, x, view.apply(x.value()), (sum, g) -> view.apply(sum).plusInPlace(g), same);
  }

  static Variable unfold(Variable x, int axis, int size, int step) {
    int at = x.shape().axis("unfold", axis);
    return picked("unfold", x, x.value().unfold(axis, size, step), (sum, g) -> {
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

  static List<Variable> split(Variable x, int axis, List<Tensor> parts) {
    return recordMany("split", parts, x, gradients -> List.of(concat(axis, gradients)),
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

  static Variable flip(Variable x, int axis) {
    return record("flip", x.value().flip(axis), wrtView(x, g -> g.flip(axis)));
  }

  static Variable pad(Variable x, int axis, int before, int after, double value) {
    int size = x.size(x.shape().axis("pad", axis));
    return record("pad", x.value().pad(axis, before, after, value),
        wrtView(x, g -> g.slice(axis, before, before + size)));
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

  static Variable to(Variable x, DType dtype) {
    if (!dtype.isFloating()) {
      return x.tape().constant(x.value().to(dtype));
    }
    DType before = x.dtype();
    return dtype == before ? x : record("to", x.value().to(dtype), wrt(x, g -> g.to(before)));
  }
}
