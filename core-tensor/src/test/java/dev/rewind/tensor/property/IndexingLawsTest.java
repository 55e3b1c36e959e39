package dev.rewind.tensor.property;

import static dev.rewind.tensor.property.Elements.assertClose;
import static dev.rewind.tensor.property.Elements.assertSame;
import static dev.rewind.tensor.property.Elements.build;
import static dev.rewind.tensor.property.Elements.indices;
import static dev.rewind.tensor.property.Elements.with;

import dev.rewind.tensor.DType;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.constraints.IntRange;

/// Lookups and sums by index, against loops over all elements.
class IndexingLawsTest extends Laws {
  /// Indices below a bound, of some shape.
  private static Tensor below(int bound, long seed, int... sizes) {
    SplittableRandom random = new SplittableRandom(seed);
    return build(DType.INT32, sizes, index -> random.nextInt(bound));
  }

  /// The shape of a lookup along an axis by indices `[2, 3]`, and where an index of it reads.
  private static int[] gathered(int[] sizes, int axis) {
    int[] result = new int[sizes.length + 1];
    System.arraycopy(sizes, 0, result, 0, axis);
    result[axis] = 2;
    result[axis + 1] = 3;
    System.arraycopy(sizes, axis + 1, result, axis + 2, sizes.length - axis - 1);
    return result;
  }

  private static int[] source(int[] index, int axis, Tensor ids) {
    int[] source = new int[index.length - 1];
    System.arraycopy(index, 0, source, 0, axis);
    source[axis] = (int) ids.at(index[axis], index[axis + 1]);
    System.arraycopy(index, axis + 2, source, axis + 1, index.length - axis - 2);
    return source;
  }

