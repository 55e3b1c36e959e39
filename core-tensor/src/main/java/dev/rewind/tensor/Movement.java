package dev.rewind.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Sizes of parts, and what puts tensors together.
final class Movement {
  private Movement() {}

  /// The shape that `sizes` name for a tensor of shape `from`, with a size of -1 worked out.
  static Shape inferred(Shape from, int[] sizes) {
    int unknown = -1;
    long known = 1;
    for (int axis = 0; axis < sizes.length; axis++) {
      if (sizes[axis] == -1 && unknown < 0) {
        unknown = axis;
      } else if (sizes[axis] < 0) {
        throw new ShapeException(
            "reshape: " + Arrays.toString(sizes) + " has more than one -1 or another negative size");
      } else {
        known = Math.min(known * sizes[axis], Integer.MAX_VALUE + 1L);
      }
    }
    int[] result = sizes.clone();
    if (unknown >= 0 && known > 0 && from.elements() % known == 0) {
      result[unknown] = (int) (from.elements() / known);
    } else if (unknown >= 0 && known == 0 && from.elements() == 0) {
      throw new ShapeException("reshape: any size for -1 makes " + Arrays.toString(sizes) + " of " + from);
    } else if (unknown >= 0) {
      throw new ShapeException("reshape: no size for -1 makes " + Arrays.toString(sizes) + " of " + from);
    }
    Shape target = Shape.of("reshape", result);
    if (target.elements() != from.elements()) {
      throw new ShapeException("reshape: " + from + " has " + from.elements() + " elements, " + target + " has "
          + target.elements());
    }
    return target;
  }

  /// The tensors along the first axis of one of that rank.
  static Stream<Tensor> slices(String operation, Tensor x, int rank) {
    if (x.rank() != rank) {
      throw new ShapeException(operation + ": wants " + (rank == 2 ? "a matrix" : "three axes") + ", not " + x.shape());
    }
    return IntStream.range(0, x.size(0)).mapToObj(i -> x.select(0, i));
  }

  static int[] equalParts(Shape shape, int axis, int parts) {
    int size = shape.at(shape.axis("split", axis));
    if (parts < 1 || size % parts != 0) {
      throw new ShapeException(
          "split: axis " + axis + " of " + shape + " does not divide into " + parts + " equal parts");
    }
    int[] sizes = new int[parts];
    Arrays.fill(sizes, size / parts);
    return sizes;
  }

  static List<Tensor> split(Tensor x, int axis, int[] sizes) {
    requireParts(x.shape(), axis, sizes);
    List<Tensor> parts = new ArrayList<>(sizes.length);
    int from = 0;
    for (int size : sizes) {
      parts.add(x.slice(axis, from, from + size));
      from += size;
    }
    return parts;
  }

  static void requireParts(Shape shape, int axis, int[] sizes) {
    long total = 0;
    for (int size : sizes) {
      if (size < 0) {
        throw new ShapeException("split: size " + size + " is negative in " + Arrays.toString(sizes));
      }
      total += size;
    }
    if (total != shape.at(shape.axis("split", axis))) {
      throw new ShapeException(
          "split: sizes " + Arrays.toString(sizes) + " do not add up to axis " + axis + " of " + shape);
    }
  }

  static int[] chunkSizes(Shape shape, int axis, int chunks) {
    int size = shape.at(shape.axis("chunk", axis));
    if (chunks < 1) {
      throw new ShapeException("chunk: wants at least 1 chunk, not " + chunks);
    }
    int length = Math.max(1, (size - 1) / chunks + 1);
    int[] sizes = new int[Math.max(1, (size - 1) / length + 1)];
    Arrays.setAll(sizes, i -> Math.min(length, size - i * length));
    return sizes;
  }

  static Tensor stack(int axis, List<Tensor> tensors) {
    if (tensors.isEmpty()) {
      throw new ShapeException("stack: no tensors");
    }
    Tensor first = tensors.getFirst();
    if (axis < -first.rank() - 1 || axis > first.rank()) {
      throw new ShapeException("stack: no place " + axis + " for an axis in " + first.shape());
    }
    for (int i = 0; i < tensors.size(); i++) {
      if (!tensors.get(i).shape().equals(first.shape())) {
        throw new ShapeException(
            "stack: tensor " + i + " of shape " + tensors.get(i).shape() + " beside the first, " + first.shape());
      }
    }
    return concat("stack", axis, tensors.stream().map(t -> t.unsqueeze(axis)).toList());
  }

  static Tensor concat(String operation, int axis, List<Tensor> tensors) {
    if (tensors.isEmpty()) {
      throw new ShapeException(operation + ": no tensors");
    }
    Tensor first = tensors.getFirst();
    int at = first.shape().axis(operation, axis);
    long total = 0;
    for (int i = 0; i < tensors.size(); i++) {
      requireFits(operation, first, tensors.get(i), i, at);
      total += tensors.get(i).shape().at(at);
    }
    if (total > Integer.MAX_VALUE) {
      throw new ShapeException(operation + ": axis " + axis + " would have size " + total);
    }
    int[] sizes = first.shape().sizes();
    sizes[at] = (int) total;
    Tensor result = RawAccess.ResultMemory.result(first.dtype(), Shape.of(operation, sizes));
    int from = 0;
    for (Tensor tensor : tensors) {
      int to = from + tensor.shape().at(at);
      Elementwise.copy(tensor, result.slice(at, from, to));
      from = to;
    }
    return result;
  }

  private static void requireFits(String operation, Tensor first, Tensor tensor, int position, int at) {
    if (tensor.dtype() != first.dtype()) {
      throw new DTypeException(
          operation + ": tensor " + position + " is " + tensor.dtype() + ", the first " + first.dtype()
              + "; convert one of them with to(..)");
    }
    if (!tensor.shape().equalsBeside(at, first.shape())) {
      throw new ShapeException(operation + ": tensor " + position + " of shape " + tensor.shape()
          + " does not fit the first, " + first.shape() + ", along axis " + at);
    }
  }

  static Tensor pad(Tensor x, int axis, int before, int after, double value) {
    int at = x.shape().axis("pad", axis);
    if (before < 0 || after < 0) {
      throw new ShapeException("pad: " + before + " before and " + after + " after must not be negative");
    }
    long size = (long) before + x.shape().at(at) + after;
    if (size > Integer.MAX_VALUE) {
      throw new ShapeException("pad: axis " + axis + " of " + x.shape() + " would have size " + size);
    }
    int[] sizes = x.shape().sizes();
    sizes[at] = (int) size;
    Tensor result = x.like("pad", value).expand(Shape.of("pad", sizes)).copy();
    Elementwise.copy(x, result.slice(at, before, before + x.shape().at(at)));
    return result;
  }
}
