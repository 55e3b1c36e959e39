package dev.rewind.autograd;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Tensor;
import java.util.Objects;

/// A tensor that is learned. Tapes read it by [Tape#watch(Param)]; an optimizer changes its elements in place, for
/// which it needs the parameter alone. Two parameters are equal only if they are the same object.
public final class Param {
  private final String name;
  private Tensor value;
  private boolean frozen;

  /// A parameter of that name with that floating value, which it owns from now on.
  ///
  /// @throws DTypeException if the value is not of a floating dtype
  public Param(String name, Tensor value) {
    if (!value.dtype().isFloating()) {
      throw new DTypeException("parameter " + name + ": wants FLOAT32 or FLOAT64, not " + value.dtype());
    }
    this.name = Objects.requireNonNull(name);
    this.value = value.contiguous();
  }

  /// The name within the module that made it, such as `weight_ih`.
  public String name() {
    return name;
  }

  /// The tensor itself, contiguous, not a copy.
  public Tensor value() {
    return value;
  }

  /// The dtype of the value.
  public DType dtype() {
    return value.dtype();
  }

  /// Converts the value, for tapes and optimizers that are made from now on; open tapes and optimizers keep the old
  /// one.
  ///
  /// @throws DTypeException if the dtype is not floating
  public void to(DType dtype) {
    if (!dtype.isFloating()) {
      throw new DTypeException("parameter " + name + ": wants FLOAT32 or FLOAT64, not " + dtype);
    }
    value = value.to(dtype);
  }

  /// Whether tapes treat this as a constant.
  public boolean isFrozen() {
    return frozen;
  }

  /// Makes tapes treat this as a constant from the next one on, or no longer.
  public void freeze(boolean frozen) {
    this.frozen = frozen;
  }

  @Override
  public String toString() {
    return name + " " + value.shape();
  }
}
