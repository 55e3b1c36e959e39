package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.StatUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReductionsTest {
  private final int threads = Threads.count();

  @AfterEach
  void restoreThreads() {
    Threads.resize(threads);
  }

  // ---- over which elements ------------------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64", "INT32"})
  void everySubsetOfAxesOfEveryViewIsReducedLikeItsElements(DType dtype) {
    views(numbers(dtype, 3, 5, 2, 7)).forEach((name, x) -> {
      for (int[] axes : subsets(x.rank())) {
        String what = name + " over " + Arrays.toString(axes);
        Tensor sums = reference(x, axes, values -> Arrays.stream(values).sum());
        assertThat(x.sumKeepDims(axes).allClose(sums, 1e-6, 1e-4)).as("sum of " + what).isTrue();
        Tensor largest = reference(x, axes, values -> Arrays.stream(values).max().orElseThrow());
        assertThat(x.maxKeepDims(axes)).as("max of " + what).isEqualTo(largest);
        Tensor smallest = reference(x, axes, values -> Arrays.stream(values).min().orElseThrow());
        assertThat(x.minKeepDims(axes)).as("min of " + what).isEqualTo(smallest);
      }
    });
  }

  @Test
  void axesDisappearOrStay() {
    Tensor x = Tensor.arange(24).reshape(2, 3, 4);
    assertThat(x.sum(1).shape()).isEqualTo(Shape.of(2, 4));
    assertThat(x.sumKeepDims(1).shape()).isEqualTo(Shape.of(2, 1, 4));
    assertThat(x.sum(0, -1)).isEqualTo(Tensor.of(new int[] {60, 92, 124}, 3));
    assertThat(x.sum(-1, 0)).isEqualTo(x.sum(0, 2));
    assertThat(x.sum().shape()).isEqualTo(Shape.of());
    assertThat(x.sum().item()).isEqualTo(276);
    assertThat(x.maxKeepDims().shape()).isEqualTo(Shape.of(1, 1, 1));
    assertThat(x.min(2).shape()).isEqualTo(Shape.of(2, 3));
  }

  @Test
  void aScalarIsItsOwnReduction() {
    Tensor x = Tensor.scalar(2.5f);
    assertThat(x.sum()).isEqualTo(x);
    assertThat(x.mean()).isEqualTo(x);
    assertThat(x.max()).isEqualTo(x);
    assertThat(x.variance()).isEqualTo(Tensor.scalar(0f));
  }

  @Test
  void noElementsSumToZeroAndHaveNoExtreme() {
    Tensor x = Tensor.zeros(DType.FLOAT32, 3, 0);
    assertThat(x.sum(1)).isEqualTo(Tensor.zeros(DType.FLOAT32, 3));
    assertThat(x.sum(0)).isEqualTo(Tensor.zeros(DType.FLOAT32, 0));
    assertThat(x.sum()).isEqualTo(Tensor.scalar(0f));
    assertThat(x.mean(1).isNaN().all().item()).isEqualTo(1);
    assertThat(x.max(0).shape()).isEqualTo(Shape.of(0));
    assertThat(x.argmax(0).shape()).isEqualTo(Shape.of(0));
    assertThat(x.cumsum(1)).isEqualTo(x);
    assertThatThrownBy(() -> x.max(1)).isInstanceOf(ShapeException.class)
        .hasMessage("max: no element along axes [1] of [3, 0]");
    assertThatThrownBy(x::min).hasMessage("min: no element along axes [0, 1] of [3, 0]");
    assertThatThrownBy(() -> x.argmin(-1)).hasMessage("argmin: no element along axes [1] of [3, 0]");
  }

  @Test
  void badAxesAreNamed() {
    Tensor x = Tensor.zeros(DType.FLOAT32, 2, 3);
    assertThatThrownBy(() -> x.sum(2)).isInstanceOf(ShapeException.class).hasMessage("sum: no axis 2 in [2, 3]");
    assertThatThrownBy(() -> x.sum(1, -1)).isInstanceOf(ShapeException.class)
        .hasMessage("sum: axes [1, -1] name axis 1 of [2, 3] twice");
    assertThatThrownBy(() -> x.max(0, 0)).hasMessage("max: axes [0, 0] name axis 0 of [2, 3] twice");
    assertThatThrownBy(() -> x.min(-3)).hasMessage("min: no axis -3 in [2, 3]");
    assertThatThrownBy(() -> x.argmax(5)).hasMessage("argmax: no axis 5 in [2, 3]");
    assertThatThrownBy(() -> x.argmin(5)).hasMessage("argmin: no axis 5 in [2, 3]");
    assertThatThrownBy(() -> x.cumsum(2)).hasMessage("cumsum: no axis 2 in [2, 3]");
  }

  @Test
  void truthValuesAreCountedOnlyAfterConversion() {
    Tensor x = Tensor.of(new boolean[] {true, false, true}, 3);
    assertThatThrownBy(x::sum).isInstanceOf(DTypeException.class)
        .hasMessage("sum: not defined for BOOL; convert it with to(..)");
    assertThatThrownBy(x::max).isInstanceOf(DTypeException.class)
        .hasMessage("max: not defined for BOOL; see any(..) and all(..)");
    assertThatThrownBy(() -> x.cumsum(0)).isInstanceOf(DTypeException.class)
        .hasMessage("cumsum: not defined for BOOL; convert it with to(..)");
    assertThat(x.to(DType.INT32).sum().item()).isEqualTo(2);
    assertThatThrownBy(() -> Tensor.arange(3).mean()).isInstanceOf(DTypeException.class)
        .hasMessage("mean: wants FLOAT32 or FLOAT64, not INT32");
  }

  // ---- sums ---------------------------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 16, 17, 511, 512, 513, 1024, 5000, 70_001})
  void floatSumsFollowTheirDefinition(int n) {
    Tensor x = random(n);
    assertThat(x.sum().item()).isEqualTo((float) definition(x.to(DType.FLOAT64).toDoubles()));
    assertThat(x.sumOfSquares()).isEqualTo(definition(x.to(DType.FLOAT64).square().toDoubles()));
  }

  @Test
  void equalFloatsAddUpHoweverMany() {
    int n = 100_000_000;
    assertThat(Tensor.scalar(1f).expand(n).sum().item()).isEqualTo(1e8);
    assertThat(Tensor.scalar(0.1f).expand(n).sum().item()).isEqualTo(1e7);
    assertThat(Tensor.scalar(0.1f).expand(n / 1000, 1000).mean().item()).isEqualTo(0.1f);
    assertThat(Tensor.scalar(-3).expand(n).sum().item()).isEqualTo(-3e8);
  }

  /// Every way to lay out equal floats: their sums are those of the exact values, rounded once.
  @Test
  void equalFloatsAddUpHoweverTheyLie() {
    int rows = 5000;
    int columns = 700;
    Tensor x = Tensor.full(DType.FLOAT32, 0.1, rows, columns);
    double value = 0.1f;
    assertThat(x.sum().item()).isEqualTo((float) (value * rows * columns));
    assertThat(x.slice(1, 0, columns, 3).sum().item()).isEqualTo((float) (value * rows * 234));
    assertThat(x.sum(0)).isEqualTo(Tensor.full(DType.FLOAT32, value * rows, columns));
    assertThat(x.transpose().sum(0)).isEqualTo(Tensor.full(DType.FLOAT32, value * columns, rows));
    assertThat(x.mean()).isEqualTo(Tensor.scalar(0.1f));
    assertThat(x.mean(0)).isEqualTo(Tensor.full(DType.FLOAT32, 0.1, columns));
    assertThat(x.norm(0)).isEqualTo(Tensor.full(DType.FLOAT32, value * Math.sqrt(rows), columns));
    assertThat(x.norm(1)).isEqualTo(Tensor.full(DType.FLOAT32, value * Math.sqrt(columns), rows));
  }

  @Test
  void sumsOfFloatsAreRoundedOnce() {
    Tensor x = Tensor.uniform(Rng.of(9), DType.FLOAT32, 0, 1, 3, 700, 40);
    Tensor exact = x.to(DType.FLOAT64);
    for (int[] axes : subsets(3)) {
      assertThat(x.sum(axes)).isEqualTo(exact.sum(axes).to(DType.FLOAT32));
      assertThat(x.mean(axes)).isEqualTo(exact.mean(axes).to(DType.FLOAT32));
      assertThat(x.variance(axes)).isEqualTo(exact.variance(axes).to(DType.FLOAT32));
      assertThat(x.norm(axes)).isEqualTo(exact.norm(axes).to(DType.FLOAT32));
    }
  }

  /// Rows, columns, strided and long lines of doubles whose squares are out of range, beside others.
  @Test
  void normsOfDoublesAreRightWhereverTheirSquaresAreNot() {
    double[] scales = {1e-310, 1e-200, 1e-150, 1, 1e150, 1e200, 1e307, 0};
    for (int n : new int[] {1, 2, 40, 600, 70_000}) {
      Tensor columns = Tensor.of(scales).unsqueeze(0).expand(n, scales.length).contiguous();
      Tensor rows = columns.transpose().contiguous();
      for (Tensor norms : List.of(columns.norm(0), rows.norm(1), columns.transpose().norm(1),
          rows.transpose().norm(0))) {
        for (int i = 0; i < scales.length; i++) {
          double expected = scales[i] * Math.sqrt(n);
          assertThat(norms.at(i)).isCloseTo(expected, within(1e-14 * expected + 4 * Double.MIN_VALUE));
        }
      }
    }
    double infinity = Double.POSITIVE_INFINITY;
    Tensor edges = Tensor
        .of(new double[][] {{1e200, infinity}, {Double.NaN, 1e200}, {-infinity, 0}, {1.7e308, 1.7e308}});
    assertThat(edges.norm(1)).isEqualTo(Tensor.of(new double[] {infinity, Double.NaN, infinity, infinity}));
    assertThat(Tensor.zeros(DType.FLOAT64, 2, 0).norm(1)).isEqualTo(Tensor.zeros(DType.FLOAT64, 2));
  }

  @Test
  void momentsNeitherOverflowNorCancel() {
    Tensor huge = Tensor.of(new float[][] {{3e38f, 3e38f, 3e38f}, {3e20f, 4e20f, 0}, {3e-30f, 0, 4e-30f}});
    assertThat(huge.mean(1).at(0)).isEqualTo(3e38f);
    assertThat(huge.norm(1).at(1)).isEqualTo(5e20f);
    assertThat(huge.norm(1).at(2)).isEqualTo(5e-30f);
    assertThat(huge.transpose().norm(0)).isEqualTo(huge.norm(1));
    float[] far = new float[2000];
    for (int i = 0; i < far.length; i++) {
      far[i] = 16777000 + i % 2;
    }
    assertThat(Tensor.of(far).variance().item()).isEqualTo(0.25);
    assertThat(Tensor.of(far).unsqueeze(1).expand(2000, 3).contiguous().variance(0))
        .isEqualTo(Tensor.full(DType.FLOAT32, 0.25, 3));
  }

  @Test
  void smallFloatsSurviveBesideLargeOnes() {
    float[] values = new float[4096];
    for (int i = 0; i < values.length; i += 2) {
      values[i] = 1e8f;
      values[i + 1] = 1;
    }
    Tensor x = Tensor.of(values);
    assertThat(x.sum().item()).isEqualTo((float) (2048 * (1e8 + 1)));
    assertThat(Tensor.of(new float[] {3e38f, 3e38f, -3e38f, -3e38f}).sum().item()).isZero();
  }

  @Test
  void bitsDoNotDependOnStrides() {
    Tensor x = random(37, 531, 18);
    views(x).forEach((name, view) -> {
      Tensor copy = view.copy();
      for (int[] axes : subsets(view.rank())) {
        assertThat(view.sum(axes)).as("%s over %s", name, Arrays.toString(axes)).isEqualTo(copy.sum(axes));
      }
    });
  }

  /// Few columns of many rows, which are shared out by rows.
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void tallMatricesGiveTheBitsOfTheirColumns(DType dtype) {
    Tensor x = random(9001, 150).to(dtype);
    Tensor lines = x.transpose().contiguous();
    for (Tensor tall : new Tensor[] {x, x.slice(1, 5, 25)}) {
      Tensor wide = tall == x ? lines : lines.slice(0, 5, 25);
      assertThat(tall.sum(0)).isEqualTo(wide.sum(1));
      assertThat(tall.mean(0)).isEqualTo(wide.mean(1));
      assertThat(tall.variance(0)).isEqualTo(wide.variance(1));
      assertThat(tall.norm(0)).isEqualTo(wide.norm(1));
    }
  }

  @Test
  void bitsDoNotDependOnNeighbours() {
    Tensor x = random(1300, 70);
    Tensor columns = x.sum(0);
    for (int j = 0; j < 70; j++) {
      assertThat(x.select(1, j).copy().sum()).as("column %d", j).isEqualTo(columns.select(0, j));
      assertThat(x.slice(1, j, j + 1).sum(0).item()).isEqualTo(columns.at(j));
    }
    Tensor rows = x.transpose().copy().sum(1);
    assertThat(rows).isEqualTo(columns);
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void bitsDoNotDependOnTheNumberOfThreads(DType dtype) {
    Tensor x = random(2500, 130).to(dtype);
    List<Function<Tensor, Tensor>> reductions = List.of(
        Tensor::sum, t -> t.sum(0), t -> t.sum(1), t -> t.transpose().sum(), t -> t.flip(0).sum(0), Tensor::variance,
        t -> t.slice(1, 0, 2).expand(40, 2500, 2).sum(0, 1), t -> t.reshape(5, -1).sum(1), t -> t.cumsum(0),
        t -> t.variance(0), t -> t.norm(0), t -> t.slice(1, 3, 4).sum(0), t -> t.slice(1, 3, 70).mean(0), t -> t.max(0),
        t -> t.min(1), t -> t.softmax(1), t -> t.logSumExp(0));
    for (int i = 0; i < reductions.size(); i++) {
      Threads.resize(1);
      Tensor alone = reductions.get(i).apply(x);
      Threads.resize(3);
      assertThat(reductions.get(i).apply(x)).as("reduction %d", i).isEqualTo(alone);
    }
  }

  @Test
  void integersWrap() {
    Tensor x = Tensor.of(new int[] {Integer.MAX_VALUE, 1, 1}, 3);
    assertThat(x.sum().item()).isEqualTo(Integer.MIN_VALUE + 1.0);
    assertThat(x.cumsum(0))
        .isEqualTo(Tensor.of(new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MIN_VALUE + 1}));
    assertThat(x.min().item()).isEqualTo(1);
  }

  @Test
  void nanAndInfinityReachTheSum() {
    Tensor x = Tensor.of(new float[][] {{1, Float.NaN}, {Float.POSITIVE_INFINITY, 1},
        {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}, {1, 2}});
    assertThat(x.sum(1)).isEqualTo(Tensor.of(new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NaN, 3}));
    assertThat(x.flip(1).sum(1)).isEqualTo(x.sum(1));
  }

  @Test
  void sumOfSquaresTakesViewsAndRefusesIntegers() {
    Tensor x = Tensor.of(new double[][] {{1, 2}, {3, 4}});
    assertThat(x.select(1, 1).sumOfSquares()).isEqualTo(20);
    assertThat(Tensor.zeros(DType.FLOAT64, 0).sumOfSquares()).isZero();
    assertThatThrownBy(() -> Tensor.arange(3).sumOfSquares()).isInstanceOf(DTypeException.class)
        .hasMessage("sumOfSquares: wants FLOAT32 or FLOAT64, not INT32");
  }

  // ---- statistics ---------------------------------------------------------------------------------------------------

  @Test
  void meanAndVarianceAgreeWithCommonsMath() {
    Tensor x = Tensor.normal(Rng.of(5), DType.FLOAT64, 100, 3, 9, 1001);
    for (int row = 0; row < 9; row++) {
      double[] values = x.select(0, row).toDoubles();
      assertThat(x.mean(1).at(row)).isCloseTo(StatUtils.mean(values), within(1e-11));
      assertThat(x.variance(1).at(row)).isCloseTo(StatUtils.populationVariance(values), within(1e-10));
      assertThat(x.norm(1).at(row)).isCloseTo(Math.sqrt(StatUtils.sumSq(values)), within(1e-9));
      assertThat(x.max(1).at(row)).isEqualTo(StatUtils.max(values));
      assertThat(x.min(1).at(row)).isEqualTo(StatUtils.min(values));
    }
    assertThat(x.to(DType.FLOAT32).varianceKeepDims(1).allClose(x.varianceKeepDims(1).to(DType.FLOAT32), 1e-4, 0))
        .isTrue();
  }

  @Test
  void logSumExpNeitherOverflowsNorVanishes() {
    float infinity = Float.POSITIVE_INFINITY;
    Tensor x = Tensor.of(new float[][] {{1000, 1000}, {-1000, -1000}, {-infinity, -infinity}, {infinity, 0}, {0, 0}});
    Tensor expected = Tensor
        .of(new double[] {1000 + Math.log(2), Math.log(2) - 1000, -infinity, infinity, Math.log(2)});
    assertThat(x.logSumExp(1).allClose(expected.to(DType.FLOAT32), 1e-6, 0)).isTrue();
  }

  @Test
  void softmaxSumsToOneAlongItsAxis() {
    Tensor x = Tensor.normal(Rng.of(6), DType.FLOAT64, 500, 200, 4, 5, 6);
    for (int axis = -3; axis < 3; axis++) {
      Tensor ones = Tensor.ones(DType.FLOAT64, x.sum(axis).shape().sizes());
      assertThat(x.softmax(axis).sum(axis).describeDifference(ones, 1e-14, 0)).doesNotContain("differ;");
      assertThat(x.logSoftmax(axis).exp().allClose(x.softmax(axis), 1e-12, 0)).isTrue();
    }
    assertThat(Tensor.zeros(DType.FLOAT32, 0, 3).softmax(0).shape()).isEqualTo(Shape.of(0, 3));
  }

  @Test
  void anyAndAllOverNothingAreFalseAndTrue() {
    Tensor x = Tensor.of(new boolean[] {true, false, false, false, true, true}, 3, 2);
    assertThat(x.any(1)).isEqualTo(Tensor.of(new boolean[] {true, false, true}, 3));
    assertThat(x.all(1)).isEqualTo(Tensor.of(new boolean[] {false, false, true}, 3));
    assertThat(Tensor.zeros(DType.BOOL, 0).any().item()).isZero();
    assertThat(Tensor.zeros(DType.BOOL, 0).all().item()).isEqualTo(1);
  }

  // ---- largest and smallest
  // -------------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 511, 512, 513, 1537})
  void extremesAreFoundWhereverTheyAre(int n) {
    for (int at : new int[] {0, n / 2, n - 1}) {
      float[] values = new float[n];
      Arrays.fill(values, -1);
      values[at] = 7;
      Tensor x = Tensor.of(values);
      assertThat(x.max().item()).isEqualTo(7);
      assertThat(x.argmax(0).item()).isEqualTo(at);
      assertThat(x.negate().min().item()).isEqualTo(-7);
      assertThat(x.to(DType.FLOAT64).flip(0).max().item()).isEqualTo(7);
      values[at] = Float.NaN;
      Tensor broken = Tensor.of(values);
      assertThat(broken.max().item()).isNaN();
      assertThat(broken.min().item()).isNaN();
      assertThat(broken.unsqueeze(1).expand(n, 3).max(0).isNaN().all().item()).isEqualTo(1);
      assertThat(broken.argmin(0).item()).isEqualTo(at);
    }
  }

  @Test
  void theFirstOfEqualExtremesCounts() {
    Tensor x = Tensor.of(new int[][] {{3, 1, 3, 1}, {0, 0, 0, 0}});
    assertThat(x.argmax(1)).isEqualTo(Tensor.of(new int[] {0, 0}));
    assertThat(x.argmin(1)).isEqualTo(Tensor.of(new int[] {1, 0}));
    assertThat(x.flip(1).argmax(-1)).isEqualTo(Tensor.of(new int[] {1, 0}));
    assertThat(x.argmax(0)).isEqualTo(Tensor.of(new int[] {0, 0, 0, 0}));
    assertThat(x.argmin(0)).isEqualTo(Tensor.of(new int[] {1, 1, 1, 1}));
    Tensor broken = Tensor.of(new double[] {9, Double.NaN, -9, Double.NaN});
    assertThat(broken.argmax(0).item()).isEqualTo(1);
    assertThat(broken.argmin(0).item()).isEqualTo(1);
  }

  @Test
  void infinitiesAndIntegersOfTheLimitsAreExtremes() {
    float infinity = Float.POSITIVE_INFINITY;
    assertThat(Tensor.of(new float[] {-infinity, -infinity}).max().item()).isEqualTo(-infinity);
    assertThat(Tensor.of(new float[] {-infinity, -infinity}).argmax(0).item()).isZero();
    Tensor limits = Tensor.of(new int[] {0, Integer.MIN_VALUE, Integer.MAX_VALUE});
    assertThat(limits.max().item()).isEqualTo(Integer.MAX_VALUE);
    assertThat(limits.min().item()).isEqualTo(Integer.MIN_VALUE);
  }

  // ---- running sums -------------------------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64", "INT32"})
  void runningSumsOfEveryViewEndAtEachElement(DType dtype) {
    views(numbers(dtype, 3, 5, 2, 7)).forEach((name, x) -> {
      for (int axis = 0; axis < x.rank(); axis++) {
        Tensor forward = x.cumsum(axis);
        Tensor backward = x.cumsumReverse(axis - x.rank());
        for (int i = 0; i < x.size(axis); i++) {
          Tensor upTo = x.slice(axis, 0, i + 1).sum(axis);
          assertThat(forward.select(axis, i).allClose(upTo, 1e-6, 1e-4)).as("%s along %d", name, axis).isTrue();
          Tensor from = x.slice(axis, i, x.size(axis)).sum(axis);
          assertThat(backward.select(axis, i).allClose(from, 1e-6, 1e-4)).as("%s along %d", name, axis).isTrue();
        }
      }
    });
  }

  @Test
  void runningSumsOfFloatsAreKeptInDouble() {
    Tensor x = Tensor.of(new float[] {1 << 24, 1, 1, 1, 1});
    assertThat(x.cumsum(0).at(4)).isEqualTo((1 << 24) + 4);
  }

  // ---- helpers ------------------------------------------------------------------------------------------------------

  /// Element `r` is added to float lane `r % 16` of chunk `r / 512`, lanes pairwise and chunks in order in double.
  private static double definition(double[] x) {
    double total = 0;
    for (int from = 0; from < x.length; from += 512) {
      double[] lanes = new double[16];
      for (int r = from; r < Math.min(x.length, from + 512); r++) {
        lanes[r % 16] += x[r];
      }
      double chunk = 0;
      for (int i = 0; i < 4; i++) {
        chunk += (lanes[i] + lanes[i + 8]) + (lanes[i + 4] + lanes[i + 12]);
      }
      total += chunk;
    }
    return total;
  }

  private static Tensor random(int... sizes) {
    return Tensor.normal(Rng.of(7), DType.FLOAT32, 0.3, 1, sizes);
  }

  private static Tensor numbers(DType dtype, int... sizes) {
    return Tensor.uniform(Rng.of(8), DType.FLOAT64, -100, 100, sizes).to(dtype);
  }

  private static Map<String, Tensor> views(Tensor x) {
    Map<String, Tensor> views = new LinkedHashMap<>();
    views.put("contiguous", x);
    views.put("transposed", x.transpose());
    views.put("rotated", x.transpose(0, -1));
    views.put("flipped", x.flip(0).flip(-1));
    views.put("sliced", x.slice(1, 1, 5, 2));
    views.put("narrow", x.slice(-1, 0, 1));
    views.put("repeated", x.slice(1, 0, 1).expand(x.shape()));
    views.put("unfold", x.select(0, 1).unfold(0, 2, 1));
    return views;
  }

  private static List<int[]> subsets(int rank) {
    List<int[]> subsets = new ArrayList<>();
    for (int bits = 0; bits < 1 << rank; bits++) {
      int chosen = bits;
      subsets.add(java.util.stream.IntStream.range(0, rank).filter(axis -> (chosen >> axis & 1) != 0).toArray());
    }
    return subsets;
  }

  /// A reduction of each group of elements, one by one; the axes stay with size 1.
  private static Tensor reference(Tensor x, int[] axes, ToDoubleFunction<double[]> reduce) {
    int[] sizes = x.shape().sizes();
    for (int axis = 0; axis < sizes.length; axis++) {
      int at = axis;
      sizes[axis] = axes.length == 0 || Arrays.stream(axes).anyMatch(a -> a == at) ? 1 : sizes[axis];
    }
    Tensor y = Tensor.zeros(DType.FLOAT64, sizes);
    Map<Integer, List<Double>> groups = new LinkedHashMap<>();
    int[] index = new int[sizes.length];
    for (int i = 0; i < x.elements(); i++) {
      int rest = i;
      int group = 0;
      for (int axis = sizes.length - 1, step = 1; axis >= 0; step *= sizes[axis], axis--) {
        index[axis] = rest % x.size(axis);
        rest /= x.size(axis);
        group += index[axis] % sizes[axis] * step;
      }
      groups.computeIfAbsent(group, g -> new ArrayList<>()).add(x.at(index));
    }
    groups.forEach((group,
        values) -> y.doubles()[group] = reduce.applyAsDouble(values.stream().mapToDouble(v -> v).toArray()));
    return y.to(x.dtype());
  }

  @Test
  void emptyViewsReduceOverAxesThatDoNotMerge() {
    Tensor empty = Tensor.zeros(DType.FLOAT32, 33, 4, 0, 2).permute(3, 2, 1, 0);
    assertThat(empty.sum(0, 3)).isEqualTo(Tensor.zeros(DType.FLOAT32, 0, 4));
  }
}
