package dev.rewind.tensor;

import java.util.Arrays;
import java.util.function.IntPredicate;

/// The positions of the elements of a tensor in its array: element `[i, j, ..]` at `offset + i * strides[0] + j *
/// strides[1]` and so on. A part without elements keeps the offset of the whole, so that no offset is ever outside the
/// array. Views are computed here, without touching data. Immutable; the arrays are never written after construction.
record Layout(Shape shape, int[] strides, int offset) {

  /// Row-major and gapless, from offset 0.
  static Layout contiguous(Shape shape) {
    int[] strides = new int[shape.rank()];
    int stride = 1;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= Math.max(1, shape.at(axis));
    }
    return new Layout(shape, strides, 0);
  }

  /// Whether the elements follow one another in row-major order without gaps (axes of size 1 do not matter).
  boolean isContiguous() {
    if (shape.elements() == 0) {
      return true;
    }
    int expected = 1;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      int size = shape.at(axis);
      if (size != 1) {
        if (strides[axis] != expected) {
          return false;
        }
        expected *= size;
      }
    }
    return true;
  }

  /// The position of the element at an index.
  int position(int[] index) {
    if (index.length != shape.rank()) {
      throw new ShapeException("at: " + Arrays.toString(index) + " is not an index of " + shape);
    }
    int position = offset;
    for (int axis = 0; axis < index.length; axis++) {
      if (index[axis] < 0 || index[axis] >= shape.at(axis)) {
        throw new IndexOutOfBoundsException("at: " + Arrays.toString(index) + " is outside " + shape);
      }
      position += index[axis] * strides[axis];
    }
    return position;
  }

  /// The position of an element counted in row-major order over the first `axes` axes, with index 0 on the others.
  int position(int element, int axes) {
    int position = offset;
    for (int axis = axes - 1; axis >= 0; axis--) {
      position += element % shape.at(axis) * strides[axis];
      element /= shape.at(axis);
    }
    return position;
  }

  /// Whether the same indices have the same positions.
  boolean sameAs(Layout other) {
    return offset == other.offset && shape.equals(other.shape) && Arrays.equals(strides, other.strides);
  }

  /// Whether two different indices may name the same element, as after `expand`. False is certain; true may be a
  /// false alarm where elements interlock without meeting, as in every second element of windows three apart.
  boolean overlaps() {
    if (isContiguous()) {
      return false;
    }
    Integer[] axes = new Integer[strides.length];
    Arrays.setAll(axes, i -> i);
    Arrays.sort(axes, (a, b) -> Integer.compare(Math.abs(strides[a]), Math.abs(strides[b])));
    long reach = 0;
    for (int axis : axes) {
      if (shape.at(axis) > 1) {
        long step = Math.abs((long) strides[axis]);
        if (step <= reach) {
          return true;
        }
        reach += step * (shape.at(axis) - 1);
      }
    }
    return false;
  }

  /// Some of the axes, from the first element on.
  Layout axes(IntPredicate wanted) {
    int[] sizes = new int[strides.length];
    int[] steps = new int[strides.length];
    int n = 0;
    for (int axis = 0; axis < strides.length; axis++) {
      if (wanted.test(axis)) {
        sizes[n] = shape.at(axis);
        steps[n++] = strides[axis];
      }
    }
    return new Layout(Shape.of(Arrays.copyOf(sizes, n)), Arrays.copyOf(steps, n), offset);
  }

  Layout transpose(int a, int b) {
    int[] order = new int[shape.rank()];
    Arrays.setAll(order, i -> i);
    int first = shape.axis("transpose", a);
    int second = shape.axis("transpose", b);
    order[first] = second;
    order[second] = first;
    return permute(order);
  }

  Layout permute(int[] order) {
    int[] sizes = new int[order.length];
    int[] permuted = new int[order.length];
    boolean[] seen = new boolean[order.length];
    if (order.length != shape.rank()) {
      throw new ShapeException(
          "permute: " + Arrays.toString(order) + " does not name every axis of " + shape + " once");
    }
    for (int i = 0; i < order.length; i++) {
      int axis = shape.axis("permute", order[i]);
      if (seen[axis]) {
        throw new ShapeException(
            "permute: " + Arrays.toString(order) + " does not name every axis of " + shape + " once");
      }
      seen[axis] = true;
      sizes[i] = shape.at(axis);
      permuted[i] = strides[axis];
    }
    return new Layout(Shape.of(sizes), permuted, offset);
  }

  Layout squeeze(int axis) {
    int at = shape.axis("squeeze", axis);
    if (shape.at(at) != 1) {
      throw new ShapeException("squeeze: axis " + axis + " of " + shape + " has size " + shape.at(at) + ", not 1");
    }
    return axes(other -> other != at);
  }

  Layout unsqueeze(int axis) {
    int rank = shape.rank();
    if (axis < -rank - 1 || axis > rank) {
      throw new ShapeException("unsqueeze: no place " + axis + " for an axis in " + shape);
    }
    int at = axis < 0 ? axis + rank + 1 : axis;
    return new Layout(Shape.of(with(shape.sizes(), at, 1)), with(strides, at, 0), offset);
  }

  Layout expand(Shape target) {
    int missing = target.rank() - shape.rank();
    int[] expanded = new int[target.rank()];
    for (int axis = 0; axis < expanded.length; axis++) {
      int own = axis - missing;
      if (own >= 0 && shape.at(own) == target.at(axis)) {
        expanded[axis] = strides[own];
      } else if (own >= 0 && shape.at(own) != 1) {
        throw new ShapeException("expand: " + shape + " does not expand to " + target);
      }
    }
    if (missing < 0) {
      throw new ShapeException("expand: " + shape + " does not expand to " + target);
    }
    return new Layout(target, expanded, offset);
  }

  /// Elements `from, from + step, ..` below `to` of an axis; `step` is positive.
  Layout slice(int axis, int from, int to, int step) {
    int at = shape.axis("slice", axis);
    int size = shape.at(at);
    if (from < 0 || to < from || to > size || step < 1) {
      throw new ShapeException(
          "slice: " + from + " to " + to + " by " + step + " is not within axis " + axis + " of " + shape);
    }
    int[] sizes = shape.sizes();
    int[] stepped = strides.clone();
    sizes[at] = (int) (((long) to - from + step - 1) / step);
    stepped[at] = sizes[at] > 1 ? strides[at] * step : strides[at];
    return moved(Shape.of(sizes), stepped, from * strides[at]);
  }

  Layout select(int axis, int index) {
    int at = shape.axis("select", axis);
    int size = shape.at(at);
    if (index < -size || index >= size) {
      throw new ShapeException("select: no index " + index + " on axis " + axis + " of " + shape);
    }
    int from = index < 0 ? index + size : index;
    Layout others = axes(other -> other != at);
    return moved(others.shape, others.strides, from * strides[at]);
  }

  private Layout moved(Shape part, int[] steps, int by) {
    return new Layout(part, steps, part.elements() == 0 ? offset : offset + by);
  }

  Layout flip(int axis) {
    int at = shape.axis("flip", axis);
    if (shape.elements() == 0) {
      return this;
    }
    int[] flipped = strides.clone();
    flipped[at] = -strides[at];
    return new Layout(shape, flipped, offset + (shape.at(at) - 1) * strides[at]);
  }

  Layout unfold(int axis, int size, int step) {
    int at = shape.axis("unfold", axis);
    if (size < 1 || step < 1 || size > shape.at(at)) {
      throw new ShapeException(
          "unfold: windows of " + size + " by steps of " + step + " do not fit axis " + axis + " of " + shape);
    }
    int[] sizes = with(shape.sizes(), shape.rank(), size);
    sizes[at] = (shape.at(at) - size) / step + 1;
    int[] stepped = with(strides, strides.length, strides[at]);
    stepped[at] = strides[at] * step;
    return new Layout(Shape.of("unfold", sizes), stepped, offset);
  }

  /// This layout seen as another shape without moving data, or null where the strides do not allow it.
  Layout reshape(Shape target) {
    if (isContiguous()) {
      return new Layout(target, contiguous(target).strides, offset);
    }
    // From the last axis on, the target's axes cut up the pieces in which ours run into one another.
    Rows pieces = Rows.of(this);
    int[] result = new int[target.rank()];
    int piece = pieces.rank - 1;
    int left = pieces.sizes[piece];
    int stride = pieces.strides[0][piece];
    for (int axis = target.rank() - 1; axis >= 0; axis--) {
      int size = target.at(axis);
      if (left == 1 && size > 1) {
        left = pieces.sizes[--piece];
        stride = pieces.strides[0][piece];
      }
      if (left % size != 0) {
        return null;
      }
      result[axis] = stride;
      left /= size;
      stride *= size;
    }
    return new Layout(target, result, offset);
  }

  private static int[] with(int[] values, int at, int value) {
    int[] result = Arrays.copyOf(values, values.length + 1);
    System.arraycopy(values, at, result, at + 1, values.length - at);
    result[at] = value;
    return result;
  }
}
