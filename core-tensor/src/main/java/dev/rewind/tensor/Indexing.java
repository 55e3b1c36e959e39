package dev.rewind.tensor;

import java.util.Arrays;

/// Lookups by index. Indices are INT32, from 0; every one is checked before anything is read or written.
final class Indexing {
  private Indexing() {}

  static Tensor gather(Tensor x, Tensor indices, int axis) {
    int at = x.shape().axis("gather", axis);
    int[] ids = checked("gather", x, at, indices);
    Tensor result = Tensor.zeros(x.dtype(), gathered(x.shape(), at, indices.shape()));
    Tensor flat = result.reshape(flattened(x.shape(), at, ids.length));
    if (at == 0 && x.isContiguous()) {
      copyRows(x, ids, result);
    } else {
      for (int i = 0; i < ids.length; i++) {
        Elementwise.copy(x.select(at, ids[i]), flat.select(at, i));
      }
    }
    return result;
  }

  private static void copyRows(Tensor x, int[] ids, Tensor result) {
    int length = ids.length == 0 ? 0 : result.elements() / ids.length;
    Object source = x.rawArray();
    Object target = result.rawArray();
    for (int i = 0; i < ids.length; i++) {
      System.arraycopy(source, x.offset() + ids[i] * length, target, i * length, length);
    }
  }

  /// `shape` with an axis replaced by the axes of `indices`.
  private static Shape gathered(Shape shape, int at, Shape indices) {
    int[] sizes = new int[shape.rank() - 1 + indices.rank()];
    System.arraycopy(shape.sizes(), 0, sizes, 0, at);
    System.arraycopy(indices.sizes(), 0, sizes, at, indices.rank());
    System.arraycopy(shape.sizes(), at + 1, sizes, at + indices.rank(), shape.rank() - at - 1);
    return Shape.of(sizes);
  }

  private static Shape flattened(Shape shape, int at, int count) {
    int[] sizes = shape.sizes();
    sizes[at] = count;
    return Shape.of(sizes);
  }

