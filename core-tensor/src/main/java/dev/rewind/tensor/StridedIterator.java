package dev.rewind.tensor;

import dev.rewind.tensor.kernel.thread.ThreadPool;

/// The elements that a reduction combines: one line, of constant stride, for every element of its result. Reduced
/// axes that do not run into one another are copied until they do. The order within a line is row-major over the
/// reduced axes, whatever the strides.
final class StridedIterator {
  private static final int BLOCK = 1 << 14;
  private static final int COLUMNS = 256;

  /// Works on `count` lines, which begin at `start`, `start + step()`, .. and belong to the elements `output`,
  /// `output + 1`, .. of the result.
  interface Body {
    void run(int output, int start, int count);
  }

  private final Tensor source;
  private final Merged kept;
  private final Merged reduced;

  private StridedIterator(Tensor source, Merged kept, Merged reduced) {
    this.source = source;
    this.kept = kept;
    this.reduced = reduced;
  }

  static StridedIterator of(Tensor x, boolean[] isReduced) {
    Merged reduced = Merged.of(x.layout(), isReduced, true);
    if (reduced.rank <= 1 || x.elements() == 0) {   // an empty tensor needs no copy
      return new StridedIterator(x, Merged.of(x.layout(), isReduced, false), reduced);
    }
    return moved(x, isReduced, !isReduced[isReduced.length - 1]); // where the last axis stays, columns are faster
  }

  /// As [#of], but floats that would be columns are copied first, so that each line is adjacent.
  static StridedIterator alongLines(Tensor x, boolean[] isReduced) {
    StridedIterator lines = of(x, isReduced);
    return lines.areColumns() && x.dtype() == DType.FLOAT32 ? moved(x, isReduced, false) : lines;
  }

  /// Of a copy in which reduced axes come first, as columns, or last.
  private static StridedIterator moved(Tensor x, boolean[] isReduced, boolean columns) {
    int[] order = new int[isReduced.length];
    boolean[] moved = new boolean[isReduced.length];
    int next = 0;
    for (boolean part : new boolean[] {columns, !columns}) {
      for (int axis = 0; axis < order.length; axis++) {
        if (isReduced[axis] == part) {
          moved[next] = part;
          order[next++] = axis;
        }
      }
    }
    return of(x.permute(order).contiguous(), moved);
  }

  /// The tensor whose array the lines are read from.
  Tensor source() {
    return source;
  }

  /// The number of lines.
  int count() {
    return kept.elements;
  }

  /// The number of elements in a line.
  int length() {
    return reduced.elements;
  }

  /// The step from one element of a line to the next.
  int stride() {
    return reduced.innerStride();
  }

  /// The step from one line to the next of those passed to a task together.
  int step() {
    return kept.innerStride();
  }

  /// Whether neighbouring lines are adjacent in memory, so that work goes across them rather than along.
  boolean areColumns() {
    return step() == 1 && stride() != 1 && kept.innerSize() > 1 && length() > 1;
  }

  /// Whether they are columns, all adjacent, and so few that they make one task though there is much
  /// to do.
  boolean areTall() {
    return areColumns() && count() == kept.innerSize() && count() <= COLUMNS
        && (long) count() * length() >= Rows.PARALLEL_ELEMENTS;
  }

  /// Runs over all lines, in several threads if there is much to do; does nothing if there is no element.
  void run(Body body) {
    if (count() == 0 || length() == 0) {
      return;
    }
    if ((long) count() * length() < Rows.PARALLEL_ELEMENTS) {
      run(body, 0, count());
    } else {
      int perTask = Math.max(areColumns() ? COLUMNS : 1, BLOCK / length());
      ThreadPool.forEach((count() - 1) / perTask + 1,
          task -> run(body, task * perTask, (int) Math.min(count(), (task + 1L) * perTask)));
    }
  }

  /// A number made of the line that begins at `start`.
  interface Line {
    double at(int start);
  }

  /// Writes the number of each line to its element of the result.
  void map(Storage result, Line line) {
    int step = step();
    run((output, start, count) -> {
      for (int i = 0; i < count; i++) {
        result.set(output + i, line.at(start + i * step));
      }
    });
  }

  /// Where the line of an element of the result begins.
  int start(int output) {
    return source.offset() + kept.position(output);
  }

  private void run(Body body, int from, int to) {
    int inner = kept.innerSize();
    for (int output = from; output < to;) {
      int count = Math.min(inner - output % inner, to - output);
      body.run(output, start(output), count);
      output += count;
    }
  }

  /// Some of the axes of a layout, merged where they run into one another.
  private static final class Merged {
    final int[] sizes;
    final int[] strides;
    int rank;
    int elements = 1;

    private Merged(int axes) {
      sizes = new int[axes];
      strides = new int[axes];
    }

    static Merged of(Layout layout, boolean[] mask, boolean wanted) {
      Merged merged = new Merged(mask.length);
      for (int axis = 0; axis < mask.length; axis++) {
        if (mask[axis] == wanted) {
          merged.append(layout.shape().at(axis), layout.strides()[axis]);
        }
      }
      return merged;
    }

    private void append(int size, int stride) {
      elements *= size;
      if (size == 1) {
        return;
      }
      if (elements == 0) {
        rank = 0;
      } else if (rank > 0 && strides[rank - 1] == (long) stride * size) {
        sizes[rank - 1] *= size;
        strides[rank - 1] = stride;
      } else {
        sizes[rank] = size;
        strides[rank++] = stride;
      }
    }

    int innerSize() {
      return rank == 0 ? 1 : sizes[rank - 1];
    }

    int innerStride() {
      return rank == 0 ? 1 : strides[rank - 1];
    }

    int position(int index) {
      int position = 0;
      for (int axis = rank - 1; axis >= 0; axis--) {
        position += index % sizes[axis] * strides[axis];
        index /= sizes[axis];
      }
      return position;
    }
  }
}
