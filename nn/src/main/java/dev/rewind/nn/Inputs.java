package dev.rewind.nn;

import dev.rewind.autograd.Variable;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.ShapeException;

/// What layers check before they compute, so that a message names the layer and not an operation that it is made of.
final class Inputs {
  private Inputs() {}

  /// Requires `[.., size]` of a dtype.
  static void require(String layer, Variable x, int size, DType dtype) {
    if (x.rank() == 0 || x.size(-1) != size) {
      throw new ShapeException(layer + ": wants [.., " + size + "], not " + x.shape());
    }
    if (x.dtype() != dtype) {
      throw new DTypeException(layer + ": wants " + dtype + ", not " + x.dtype() + "; convert the input with to(..)");
    }
  }
}
