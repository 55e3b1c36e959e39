package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Shape;
import dev.rewind.tensor.Tensor;

/// What operations see of a variable. Each family of operations is an interface whose methods [Variable] takes over:
/// there they are found by callers, here they are declared, the value and the gradient rule side by side.
sealed interface Operand permits Arithmetic, Activations, Products, Reductions, Movement, Indexing {
  /// The tape that this belongs to.
  Tape tape();

  /// The tensor.
  ///
  /// @throws IllegalStateException during a backward pass, if the tensor was changed in place after it was recorded
  Tensor value();

  /// The dtype of the elements.
  DType dtype();

  /// The sizes of the axes.
  Shape shape();

  /// The size of an axis.
  int size(int axis);

  /// The number of axes.
  int rank();
}