  @Law
  void gather(@ForAll("axes") Operand operand, @ForAll int a) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank());
    Assume.that(x.size(axis) > 0);
    Tensor ids = below(x.size(axis), operand.seed(), 2, 3);
    assertSame("gather", x.gather(ids, axis),
        build(x.dtype(), gathered(operand.shape(), axis), index -> x.at(source(index, axis, ids))));
  }

  @Law
  void scatterAdd(@ForAll("floatingAxes") Operand operand, @ForAll int a) {
    Tensor x = new Operand(operand.dtype(), operand.sizes(), operand.view(), false, operand.seed()).tensor();
    int axis = Math.floorMod(a, x.rank());
    Assume.that(x.size(axis) > 0);
    Tensor ids = below(x.size(axis), operand.seed(), 2, 3);
    int[] sizes = gathered(operand.shape(), axis);
    Tensor updates = new Operand(operand.dtype(), Arrays.stream(sizes).boxed().toList(), !operand.view(), false, 5)
        .tensor();
    Tensor expected = x.to(DType.FLOAT64).copy();
    for (int[] index : indices(sizes)) {
      add(expected, source(index, axis, ids), updates.at(index));
    }
    Tensor sum = x.scatterAdd(ids, updates, axis);
    double tolerance = x.dtype() == DType.FLOAT32 ? 1e-5 : 1e-14;
    assertClose("scatterAdd", sum.to(DType.FLOAT64), expected, tolerance, tolerance);
    assertSame("scatterAddInPlace", x.copy().scatterAddInPlace(ids, updates, axis), sum);
  }

  private static void add(Tensor target, int[] index, double value) {
    Tensor element = target;
    for (int i : index) {
      element = element.select(0, i);
    }
    element.fill(element.item() + value);
  }

  @Law
  void takeAlong(@ForAll("axes") Operand operand, @ForAll int a, @ForAll @IntRange(max = 4) int count) {
    Tensor x = operand.tensor();
    int axis = Math.floorMod(a, x.rank());
    Assume.that(x.size(axis) > 0);
    Tensor ids = below(x.size(axis), operand.seed(), with(operand.shape(), axis, count));
    assertSame("takeAlong", x.takeAlong(ids, axis),
        build(x.dtype(), ids.shape().sizes(), index -> x.at(with(index, axis, (int) ids.at(index)))));
  }

  @Law
  void scatterAddAlong(@ForAll("floatingAxes") Operand operand, @ForAll int a, @ForAll @IntRange(max = 4) int count) {
    Tensor x = new Operand(operand.dtype(), operand.sizes(), operand.view(), false, operand.seed()).tensor();
    int axis = Math.floorMod(a, x.rank());
    Assume.that(x.size(axis) > 0);
    Tensor ids = below(x.size(axis), operand.seed(), with(operand.shape(), axis, count));
    Tensor updates = new Operand(
        operand.dtype(), Arrays.stream(ids.shape().sizes()).boxed().toList(), !operand.view(), false, 5).tensor();
    Tensor expected = x.to(DType.FLOAT64).copy();
    for (int[] index : indices(ids.shape().sizes())) {
      add(expected, with(index, axis, (int) ids.at(index)), updates.at(index));
    }
    Tensor sum = x.scatterAddAlong(ids, updates, axis);
    double tolerance = x.dtype() == DType.FLOAT32 ? 1e-5 : 1e-14;
    assertClose("scatterAddAlong", sum.to(DType.FLOAT64), expected, tolerance, tolerance);
    assertSame("scatterAddAlongInPlace", x.copy().scatterAddAlongInPlace(ids, updates, axis), sum);
  }

  @Law
  void maskedSelect(@ForAll("any") Operand operand) {
    Tensor x = operand.tensor();
    Tensor mask = new Operand(DType.BOOL, operand.sizes(), !operand.view(), false, operand.seed() + 1).tensor();
    double[] chosen = indices(operand.shape()).stream().filter(i -> mask.at(i) != 0).mapToDouble(x::at).toArray();
    assertSame("maskedSelect", x.maskedSelect(mask), build(x.dtype(), new int[] {chosen.length}, i -> chosen[i[0]]));
  }

  @Law
  void topK(@ForAll("floatingAxes") Operand operand, @ForAll @IntRange(max = 5) int wanted) {
    Tensor x = operand.tensor();
    int axis = x.rank() - 1;
    int k = Math.min(wanted, x.size(axis));
    int[] sizes = with(operand.shape(), axis, k);
    Tensor.TopK top = x.topK(k);
    Tensor places = build(DType.INT32, sizes, index -> ranked(x, index, axis).get(index[axis]));
    assertSame("topK indices", top.indices(), places);
    assertSame("topK values", top.values(),
        build(x.dtype(), sizes, index -> x.at(with(index, axis, (int) places.at(index)))));
  }

  /// The smallest first: as the largest of the negatives, but for NaN, which stays above all.
  @Law
  void sort(@ForAll("floatingAxes") Operand operand) {
    Tensor x = operand.tensor();
    for (int axis = 0; axis < x.rank(); axis++) {
      int along = axis;
      Tensor places = build(DType.INT32, operand.shape(), index -> ascending(x, index, along).get(index[along]));
      assertSame("argsort", x.argsort(axis), places);
      assertSame("sort", x.sort(axis),
          build(x.dtype(), operand.shape(), index -> x.at(with(index, along, (int) places.at(index)))));
    }
    int last = x.rank() - 1;
    int k = (x.size(last) + 1) / 2;
    assertSame("topK", x.topK(k, false).indices(), x.argsort(last).slice(last, 0, k).contiguous());
  }

  @Law
  void argsort(@ForAll("floatingAxes") Operand operand) {
    Tensor x = operand.tensor();
    assertSame("argsort", x.takeAlong(x.argsort(0), 0), x.sort(0));
  }

  private static List<Integer> ascending(Tensor x, int[] index, int axis) {
    List<Integer> places = new ArrayList<>(IntStream.range(0, x.size(axis)).boxed().toList());
    places.sort(Comparator.comparingDouble((Integer i) -> x.at(with(index, axis, i)) + 0.0));
    return places;
  }

  /// The places along an axis, the largest element first, NaN before all, equal ones in order of place.
  private static List<Integer> ranked(Tensor x, int[] index, int axis) {
    List<Integer> places = new ArrayList<>(IntStream.range(0, x.size(axis)).boxed().toList());
    places.sort(Comparator.comparingDouble((Integer i) -> x.at(with(index, axis, i)) + 0.0).reversed());
    return places;
  }
}
