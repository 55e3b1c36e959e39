package dev.rewind.tensor.property;

import static dev.rewind.tensor.property.Elements.assertSame;
import static dev.rewind.tensor.property.Elements.build;
import static dev.rewind.tensor.property.Elements.indices;
import static dev.rewind.tensor.property.Elements.with;
import static dev.rewind.tensor.property.Elements.without;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.constraints.IntRange;

/// Views and movement: which element of the operand each element of the result is. What is called a view shares the
/// array.
class ViewLawsTest extends Laws {
  /// Checks a view, whose element at an index is that of `x` at `source` of the index.
  private static void checkView(String name, Tensor x, Tensor view, int[] sizes, Function<int[], int[]> source) {
    assertSame(name, view, build(x.dtype(), sizes, index -> x.at(source.apply(index))));
    assertThat(view.sharesStorage(x)).as(name + " is a view").isTrue();
  }

  private static int[] shuffled(int n, int seed) {
    int[] order = IntStream.range(0, n).toArray();
    java.util.Random random = new java.util.Random(seed);
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int moved = order[i];
      order[i] = order[j];
      order[j] = moved;
    }
    return order;
  }

  @Law
  void permute(@ForAll("any") Operand operand, @ForAll int seed) {
    Tensor x = operand.tensor();
    int[] order = shuffled(x.rank(), seed);
    int[] sizes = Arrays.stream(order).map(x::size).toArray();
    checkView("permute", x, x.permute(order), sizes, index -> {
      int[] source = new int[order.length];
      for (int i = 0; i < order.length; i++) {
        source[order[i]] = index[i];
      }
      return source;
    });
  }

  @Law
  void transpose(@ForAll("axes") Operand operand, @ForAll int a, @ForAll int b) {
    Tensor x = operand.tensor();
    int i = Math.floorMod(a, x.rank());
    int j = Math.floorMod(b, x.rank());
    checkView("transpose", x, x.transpose(i, j - x.rank()), swapped(x.shape().sizes(), i, j),
        index -> swapped(index, i, j));
  }

  private static int[] swapped(int[] values, int i, int j) {
    return with(with(values, i, values[j]), j, values[i]);
  }

  @Law
  void flip(@ForAll("axes") Operand operand, @ForAll int a) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank());
    checkView("flip", x, x.flip(axis), operand.shape(), i -> with(i, axis, x.size(axis) - 1 - i[axis]));
  }

  @Law
  void squeeze(@ForAll("any") Operand operand, @ForAll int a) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank() + 1);
    int[] sizes = new int[x.rank() + 1];
    Arrays.setAll(sizes, i -> i == axis ? 1 : x.size(i < axis ? i : i - 1));
    checkView("unsqueeze", x, x.unsqueeze(axis), sizes, index -> without(index, axis));
    checkView("squeeze", x, x.unsqueeze(axis).squeeze(axis), operand.shape(), index -> index);
  }

  @Law
  void unsqueeze(@ForAll("any") Operand operand) {
    Tensor x = operand.tensor();
    assertSame("unsqueeze", x.unsqueeze(-1), x.unsqueeze(x.rank()));
  }

  @Law
  void expand(@ForAll("any") Operand operand, @ForAll @IntRange(max = 3) int size, @ForAll int a) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank() + 1);
    Tensor one = x.unsqueeze(axis);
    int[] sizes = with(one.shape().sizes(), axis, size);
    checkView("expand", one, one.expand(sizes), sizes, index -> with(index, axis, 0));
  }

  @Law
  void slice(@ForAll("axes") Operand operand, @ForAll int a, @ForAll @IntRange(max = 40) int f,
      @ForAll @IntRange(max = 40) int t, @ForAll @IntRange(min = 1, max = 4) int step) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank());
    int from = f % (x.size(axis) + 1);
    int to = from + t % (x.size(axis) - from + 1);
    int[] sizes = with(operand.shape(), axis, (to - from + step - 1) / step);
    checkView("slice", x, x.slice(axis, from, to, step), sizes, i -> with(i, axis, from + step * i[axis]));
  }

  @Law
  void select(@ForAll("axes") Operand operand, @ForAll int a, @ForAll int at) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank());
    if (x.size(axis) == 0) {
      return;
    }
    int chosen = Math.floorMod(at, x.size(axis));
    for (int index : new int[] {chosen, chosen - x.size(axis)}) {
      checkView("select", x, x.select(axis, index), without(operand.shape(), axis), i -> inserted(i, axis, chosen));
    }
  }

  private static int[] inserted(int[] values, int axis, int value) {
    int[] longer = new int[values.length + 1];
    Arrays.setAll(longer, i -> i == axis ? value : values[i < axis ? i : i - 1]);
    return longer;
  }

  @Law
  void unfold(@ForAll("axes") Operand operand, @ForAll int a, @ForAll @IntRange(min = 1, max = 5) int wanted,
      @ForAll @IntRange(min = 1, max = 3) int step) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank());
    if (x.size(axis) == 0) {
      return;
    }
    int size = Math.min(wanted, x.size(axis));
    int[] sizes = inserted(with(operand.shape(), axis, (x.size(axis) - size) / step + 1), x.rank(), size);
    checkView("unfold", x, x.unfold(axis, size, step), sizes,
        i -> with(Arrays.copyOf(i, x.rank()), axis, i[axis] * step + i[x.rank()]));
  }

  @Law
  void reshape(@ForAll("any") Operand operand) {
    Tensor x = operand.tensor();
    double[] row = indices(operand.shape()).stream().mapToDouble(x::at).toArray();
    int[] place = {0};
    Tensor flat = build(x.dtype(), new int[] {row.length}, index -> row[place[0]++]);
    assertSame("reshape", x.reshape(row.length), flat);
    assertSame("reshape back", x.reshape(row.length).reshape(operand.shape()), x);
    if (row.length % 2 == 0 && row.length > 0) {
      assertSame("reshape in two", x.reshape(2, -1).reshape(-1), flat);
    }
    assertThat(x.copy().isContiguous()).isTrue();
    assertSame("copy", x.copy(), x);
    assertSame("contiguous", x.contiguous(), x);
  }

  @Law
  void split(@ForAll("axes") Operand operand, @ForAll int a, @ForAll @IntRange(max = 40) int first) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank());
    int size = x.size(axis);
    int cut = first % (size + 1);
    List<Tensor> parts = x.split(axis, new int[] {cut, size - cut});
    assertSame("split", parts.get(0), x.slice(axis, 0, cut));
    assertSame("split", parts.get(1), x.slice(axis, cut, size));
    assertSame("concat undoes split", Tensor.concat(axis, parts), x);
    if (size > 0) {
      assertSame("concat undoes split", Tensor.concat(axis, x.split(axis, size)), x);
    }
  }

  @Law
  void chunk(@ForAll("axes") Operand operand, @ForAll @IntRange(min = 1, max = 6) int chunks) {
    Tensor x = operand.tensor();
    List<Tensor> parts = x.chunk(0, chunks);
    assertThat(parts).hasSizeLessThanOrEqualTo(chunks);
    assertSame("concat undoes chunk", Tensor.concat(0, parts), x);
  }

  @Law
  void concat(@ForAll("axes") Operand operand, @ForAll int a) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank());
    Tensor y = new Operand(operand.dtype(), operand.sizes(), !operand.view(), operand.special(), 77).tensor();
    int size = x.size(axis);
    assertSame("concat", Tensor.concat(axis, List.of(x, y)), build(x.dtype(), with(operand.shape(), axis, 2 * size),
        i -> i[axis] < size ? x.at(i) : y.at(with(i, axis, i[axis] - size))));
  }

  @Law
  void stack(@ForAll("any") Operand operand, @ForAll int a) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank() + 1);
    Tensor y = new Operand(operand.dtype(), operand.sizes(), !operand.view(), operand.special(), 77).tensor();
    assertSame("stack", Tensor.stack(axis, List.of(x, y, x)), build(x.dtype(), inserted(operand.shape(), axis, 3),
        i -> (i[axis] == 1 ? y : x).at(without(i, axis))));
  }

  @Law
  void pad(@ForAll("floatingAxes") Operand operand, @ForAll int a, @ForAll @IntRange(max = 3) int before,
      @ForAll @IntRange(max = 3) int after) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank());
    int size = x.size(axis);
    assertSame("pad", x.pad(axis, before, after, 2),
        build(x.dtype(), with(operand.shape(), axis, before + size + after),
            i -> i[axis] < before || i[axis] >= before + size ? 2 : x.at(with(i, axis, i[axis] - before))));
  }

  @Law
  void assign(@ForAll("any") Operand operand) {
    Tensor x = operand.tensor();
    Tensor target = x.rank() == 0 ? x.copy() : x.copy().flip(0);
    target.assign(x);
    assertSame("assign", target, x);
    assertSame("fill", target.fill(1), build(x.dtype(), operand.shape(), i -> 1));
  }
}
