package dev.rewind.nn;

import dev.rewind.autograd.Variable;

/// A function of one variable, with or without parameters: what a [Sequential] is made of. Activation functions are
/// layers as they are: `Variable::tanh`.
@FunctionalInterface
public interface Layer {
  /// The result, on the tape of `x`.
  Variable forward(Variable x);
}
