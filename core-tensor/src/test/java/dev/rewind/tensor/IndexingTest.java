package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IndexingTest {
  private final Tensor x = Tensor.arange(12).to(DType.FLOAT32).reshape(3, 4);
  private final Tensor ids = Tensor.of(new int[] {2, 0, 2, 1, 1, 0}, 2, 3);

  @Test
  void gatherTakesWholeSlicesOfAnyAxisAndDType() {
    for (DType dtype : DType.values()) {
      Tensor table = x.to(dtype);
      for (Tensor source : List.of(table, table.transpose().copy().transpose())) { // rows apart, too
        Tensor rows = source.gather(ids, 0);
        Tensor columns = source.gather(ids, 1);
        assertThat(rows.shape()).isEqualTo(Shape.of(2, 3, 4));
        assertThat(columns.shape()).isEqualTo(Shape.of(3, 2, 3));
        for (int p = 0; p < 6; p++) {
          int id = (int) ids.at(p / 3, p % 3);
          assertThat(rows.select(0, p / 3).select(0, p % 3)).isEqualTo(table.select(0, id));
          assertThat(columns.select(1, p / 3).select(1, p % 3)).isEqualTo(table.select(1, id));
        }
      }
    }
  }

  @Test
  void badIndicesAreNamedWithPositionAndBound() {
    assertThatThrownBy(() -> x.gather(Tensor.of(new int[] {0, 1, 3, 0}, 2, 2), 0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("gather: index 3 at position [1, 0] is outside axis 0 of [3, 4]");
    assertThatThrownBy(() -> x.takeAlong(Tensor.of(new int[] {-1, 0, 0}, 3, 1), 1))
        .isInstanceOf(IndexOutOfBoundsException.class).hasMessageContaining("index -1 at position [0, 0]");
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> x.gather(x, 0))
        .withMessage("gather: wants INT32 indices, not FLOAT32");
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> x.takeAlong(ids, 1))
        .withMessageContaining("indices of shape [2, 3] for [3, 4]");
  }

  @Test
  void scatterAddIsTheReverseOfGatherAndAddsDuplicatesUp() {
    Tensor updates = Tensor.arange(24).to(DType.FLOAT32).reshape(2, 3, 4);
    Tensor sum = Tensor.zeros(DType.FLOAT32, 3, 4).scatterAdd(ids, updates, 0);
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 4; column++) {
        double expected = 0;
        for (int p = 0; p < 6; p++) {
          expected += ids.at(p / 3, p % 3) == row ? updates.at(p / 3, p % 3, column) : 0;
        }
        assertThat(sum.at(row, column)).isEqualTo(expected);
      }
    }
    assertThat(Tensor.zeros(DType.FLOAT32, 4, 3).transpose().scatterAdd(ids, updates, 0)).isEqualTo(sum);
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> x.scatterAdd(ids, x, 0))
        .withMessage("scatterAdd: updates of shape [3, 4], wanted [2, 3, 4]");
  }

  @Test
  void takeAlongAndItsReverseFollowTheAxis() {
    Tensor along = Tensor.of(new int[] {3, 0, 1, 1, 2, 2}, 3, 2);
    Tensor taken = x.takeAlong(along, 1);
    assertThat(taken.toFloats()).containsExactly(3, 0, 5, 5, 10, 10);
    assertThat(x.transpose().takeAlong(along.transpose(), 0)).isEqualTo(taken.transpose().copy());
    Tensor back = Tensor.zeros(DType.FLOAT32, 3, 4).scatterAddAlong(along, taken, 1);
    assertThat(back.toFloats()).containsExactly(0, 0, 0, 3, 0, 10, 0, 0, 0, 0, 20, 0);
  }

  @Test
  void masksSelectInRowMajorOrder() {
    Tensor mask = x.transpose().greater(6).transpose();
    assertThat(x.maskedSelect(mask).toFloats()).containsExactly(7, 8, 9, 10, 11);
    assertThat(x.maskedSelect(x.less(0)).elements()).isZero();
    assertThat(Tensor.where(mask, x, Tensor.scalar(-1f)).toFloats()).startsWith(-1, -1).endsWith(10, 11);
  }

  @Test
  void topKAgreesWithSortingAndPutsNaNFirst() {
    Random random = new Random(3);
    for (int n : new int[] {1, 2, 17, 300}) {
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = random.nextInt(20) - 10;
      }
      float[] sorted = values.clone();
      Arrays.sort(sorted);
      for (int k : new int[] {0, 1, n / 2, n}) {
        Tensor.TopK top = Tensor.of(values, n).topK(k);
        for (int i = 0; i < k; i++) {
          assertThat(top.values().at(i)).isEqualTo(sorted[n - 1 - i]);
          assertThat(values[(int) top.indices().at(i)]).isEqualTo(sorted[n - 1 - i]);
          if (i > 0 && top.values().at(i) == top.values().at(i - 1)) {
            assertThat(top.indices().at(i)).isGreaterThan(top.indices().at(i - 1));
          }
        }
      }
    }
    Tensor.TopK top = Tensor.of(new float[] {1, Float.NaN, Float.POSITIVE_INFINITY}, 3).topK(2);
    assertThat(top.indices().toInts()).containsExactly(1, 2);
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> x.topK(5))
        .withMessageContaining("topK: 5 elements");
  }

  @Test
  void concatStackAndPadPutTogether() {
    Tensor row = Tensor.of(new float[] {7, 8, 9, 10}, 1, 4);
    assertThat(Tensor.concat(0, List.of(x, row)).select(0, 3).toFloats()).containsExactly(7, 8, 9, 10);
    assertThat(Tensor.concat(-1, x.split(1, 4))).isEqualTo(x);
    assertThat(Tensor.stack(1, List.of(x, x)).shape()).isEqualTo(Shape.of(3, 2, 4));
    Tensor padded = x.pad(1, 1, 2, 5);
    assertThat(padded.select(0, 0).toFloats()).containsExactly(5, 0, 1, 2, 3, 5, 5);
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Tensor.concat(0, List.of(x, x.transpose())))
        .withMessage("concat: tensor 1 of shape [4, 3] does not fit the first, [3, 4], along axis 0");
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Tensor.concat(0, List.of()));
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> Tensor.concat(0, List.of(x, ids)));
  }

  private static Tensor random(Random random, DType dtype, int... sizes) {
    int[] values = random.ints(Shape.of(sizes).elements(), -3, 4).toArray();
    return Tensor.of(values, sizes).to(dtype);
  }

  private static Tensor indices(Random random, int bound, int... sizes) {
    return Tensor.of(random.ints(Shape.of(sizes).elements(), 0, bound).toArray(), sizes);
  }

  /// The same elements, lying in another order.
  private static Tensor scattered(Tensor x) {
    return x.transpose(0, -1).flip(-1).copy().flip(-1).transpose(0, -1);
  }

  /// Every second column of a wider array, backwards.
  private static Tensor gapped(Tensor x) {
    Tensor wide = Tensor.zeros(x.dtype(), Shape.of(x.size(0), x.size(1), 2 * x.size(2)));
    Tensor view = wide.slice(2, 0, 2 * x.size(2), 2).flip(1).flip(2);
    return view.assign(x);
  }

  @Test
  void lookupsOfStridedTensorsEqualTheirDefinitions() {
    Random random = new Random(11);
    for (DType dtype : DType.values()) {
      Tensor dense = random(random, dtype, 3, 4, 5);
      Tensor expanded = dense.select(2, 0).unsqueeze(2).expand(3, 4, 5);
      for (Tensor source : List.of(dense, scattered(dense), gapped(dense), expanded)) {
        for (int axis = 0; axis < 3; axis++) {
          Tensor places = indices(random, source.size(axis), 2, 3).transpose();
          checkGather(source, places, axis);
          int[] sizes = source.shape().sizes();
          sizes[axis] = 6;
          checkTakeAlong(source, indices(random, source.size(axis), sizes).flip(0), axis);
        }
        Tensor mask = random(random, DType.INT32, 5, 4, 3).greater(0).transpose(0, 2);
        assertThat(source.maskedSelect(mask)).isEqualTo(source.copy().maskedSelect(mask.copy()));
      }
    }
  }

  private static void checkGather(Tensor source, Tensor places, int axis) {
    Tensor found = source.gather(places, axis);
    assertThat(source.gather(places, axis - 3)).isEqualTo(found);
    assertThat(found.sharesStorage(source)).isFalse();
    for (int i = 0; i < places.size(0); i++) {
      for (int j = 0; j < places.size(1); j++) {
        assertThat(found.select(axis, i).select(axis, j)).isEqualTo(source.select(axis, (int) places.at(i, j)));
      }
    }
  }

  private static void checkTakeAlong(Tensor source, Tensor places, int axis) {
    Tensor found = source.takeAlong(places, axis - 3);
    assertThat(found.shape()).isEqualTo(places.shape());
    for (int i = 0; i < places.size(0); i++) {
      for (int j = 0; j < places.size(1); j++) {
        for (int k = 0; k < places.size(2); k++) {
          int[] from = {i, j, k};
          from[axis] = (int) places.at(i, j, k);
          assertThat(found.at(i, j, k)).isEqualTo(source.at(from));
        }
      }
    }
  }

  @Test
  void sumsIntoStridedTensorsEqualTheirDefinitions() {
    Random random = new Random(12);
    for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.INT32}) {
      for (int axis = 0; axis < 3; axis++) {
        Tensor dense = random(random, dtype, 3, 4, 5);
        Tensor places = indices(random, dense.size(axis), 7);
        int[] sizes = dense.shape().sizes();
        sizes[axis] = 7;
        Tensor updates = random(random, dtype, sizes);
        Tensor expected = dense.copy();
        for (int p = 0; p < 7; p++) {
          expected.select(axis, (int) places.at(p)).plusInPlace(updates.select(axis, p));
        }
        assertThat(dense.scatterAdd(places, updates, axis)).isEqualTo(expected);
        assertThat(gapped(dense).scatterAddInPlace(places, gapped(updates), axis)).isEqualTo(expected);
        Tensor along = places.reshape(axis == 0 ? 7 : 1, axis == 1 ? 7 : 1, axis == 2 ? 7 : 1).expand(Shape.of(sizes));
        assertThat(dense.scatterAddAlong(along, updates, axis)).isEqualTo(expected);
        assertThat(gapped(dense).scatterAddAlongInPlace(along, updates, axis)).isEqualTo(expected);
      }
    }
  }

  @Test
  void repeatedIndicesAddUpInOrderOfPosition() {
    Tensor updates = Tensor.of(new float[] {1e8f, 1, -1e8f, 1}, 4, 1).expand(4, 3);
    Tensor same = Tensor.zeros(DType.INT32, 4);
    float inOrder = 0f + 1e8f + 1f - 1e8f + 1f;
    assertThat(inOrder).isNotEqualTo(2f);
    assertThat(Tensor.zeros(DType.FLOAT32, 1, 3).scatterAdd(same, updates, 0).toFloats()).containsOnly(inOrder);
    assertThat(Tensor.zeros(DType.FLOAT32, 3, 1).scatterAdd(same, updates.transpose(), 1).toFloats())
        .containsOnly(inOrder);
  }

  @Test
  void updatesMayBeElementsOfTheTarget() {
    Tensor floats = Tensor.of(new float[] {1, 2, 3, 4});
    floats.scatterAddInPlace(Tensor.of(new int[] {1, 2, 3}), floats.slice(0, 0, 3), 0);
    assertThat(floats.toFloats()).containsExactly(1, 3, 5, 7);
    Tensor ints = Tensor.of(new int[] {2, 1, 0});
    assertThat(ints.scatterAddInPlace(ints, ints, 0).toInts()).containsExactly(2, 2, 2);
    Tensor along = Tensor.of(new float[] {1, 2, 3});
    along.scatterAddAlongInPlace(Tensor.of(new int[] {2, 2, 0}), along.flip(0), 0);
    assertThat(along.toFloats()).containsExactly(2, 2, 8);
  }

  @Test
  void refusedSumsChangeNothing() {
    Tensor target = Tensor.zeros(DType.FLOAT32, 3);
    Tensor ones = Tensor.ones(DType.FLOAT32, 2);
    int version = target.version();
    assertThatThrownBy(() -> target.scatterAddInPlace(Tensor.of(new int[] {0, 3}), ones, 0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("scatterAddInPlace: index 3 at position [1] is outside axis 0 of [3]");
    assertThatThrownBy(() -> target.scatterAddAlongInPlace(Tensor.of(new int[] {0, -1}), ones, 0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("scatterAddAlongInPlace: index -1 at position [1] is outside axis 0 of [3]");
    assertThat(target).isEqualTo(Tensor.zeros(DType.FLOAT32, 3));
    assertThat(target.version()).isEqualTo(version);
    assertThatThrownBy(() -> target.expand(2, 3).scatterAddInPlace(Tensor.of(new int[] {0}), x, 0))
        .isInstanceOf(IllegalStateException.class);
    Tensor bools = Tensor.zeros(DType.BOOL, 0);
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> bools.scatterAdd(Tensor.arange(0), bools, 0))
        .withMessage("scatterAdd: not defined for BOOL");
  }

  @Test
  void lookupsOfNothing() {
    Tensor none = Tensor.arange(0);
    assertThat(x.gather(none, 1).shape()).isEqualTo(Shape.of(3, 0));
    assertThat(x.gather(Tensor.scalar(2), 0)).isEqualTo(x.select(0, 2));
    assertThat(Tensor.zeros(DType.FLOAT32, 0, 3).gather(none, 0).shape()).isEqualTo(Shape.of(0, 3));
    assertThat(Tensor.zeros(DType.BOOL, 3, 0).gather(ids, 0).shape()).isEqualTo(Shape.of(2, 3, 0));
    assertThat(x.scatterAdd(none, Tensor.zeros(DType.FLOAT32, 0, 4), 0)).isEqualTo(x);
    assertThat(Tensor.zeros(DType.FLOAT32, 0, 5).takeAlong(Tensor.zeros(DType.INT32, 0, 2), 1).shape())
        .isEqualTo(Shape.of(0, 2));
    assertThat(x.transpose().slice(0, 2, 2).maskedSelect(Tensor.zeros(DType.BOOL, 0, 3)).elements()).isZero();
    assertThat(Tensor.zeros(DType.FLOAT32, 0, 3).topK(2).indices().shape()).isEqualTo(Shape.of(0, 2));
    assertThatThrownBy(() -> Tensor.zeros(DType.FLOAT32, 0, 3).gather(Tensor.scalar(0), 0))
        .hasMessage("gather: index 0 at position [] is outside axis 0 of [0, 3]");
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Tensor.scalar(1f).topK(1))
        .withMessage("topK: no axis -1 in []");
  }

  @Test
  void largeLookupsAreTheSameOnAnyNumberOfThreads() {
    Random random = new Random(13);
    Tensor table = Tensor.of(random.doubles(300 * 301).toArray(), 300, 301);
    Tensor places = indices(random, 300, 299);
    Tensor along = indices(random, 301, 300, 299);
    int before = Threads.count();
    try {
      for (int threads = 1; threads <= 3; threads++) {
        Threads.resize(threads);
        for (Tensor source : List.of(table, table.transpose().copy().transpose())) {
          Tensor rows = source.gather(places, 0);
          Tensor columns = source.gather(places, 1);
          Tensor taken = source.takeAlong(along, 1);
          Tensor.TopK top = source.topK(3);
          for (int p = 0; p < 299; p++) {
            assertThat(rows.select(0, p)).isEqualTo(table.select(0, (int) places.at(p)));
            assertThat(columns.select(1, p)).isEqualTo(table.select(1, (int) places.at(p)));
            assertThat(taken.at(p, 298 - p)).isEqualTo(table.at(p, (int) along.at(p, 298 - p)));
          }
          assertThat(top.values().select(1, 0)).isEqualTo(table.max(1));
          assertThat(source.maskedSelect(source.greater(-1))).isEqualTo(table.reshape(-1));
        }
      }
    } finally {
      Threads.resize(before);
    }
  }

  @Test
  void topKOrdersLongRowsOfAnyNumericDType() {
    Random random = new Random(14);
    double[] special = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0};
    for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64, DType.INT32}) {
      for (int n : new int[] {511, 512, 513, 1_500}) {
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
          values[i] = random.nextInt(8) == 0 ? special[random.nextInt(5)] : random.nextInt(200) - 100;
        }
        Tensor row = Tensor.of(values, n).to(dtype);
        Integer[] order = new Integer[n];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(row.at(b) + 0.0, row.at(a) + 0.0)); // stable
        for (int k : new int[] {1, 40, 511, n}) {
          Tensor.TopK top = Tensor.stack(1, List.of(row, row.flip(0))).transpose().topK(k);
          for (int i = 0; i < k; i++) {
            assertThat(top.indices().at(0, i)).isEqualTo((double) order[i]);
            assertThat(top.values().at(0, i)).isEqualTo(Double.valueOf(row.at(order[i]))); // NaN, too
            assertThat(top.values().at(1, i) + 0.0).isEqualTo(Double.valueOf(row.at(order[i]) + 0.0));
          }
        }
      }
    }
    assertThat(Tensor.of(new int[] {0, Integer.MIN_VALUE, Integer.MAX_VALUE, -1}).topK(4).indices().toInts())
        .containsExactly(2, 0, 3, 1);
    assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> x.topK(-1))
        .withMessage("topK: -1 elements of the last axis of [3, 4]");
    assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> x.less(1).topK(1))
        .withMessage("topK: not defined for BOOL");
  }
}
