package dev.rewind.tensor;

/// The elements that a reduction combines: one line, of constant stride, for every element of its result. Reduced
/// axes that do not run into one another are copied until they do. The order within a line is row-major over the
/// reduced axes, whatever the strides.
final class StridedIterator {
  private static final int COLUMNS = 256;

  /// Works on `count` lines, which begin at `start`, `start + step()`, .. and belong to the elements `output`,
  /// `output + 1`, .. of the result.
  interface Body {
    void run(int output, int start, int count);
  }

  private final Tensor source;
  private final Layout kept;
  private final Rows lines;
  private final Rows reduced;

  private StridedIterator(Tensor source, Layout kept, Rows reduced) {
    this.source = source;
    this.kept = kept;
    this.lines = Rows.of(Layout.contiguous(kept.shape()), kept);
    this.reduced = reduced;
  }

  static StridedIterator of(Tensor x, boolean[] isReduced) {
    Rows reduced = Rows.of(x.layout().axes(axis -> isReduced[axis]));
    if (reduced.count() <= 1 || x.elements() == 0) {   // an empty tensor needs no copy
      return new StridedIterator(x, x.layout().axes(axis -> !isReduced[axis]), reduced);
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
    return kept.shape().elements();
  }

  /// The number of elements in a line.
  int length() {
    return reduced.count() * reduced.length();
  }

  /// The step from one element of a line to the next.
  int stride() {
    return reduced.stride(0);
  }

  /// The step from one line to the next of those passed to a task together.
  int step() {
    return lines.stride(1);
  }

  /// Whether neighbouring lines are adjacent in memory, so that work goes across them rather than along.
  boolean areColumns() {
    return step() == 1 && stride() != 1 && lines.length() > 1 && length() > 1;
  }

  /// Runs over all lines, in several threads if there is much to do; does nothing if there is no element.
  void run(Body body) {
    lines.run(length(), areColumns() ? COLUMNS : 1, (at, count) -> body.run(at[0], at[1], count));
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
    return kept.position(output, kept.shape().rank());
  }
}
