package dev.rewind.tensor;

import dev.rewind.tensor.kernel.thread.ThreadPool;
import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/// Lookups by index. Indices are INT32, from 0; every one is checked before anything is read or written. Large copies
/// are shared out over the threads; sums are not, so that they are made in order of position.
final class Indexing {
  /// Elements of one task.
  private static final int BLOCK = 1 << 14;
  /// Positions listed at once.
  private static final int PLACES = 1 << 9;

  private Indexing() {}

  // ---- whole slices -------------------------------------------------------------------------------------------------

  static Tensor gather(Tensor x, Tensor indices, int axis) {
    int at = x.shape().axis("gather", axis);
    int[] ids = checked("gather", x, at, indices);
    Tensor result = RawAccess.ResultMemory.result(x.dtype(), gathered("gather", x.shape(), at, indices.shape()));
    if (result.elements() == 0) {
      return result;
    }
    int[] slices = slices(x.layout(), at, ids);
    Layout slice = behind(x.layout(), at);
    int length = slice.shape().elements();
    if (length == 1 || !slice.isContiguous()) {
      take(x, sums(slices, positions(slice)), result);
      return result;
    }
    Object source = x.storage().array();
    Object target = result.storage().array();
    inRanges(slices.length, result.elements(), (from, to) -> {
      for (int i = from; i < to; i++) {
        System.arraycopy(source, x.offset() + slices[i], target, i * length, length);
      }
    });
    return result;
  }

  /// Adds slice `p` of `updates` to slice `indices[p]` of `target`, in order of `p`.
  static Tensor scatterAdd(String operation, Tensor target, Tensor indices, Tensor updates, int axis) {
    Elementwise.requireWritable(operation, target);
    int at = target.shape().axis(operation, axis);
    requireSum(operation, target, updates);
    int[] ids = checked(operation, target, at, indices);
    Shape wanted = gathered(operation, target.shape(), at, indices.shape());
    if (!updates.shape().equals(wanted)) {
      throw new ShapeException(operation + ": updates of shape " + updates.shape() + ", wanted " + wanted);
    }
    if (updates.elements() > 0) {
      add(detached(updates, target), target, slices(target.layout(), at, ids), behind(target.layout(), at));
    }
    target.markChanged();
    return target;
  }

  /// One thread does it, in one pass: cut into columns of 64 for several threads, all of it took one thread more than
  /// twice as long.
  private static void add(Tensor updates, Tensor target, int[] slices, Layout slice) {
    int length = slice.shape().elements();
    if (length > 1 && slice.isContiguous()) {
      Loops.addRows(updates.storage(), updates.offset(), length, slices, target.storage(), target.offset());
    } else {
      Loops.add(updates.storage(), updates.offset(), sums(slices, positions(slice)), target.storage(), target.offset());
    }
  }

  /// `shape` with an axis replaced by the axes of `indices`.
  private static Shape gathered(String operation, Shape shape, int at, Shape indices) {
    int[] sizes = new int[shape.rank() - 1 + indices.rank()];
    System.arraycopy(shape.sizes(), 0, sizes, 0, at);
    System.arraycopy(indices.sizes(), 0, sizes, at, indices.rank());
    System.arraycopy(shape.sizes(), at + 1, sizes, at + indices.rank(), shape.rank() - at - 1);
    return Shape.of(operation, sizes);
  }

  // ---- single elements ----------------------------------------------------------------------------------------------

  static Tensor takeAlong(Tensor x, Tensor indices, int axis) {
    int at = x.shape().axis("takeAlong", axis);
    int[] ids = checkedAlong("takeAlong", x, at, indices);
    Tensor result = Tensor.zeros(x.dtype(), indices.shape());
    take(x, places(x.layout(), at, indices.shape(), ids), result);
    return result;
  }

