package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LayoutTest {
  private static final int ROUNDS = 2000;

  /// Where the elements lie, in row-major order: the definition of a layout, element by element.
  private static int[] positions(Layout layout) {
    int[] positions = new int[layout.shape().elements()];
    for (int i = 0; i < positions.length; i++) {
      int rest = i;
      positions[i] = layout.offset();
      for (int axis = layout.shape().rank() - 1; axis >= 0; axis--) {
        positions[i] += rest % layout.shape().at(axis) * layout.strides()[axis];
        rest /= layout.shape().at(axis);
      }
    }
    return positions;
  }

  private static Layout layout(int... sizes) {
    return Layout.contiguous(Shape.of(sizes));
  }

  /// A chain of up to five views of an array of 120 elements.
  private static Layout randomView(Random random) {
    Layout view = random.nextBoolean() ? layout(2, 3, 4, 5) : layout(1, 120, 1);
    for (int step = random.nextInt(6); step > 0; step--) {
      int axis = random.nextInt(view.shape().rank());
      int size = view.shape().at(axis);
      view = switch (random.nextInt(7)) {
        case 0 -> view.flip(axis);
        case 1 -> view.unsqueeze(axis);
        case 2 -> size == 1 ? view.expand(resized(view.shape(), axis, random.nextInt(4))) : view;
        case 3 -> view.slice(axis, random.nextInt(size + 1), size, 1 + random.nextInt(3));
        case 4 -> size > 1 && view.shape().rank() > 1 ? view.select(axis, random.nextInt(size)) : view;
        case 5 -> size > 0 ? view.unfold(axis, 1 + random.nextInt(Math.min(size, 3)), 2) : view;
        default -> view.permute(rotated(view.shape().rank(), axis));
      };
    }
    return view;
  }

  private static Shape resized(Shape shape, int axis, int size) {
    int[] sizes = shape.sizes();
    sizes[axis] = size;
    return Shape.of(sizes);
  }

  private static int[] rotated(int rank, int by) {
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = (i + by) % rank;
    }
    return order;
  }

  private static Shape randomShape(Random random, int elements) {
    if (elements == 0) {
      return Shape.of(random.nextInt(3), 0, random.nextInt(3));
    }
    int[] sizes = new int[4];
    for (int axis = 0; axis < 4; axis++) {
      int size = 1 + random.nextInt(6);
      sizes[axis] = axis == 3 ? elements : elements % size == 0 ? size : 1;
      elements /= axis == 3 ? 1 : sizes[axis];
    }
    return Shape.of(sizes);
  }

  @Test
  void viewsStayWithinTheArrayEvenWithoutElements() {
    Random random = new Random(1);
    int empty = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Layout view = randomView(random);
      empty += view.shape().elements() == 0 ? 1 : 0;
      assertThat(view.offset()).as("%s", view.shape()).isBetween(0, 119);
      for (int position : positions(view)) {
        assertThat(position).isBetween(0, 119);
      }
    }
    assertThat(empty).isPositive();
  }

  @Test
  void contiguousMeansRowMajorWithoutGaps() {
    Random random = new Random(2);
    int contiguous = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Layout view = randomView(random);
      int[] positions = positions(view);
      boolean expected = true;
      for (int i = 0; i < positions.length; i++) {
        expected &= positions[i] == view.offset() + i;
      }
      contiguous += expected ? 1 : 0;
      assertThat(view.isContiguous()).as("%s", view).isEqualTo(expected);
    }
    assertThat(contiguous).isBetween(1, ROUNDS - 1);
  }

  @Test
  void everyRepeatedElementIsAnOverlap() {
    Random random = new Random(3);
    int overlapping = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Layout view = randomView(random);
      Set<Integer> distinct = new HashSet<>();
      boolean repeats = false;
      for (int position : positions(view)) {
        repeats |= !distinct.add(position);
      }
      overlapping += repeats ? 1 : 0;
      if (repeats) {
        assertThat(view.overlaps()).as("%s", view).isTrue();
      }
    }
    assertThat(overlapping).isPositive();
    assertThat(layout(3, 4).permute(new int[] {1, 0}).flip(0).overlaps()).isFalse();
    assertThat(layout(9).unfold(0, 3, 3).overlaps()).isFalse();
    assertThat(layout(9).unfold(0, 3, 2).overlaps()).isTrue();
    assertThat(layout(1).expand(Shape.of(1)).overlaps()).isFalse();
    assertThat(layout(1).expand(Shape.of(2)).overlaps()).isTrue();
  }

  @Test
  void reshapingKeepsTheOrderOfElementsOrIsRefused() {
    Random random = new Random(4);
    int views = 0;
    int copies = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Layout view = randomView(random);
      Layout reshaped = view.reshape(randomShape(random, view.shape().elements()));
      if (reshaped == null) {
        copies++;
        assertThat(view.isContiguous()).isFalse();
      } else {
        views++;
        assertThat(positions(reshaped)).as("%s", view).isEqualTo(positions(view));
      }
    }
    assertThat(views).isPositive();
    assertThat(copies).isPositive();
  }

  @Test
  void reshapingViewsWhereAnAxisSplitsOrAxesRunIntoOneAnother() {
    Layout columns = layout(6, 8).slice(1, 2, 6, 1);
    assertThat(columns.reshape(Shape.of(2, 3, 2, 2))).isNotNull();
    assertThat(columns.reshape(Shape.of(24))).isNull();
    assertThat(layout(2, 3, 4).slice(2, 0, 4, 2).reshape(Shape.of(6, 2))).isNotNull();
    assertThat(layout(12).flip(0).reshape(Shape.of(3, 4)).strides()).containsExactly(-4, -1);
    assertThat(layout(1).expand(Shape.of(6)).reshape(Shape.of(2, 3)).strides()).containsExactly(0, 0);
  }

  @Test
  void aLayoutWithoutElementsTakesAnyEmptyShape() {
    Layout transposed = layout(0, 3, 4).permute(new int[] {0, 2, 1});
    assertThat(transposed.isContiguous()).isTrue();
    assertThat(transposed.reshape(Shape.of(5, 0)).shape()).isEqualTo(Shape.of(5, 0));
    assertThat(layout(4, 6).slice(0, 2, 2, 1).slice(1, 0, 6, 2).reshape(Shape.of(0, 7)).shape())
        .isEqualTo(Shape.of(0, 7));
    assertThat(layout(0, 3).slice(1, 2, 3, 1).offset()).isZero();
    assertThat(layout(0, 3).select(1, 2).offset()).isZero();
  }

  @Test
  void rowsVisitEachElementOfAnyPairOfViewsOnce() {
    Random random = new Random(5);
    for (int round = 0; round < ROUNDS; round++) {
      Layout view = randomView(random);
      Layout dense = Layout.contiguous(view.shape());
      int[] found = new int[dense.shape().elements()];
      Rows rows = Rows.of(dense, view);
      rows.run((at, n) -> {
        for (int i = 0; i < n; i++) {
          found[at[0] + i * rows.stride(0)] += 1 + at[1] + i * rows.stride(1);
        }
      });
      int[] expected = positions(view);
      for (int i = 0; i < expected.length; i++) {
        expected[i]++;
      }
      assertThat(found).as("%s", view).isEqualTo(expected);
    }
  }

  @Test
  void largeWalksVisitEachElementOnce() {
    for (int[] sizes : new int[][] {{100_003}, {3, 40_009}, {70_001, 3}, {257, 263}, {2, 1, 65_536}}) {
      Tensor reversed = Tensor.arange(Shape.of(sizes).elements()).reshape(sizes);
      for (int axis = 0; axis < sizes.length; axis++) {
        reversed = reversed.flip(axis);
      }
      int[] copied = reversed.toInts();
      for (int i = 0; i < copied.length; i++) {
        assertThat(copied[i]).isEqualTo(copied.length - 1 - i);
      }
    }
  }
}