  /// The indices in row-major order.
  private static int[] checked(String operation, Tensor x, int at, Tensor indices) {
    if (indices.dtype() != DType.INT32) {
      throw new DTypeException(operation + ": wants INT32 indices, not " + indices.dtype());
    }
    Tensor row = indices.contiguous();
    int[] ids = indices.isContiguous() && row.offset() == 0 && row.intArray().length == row.elements()
        ? row.intArray() : row.toInts();
    int bound = x.shape().at(at);
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= bound) {
        throw new IndexOutOfBoundsException(operation + ": index " + ids[i] + " at position "
            + Arrays.toString(position(indices.shape(), i)) + " is outside axis " + at + " of " + x.shape());
      }
    }
    return ids;
  }

  private static int[] position(Shape shape, int element) {
    int[] position = new int[shape.rank()];
    for (int axis = position.length - 1; axis >= 0; axis--) {
      position[axis] = element % shape.at(axis);
      element /= shape.at(axis);
    }
    return position;
  }

  /// Adds slice `p` of `updates` to slice `indices[p]` of `target`, in order of `p`.
  static void scatterAdd(Tensor target, Tensor indices, Tensor updates, int axis) {
    int at = target.shape().axis("scatterAdd", axis);
    Elementwise.requireSameDType("scatterAdd", target, updates);
    int[] ids = checked("scatterAdd", target, at, indices);
    Shape wanted = gathered(target.shape(), at, indices.shape());
    if (!updates.shape().equals(wanted)) {
      throw new ShapeException("scatterAdd: updates of shape " + updates.shape() + ", wanted " + wanted);
    }
    Tensor flat = updates.reshape(flattened(target.shape(), at, ids.length));
    if (at == 0 && target.isContiguous() && flat.isContiguous() && target.storage() instanceof Storage.Floats floats) {
      addRows(flat, ids, floats.array, target.offset());
    } else {
      for (int i = 0; i < ids.length; i++) {
        Tensor slice = target.select(at, ids[i]);
        Elementwise.binary(dev.rewind.tensor.kernel.Binary.PLUS, slice, flat.select(at, i), slice);
      }
    }
  }

  private static void addRows(Tensor rows, int[] ids, float[] target, int offset) {
    int length = ids.length == 0 ? 0 : rows.elements() / ids.length;
    float[] source = rows.floatArray();
    for (int i = 0; i < ids.length; i++) {
      int from = rows.offset() + i * length;
      int to = offset + ids[i] * length;
      for (int j = 0; j < length; j++) {
        target[to + j] += source[from + j];
      }
    }
  }

  static Tensor takeAlong(Tensor x, Tensor indices, int axis) {
    int at = x.shape().axis("takeAlong", axis);
    int[] ids = checkedAlong("takeAlong", x, at, indices);
    Tensor source = x.contiguous();
    int[] places = places(source.shape(), at, indices.shape(), ids);
    Tensor flat = gather(source.reshape(-1), Tensor.wrap(places), 0);
    return flat.reshape(indices.shape());
  }

  static void scatterAddAlong(Tensor target, Tensor indices, Tensor updates, int axis) {
    int at = target.shape().axis("scatterAddAlong", axis);
    int[] ids = checkedAlong("scatterAddAlong", target, at, indices);
    if (!updates.shape().equals(indices.shape())) {
      throw new ShapeException(
          "scatterAddAlong: updates of shape " + updates.shape() + " for indices of shape " + indices.shape());
    }
    Tensor whole = target.contiguous();
    int[] places = places(target.shape(), at, indices.shape(), ids);
    scatterAdd(whole.reshape(-1), Tensor.wrap(places), updates.reshape(-1), 0);
    if (!target.isContiguous()) {
      Elementwise.copy(whole, target);
    }
  }

  private static int[] checkedAlong(String operation, Tensor x, int at, Tensor indices) {
    int[] sizes = indices.shape().sizes();
    boolean fits = sizes.length == x.rank();
    if (fits) {
      sizes[at] = x.shape().at(at);
      fits = Arrays.equals(sizes, x.shape().sizes());
    }
    if (!fits) {
      throw new ShapeException(operation + ": indices of shape " + indices.shape() + " for " + x.shape()
          + " may differ from it along axis " + at + " alone");
    }
    return checked(operation, x, at, indices);
  }

  /// Where in the row-major elements of `shape` each index along the axis points.
  private static int[] places(Shape shape, int at, Shape indices, int[] ids) {
    int inner = 1;
    for (int axis = at + 1; axis < shape.rank(); axis++) {
      inner *= shape.at(axis);
    }
    int[] places = new int[ids.length];
    int along = indices.at(at);
    for (int i = 0; i < ids.length; i++) {
      int outer = i / (along * inner);
      places[i] = (outer * shape.at(at) + ids[i]) * inner + i % inner;
    }
    return places;
  }

  static Tensor maskedSelect(Tensor x, Tensor mask) {
    Elementwise.requireBool("maskedSelect", mask);
    if (!mask.shape().equals(x.shape())) {
      throw new ShapeException("maskedSelect: a mask of shape " + mask.shape() + " for " + x.shape());
    }
    boolean[] chosen = mask.toBooleans();
    int[] places = new int[chosen.length];
    int count = 0;
    for (int i = 0; i < chosen.length; i++) {
      places[count] = i;
      count += chosen[i] ? 1 : 0;
    }
    return gather(x.contiguous().reshape(-1), Tensor.wrap(Arrays.copyOf(places, count)), 0);
  }

  static Tensor.TopK topK(Tensor x, int k) {
    int size = x.size(-1);
    if (k < 0 || k > size) {
      throw new ShapeException("topK: " + k + " elements of the last axis of " + x.shape());
    }
    if (x.dtype() == DType.BOOL) {
      throw new DTypeException("topK: not defined for BOOL");
    }
    int[] sizes = x.shape().sizes();
    sizes[sizes.length - 1] = k;
    Tensor source = x.contiguous();
    int[] indices = new int[Shape.of(sizes).elements()];
    int lines = k == 0 ? 0 : indices.length / k;
    double[] line = new double[size];
    for (int i = 0; i < lines; i++) {
      for (int j = 0; j < size; j++) {
        line[j] = source.numberAt(source.offset() + i * size + j);
      }
      new Largest(line, k).into(indices, i * k);
    }
    Tensor found = Tensor.wrap(indices, sizes);
    return new Tensor.TopK(takeAlong(source, found, -1), found);
  }

  /// The k largest of a line: a heap of their indices with the least of them on top.
  private static final class Largest {
    private final double[] line;
    private final int[] heap;
    private int count;

    Largest(double[] line, int k) {
      this.line = line;
      this.heap = new int[k];
      for (int i = 0; i < line.length; i++) {
        if (count < k) {
          rise(i);
        } else if (isLess(heap[0], i)) {
          sink(i);
        }
      }
    }

    /// Whether element `a` comes after element `b` in the order wanted: NaN largest, equal ones by index.
    private boolean isLess(int a, int b) {
      int order = Double.compare(line[a] + 0.0, line[b] + 0.0); // -0 and 0 are equal
      return order < 0 || order == 0 && a > b;
    }

    private void rise(int element) {
      int at = count++;
      while (at > 0 && isLess(element, heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
      }
      heap[at] = element;
    }

    private void sink(int element) {
      int at = 0;
      for (int child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && isLess(heap[child + 1], heap[child])) {
          child++;
        }
        if (!isLess(heap[child], element)) {
          break;
        }
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = element;
    }

    void into(int[] result, int offset) {
      for (int i = heap.length - 1; i >= 0; i--) {
        result[offset + i] = heap[0];
        int last = heap[--count];
        if (count > 0) {
          sink(last);
        }
      }
    }
  }
}