  static Tensor scatterAddAlong(String operation, Tensor target, Tensor indices, Tensor updates, int axis) {
    Elementwise.requireWritable(operation, target);
    int at = target.shape().axis(operation, axis);
    requireSum(operation, target, updates);
    int[] ids = checkedAlong(operation, target, at, indices);
    if (!updates.shape().equals(indices.shape())) {
      throw new ShapeException(
          operation + ": updates of shape " + updates.shape() + " for indices of shape " + indices.shape());
    }
    Tensor added = detached(updates, target);
    int[] places = places(target.layout(), at, indices.shape(), ids);
    Loops.add(added.storage(), added.offset(), places, target.storage(), target.offset());
    target.markChanged();
    return target;
  }

  static Tensor maskedSelect(Tensor x, Tensor mask) {
    Elementwise.requireDType("maskedSelect", mask, DType.BOOL);
    if (!mask.shape().equals(x.shape())) {
      throw new ShapeException("maskedSelect: a mask of shape " + mask.shape() + " for " + x.shape());
    }
    Tensor gaplessMask = mask.contiguous();
    Tensor source = x.contiguous();
    boolean[] chosen = gaplessMask.booleans();
    int start = gaplessMask.offset();
    int count = 0;
    for (int i = 0; i < x.elements(); i++) {
      count += chosen[start + i] ? 1 : 0;
    }
    Tensor result = Tensor.zeros(x.dtype(), count);
    int[] places = new int[PLACES];
    int done = 0;
    for (int from = 0; from < x.elements(); from += PLACES) {
      int end = Math.min(x.elements(), from + PLACES);
      int found = 0;
      for (int i = from; i < end; i++) {   // without a jump, which would be guessed wrong
        places[found] = i;
        found += chosen[start + i] ? 1 : 0;
      }
      Loops.take(source.storage(), source.offset(), places, 0, result.storage(), done, found);
      done += found;
    }
    return result;
  }

  static Tensor.TopK topK(Tensor x, int k, boolean largest) {
    int size = x.shape().at(x.shape().axis("topK", -1));
    if (k < 0 || k > size) {
      throw new ShapeException("topK: " + k + " elements of the last axis of " + x.shape());
    }
    Elementwise.requireNumbers("topK", x);
    int[] sizes = x.shape().sizes();
    sizes[sizes.length - 1] = k;
    Tensor indices = Tensor.zeros(DType.INT32, sizes);
    Tensor source = x.contiguous();
    int rows = k == 0 ? 0 : indices.elements() / k;
    inRanges(rows, rows * size, (from, to) -> {
      for (int row = from; row < to; row++) {
        topK(source.storage(), source.offset() + row * size, size, k, largest, indices.ints(), row * k);
      }
    });
    return new Tensor.TopK(takeAlong(source, indices, -1), indices);
  }

