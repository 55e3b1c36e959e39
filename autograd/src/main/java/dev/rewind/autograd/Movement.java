package dev.rewind.autograd;

import static dev.rewind.autograd.Op.record;
import static dev.rewind.autograd.Op.recordMany;
import static dev.rewind.autograd.Op.wrt;
import static dev.rewind.autograd.Op.wrtMany;
import static dev.rewind.autograd.Op.wrtPicked;
import static dev.rewind.autograd.Op.wrtView;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

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

  private static final Op.Transposed TRANSPOSED = new Op.Transposed();

  static Variable transpose(Variable x, int a, int b) {
    return record("transpose", x.value().transpose(a, b),
        x.rank() == 2 && x.shape().axis("transpose", a) != x.shape().axis("transpose", b)
            ? wrt(x, TRANSPOSED) : wrtView(x, g -> g.transpose(a, b)));
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
    Op.Scatter scatter = (sum, g) -> sum.slice(axis, from, to, step).plusInPlace(g);
    Shape shape = x.shape();
    return record("slice", x.value().slice(axis, from, to, step),
        wrtPicked(x, scatter, g -> embed(g, shape, scatter, h -> h.slice(axis, from, to, step))));
  }

  static Variable select(Variable x, int axis, int index) {
    Op.Scatter scatter = (sum, g) -> sum.select(axis, index).plusInPlace(g);
    Shape shape = x.shape();
    return record("select", x.value().select(axis, index),
        wrtPicked(x, scatter, g -> embed(g, shape, scatter, h -> h.select(axis, index))));
  }

  static Variable windows(Variable x, int axis, int size, int step) {
    int at = x.shape().axis("windows", axis);
    Op.Scatter scatter = (sum, g) -> {
      for (int w = 0; w < g.size(at); w++) {
        sum.slice(at, w * step, w * step + size).plusInPlace(g.select(at, w).transpose(at, -1));
      }
    };
    Shape shape = x.shape();
    return record("windows", x.value().windows(axis, size, step),
        wrtPicked(x, scatter, g -> embed(g, shape, scatter, h -> h.windows(axis, size, step))));
  }

  /// Zeros of a shape with `x` added at picked places: the reverse of picking, whose reverse is `pick`.
  static Variable embed(Variable x, Shape shape, Op.Scatter scatter, Op.Rule pick) {
    Tensor result = Tensor.zeros(x.dtype(), shape);
    scatter.addInto(result, x.value());
    return record("embed", result, wrt(x, pick));
  }

  static List<Variable> split(Variable x, int axis, List<Tensor> parts) {
    int at = x.shape().axis("split", axis);
    int[] starts = new int[parts.size() + 1];
    for (int i = 0; i < parts.size(); i++) {
      starts[i + 1] = starts[i] + parts.get(i).size(at);
    }
    return recordMany("split", parts, wrtMany(x, new Op.Parts(at, starts)));
  }

  static Variable flip(Variable x, int axis) {
    return record("flip", x.value().flip(axis), wrtView(x, g -> g.flip(axis)));
  }

  static Variable pad(Variable x, int axis, int before, int after, double value) {
    int size = x.size(x.shape().axis("pad", axis));
    return record("pad", x.value().pad(axis, before, after, value), wrtView(x, g -> g.slice(axis, before, before + size)));
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
