package dev.rewind.tensor;

import java.util.Arrays;

/// The sizes of a tensor's axes, outermost first. Immutable. A shape of no axes, `[]`, is that of a scalar.
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0], 1);

  private final int[] sizes;
  private final int elements;

  private Shape(int[] sizes, int elements) {
    this.sizes = sizes;
    this.elements = elements;
  }

  /// A shape of these sizes.
  ///
  /// @throws ShapeException if a size is negative or the number of elements exceeds 2^31 - 1
  public static Shape of(int... sizes) {
    return of("shape", sizes);
  }

  /// A shape of these sizes, made by an operation that is named in messages.
  static Shape of(String operation, int... sizes) {
    if (sizes.length == 0) {
      return SCALAR;
    }
    long elements = 1;
    boolean empty = false;
    for (int size : sizes) {
      if (size < 0) {
        throw new ShapeException(operation + ": size " + size + " is negative in " + Arrays.toString(sizes));
      }
      empty |= size == 0;
    }
    for (int size : sizes) {
      elements = empty ? 0 : elements * size;
      if (elements > Integer.MAX_VALUE) {
        throw new ShapeException(operation + ": " + Arrays.toString(sizes) + " has more than 2^31 - 1 elements");
      }
    }
    return new Shape(sizes.clone(), (int) elements);
  }

  /// The number of axes.
  public int rank() {
    return sizes.length;
  }

  /// The size of an axis; a negative axis counts from the last.
  ///
  /// @throws ShapeException if there is no such axis
  public int size(int axis) {
    return sizes[axis("size", axis)];
  }

  /// The size of an axis known to be in `[0, rank)`.
  int at(int axis) {
    return sizes[axis];
  }

  /// The product of all sizes.
  public int elements() {
    return elements;
  }

  /// A copy of the sizes.
  public int[] sizes() {
    return sizes.clone();
  }

  /// The position of an axis that may be negative, in `[0, rank)`; `operation` is named in the message.
  ///
  /// @throws ShapeException if there is no such axis
  public int axis(String operation, int axis) {
    if (axis < -sizes.length || axis >= sizes.length) {
      throw new ShapeException(operation + ": no axis " + axis + " in " + this);
    }
    return axis < 0 ? axis + sizes.length : axis;
  }

  /// The index of an element that is counted in row-major order, one number per axis: element 5 of `[2, 3]` is at `[1,
  /// 2]`, the only one of a scalar at `[]`.
  ///
  /// @throws IndexOutOfBoundsException if `element` is not in `[0, elements())`
  public int[] index(int element) {
    if (element < 0 || element >= elements) {
      throw new IndexOutOfBoundsException("index: no element " + element + " in " + this + ", which has " + elements);
    }
    int[] index = new int[sizes.length];
    for (int axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = element % sizes[axis];
      element /= sizes[axis];
    }
    return index;
  }

  /// The shape to which both broadcast by NumPy's rule: aligned at the last axis, sizes equal or one of them 1.
  ///
  /// @throws ShapeException naming `operation` if they do not, or to 2^31 elements or more
  public Shape broadcast(String operation, Shape other) {
    if (equals(other)) {
      return this;
    }
    int rank = Math.max(rank(), other.rank());
    int[] result = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int a = i <= rank() ? sizes[rank() - i] : 1;
      int b = i <= other.rank() ? other.sizes[other.rank() - i] : 1;
      if (a != b && a != 1 && b != 1) {
        throw new ShapeException(operation + ": shapes do not broadcast: " + this + " with " + other);
      }
      result[rank - i] = a == 1 ? b : a;
    }
    return of(operation, result);
  }

  /// Whether both are the same, but perhaps along an axis.
  boolean equalsBeside(int axis, Shape other) {
    boolean same = sizes.length == other.sizes.length;
    for (int i = 0; i < sizes.length && same; i++) {
      same = i == axis || sizes[i] == other.sizes[i];
    }
    return same;
  }

  @Override
  public boolean equals(Object other) {
    return this == other || other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  /// The sizes in brackets: `[32, 100]`.
  @Override
  public String toString() {
    return Arrays.toString(sizes);
  }
}