  /// Writes where the k first of the `n >= k > 0` elements from `start` on are to `result[to ..]`, in descending or
  /// ascending order: NaN is above all, -0 equals 0, and of equal elements the earlier one comes first.
  /// In a heap with the last on top, nearly all elements of a long row cost one comparison.
  private static void topK(Storage x, int start, int n, int k, boolean largest, int[] result, int to) {
    PriorityQueue<Integer> heap = new PriorityQueue<>(k, (i, j) -> {
      int order = order(x.number(start + i), x.number(start + j), largest);
      return order != 0 ? order : Integer.compare(j, i);
    });
    double last = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      if (heap.size() < k) {
        heap.add(i);
      } else if (order(x.number(start + i), last, largest) > 0) { // an equal one comes later, and loses
        heap.poll();
        heap.add(i);
      } else {
        continue;
      }
      last = x.number(start + heap.peek());
    }
    for (int i = k - 1; i >= 0; i--) {
      result[to + i] = heap.poll();
    }
  }

  private static int order(double a, double b, boolean largest) {
    int order = Double.compare(a + 0.0, b + 0.0); // -0 + 0 is 0
    return largest ? order : -order;
  }

  private static void take(Tensor x, int[] places, Tensor result) {
    inRanges(places.length, places.length,
        (from, to) -> Loops.take(x.storage(), x.offset(), places, from, result.storage(), from, to - from));
  }

  /// Where, from the first element of `x` on, each of the indices along an axis points.
  private static int[] places(Layout x, int at, Shape indices, int[] ids) {
    if (ids.length == 0) {
      return ids;
    }
    int[] starts = positions(before(x, at));
    int[] row = positions(behind(x, at));
    int along = indices.at(at);
    int stride = x.strides()[at];
    int[] places = new int[ids.length];
    int i = 0;
    for (int start : starts) {
      for (int j = 0; j < along; j++) {
        for (int inner : row) {
          places[i] = start + ids[i] * stride + inner;
          i++;
        }
      }
    }
    return places;
  }

  // ---- checks -------------------------------------------------------------------------------------------------------

  private static void requireSum(String operation, Tensor target, Tensor updates) {
    Elementwise.requireSameDType(operation, target, updates);
    Elementwise.requireNumbers(operation, target);
  }

  private static int[] checkedAlong(String operation, Tensor x, int at, Tensor indices) {
    if (!indices.shape().equalsBeside(at, x.shape())) {
      throw new ShapeException(operation + ": indices of shape " + indices.shape() + " for " + x.shape()
          + " may differ from it along axis " + at + " alone");
    }
    return checked(operation, x, at, indices);
  }

  /// A copy of the indices in row-major order: the tensor they come from may be the one that is changed.
  private static int[] checked(String operation, Tensor x, int at, Tensor indices) {
    if (indices.dtype() != DType.INT32) {
      throw new DTypeException(operation + ": wants INT32 indices, not " + indices.dtype());
    }
    int[] ids = indices.toInts();
    int bound = x.shape().at(at);
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= bound) {
        throw new IndexOutOfBoundsException(operation + ": index " + ids[i] + " at position "
            + Arrays.toString(indices.shape().index(i)) + " is outside axis " + at + " of " + x.shape());
      }
    }
    return ids;
  }

  // ---- helpers ------------------------------------------------------------------------------------------------------

  /// The updates without gaps, and apart from the target: what is added must not change on the way.
  private static Tensor detached(Tensor updates, Tensor target) {
    return updates.sharesStorage(target) ? updates.copy() : updates.contiguous();
  }

  /// Where, from the first element on, the slices at these indices of an axis begin: for every index of the axes before
  /// it, one after the other.
  private static int[] slices(Layout layout, int at, int[] ids) {
    return sums(positions(before(layout, at)), Arrays.stream(ids).map(id -> id * layout.strides()[at]).toArray());
  }

  /// How far from the first element all elements lie, in row-major order; `{0}` for no axes.
  private static int[] positions(Layout layout) {
    int[] positions = {0};
    for (int axis = 0; axis < layout.shape().rank(); axis++) {
      int stride = layout.strides()[axis];
      positions = sums(positions, IntStream.range(0, layout.shape().at(axis)).map(i -> i * stride).toArray());
    }
    return positions;
  }

  /// Each of `a` with each of `b`, which run faster.
  private static int[] sums(int[] a, int[] b) {
    int[] sums = new int[a.length * b.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b.length; j++) {
        sums[i * b.length + j] = a[i] + b[j];
      }
    }
    return sums;
  }

  private static Layout before(Layout layout, int at) {
    return layout.axes(axis -> axis < at);
  }

  private static Layout behind(Layout layout, int at) {
    return layout.axes(axis -> axis > at);
  }

  /// Runs `body` over ranges that cover `[0, count)`, where all of it touches that many elements.
  private static void inRanges(int count, int elements, ThreadPool.Range body) {
    if (elements < Rows.PARALLEL_ELEMENTS || count < 2) {
      body.run(0, count);
      return;
    }
    ThreadPool.forRanges(count, Math.max(1, (int) ((long) count * BLOCK / elements)), body);
  }
}
