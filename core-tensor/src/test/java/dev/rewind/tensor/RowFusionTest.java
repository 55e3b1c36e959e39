package dev.rewind.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowFusionTest {
  private static final int ROWS = 35;

  private final int threads = Threads.count();

  @BeforeEach
  void shareOut() {
    Threads.resize(3);
  }

  @AfterEach
  void resize() {
    Threads.resize(threads);
  }

  /// A few tensors, views of one another among them, and what a sequence of random operations does to them.
  private static final class World {
    final List<Tensor> tensors = new ArrayList<>();
    final List<PackedMatrix> weights = new ArrayList<>();
    final int columns;

    World(int columns) {
      this.columns = columns;
      Rng rng = Rng.of(3);
      Tensor tall = Tensor.normal(rng, DType.FLOAT32, 0, 0.5, 3 * ROWS, columns);
      Tensor wide = Tensor.normal(rng, DType.FLOAT32, 0, 0.5, ROWS, 3 * columns);
      for (int i = 0; i < 3; i++) {
        tensors.add(tall.slice(0, i * ROWS, (i + 1) * ROWS));
        tensors.add(wide.slice(1, i * columns, (i + 1) * columns));
        weights.add(PackedMatrix.of(Tensor.normal(rng, DType.FLOAT32, 0, 0.1, columns, columns)));
      }
      tensors.add(tall.slice(0, 7, ROWS + 7)); // across the rows of the others
      tensors.add(wide.slice(1, 2, columns + 2));
      tensors.add(Tensor.normal(rng, DType.FLOAT32, 0, 0.5, ROWS, 2, columns).select(1, 1));
      tensors.add(Tensor.normal(rng, DType.FLOAT32, 0, 0.5, columns, ROWS).transpose());
      tensors.add(Tensor.normal(rng, DType.FLOAT32, 0, 0.5, columns).expand(ROWS, columns));
      tensors.add(Tensor.normal(rng, DType.FLOAT32, 0, 0.5, ROWS, 1).expand(ROWS, columns));
      tensors.add(Tensor.wrap(Tensor.normal(rng, DType.FLOAT32, 0, 0.5, ROWS, columns).toFloats(), ROWS, columns));
    }

    void step(Random random) {
      int places = tensors.size();
      Tensor a = tensors.get(random.nextInt(places));
      Tensor b = tensors.get(random.nextInt(places));
      int at = random.nextInt(places);
      PackedMatrix weight = weights.get(random.nextInt(weights.size()));
      switch (random.nextInt(16)) {
        case 0 -> tensors.set(at, a.tanh());
        case 1 -> tensors.set(at, a.sigmoid().minus(0.5));
        case 2 -> tensors.set(at, a.times(b));
        case 3 -> tensors.set(at, a.plus(b).times(0.5));
        case 4 -> tensors.set(at, RawAccess.tanhBackward(a, b));
        case 5 -> tensors.set(at, a.matmul(weight).tanh());
        case 6 -> tensors.set(at, a.unsqueeze(1).plus(b.unsqueeze(1)).squeeze(1).tanh());
        case 7 -> tensors.set(at, Tensor.stack(1, List.of(a, b)).select(1, random.nextInt(2)));
        case 8 -> writable(at).assign(a.times(0.5));
        case 9 -> writable(at).timesInPlace(b.tanh());
        case 10 -> writable(at).fill(0.25);
        case 11 -> sum(at, a, b).addTimes(a, b);
        case 12 -> sum(at, a, b).addSigmoidBackward(a, b);
        case 13 -> Accumulator.into(writable(at)).addMatmul(a.copy(), weight);
        case 14 -> {
          if (random.nextInt(4) == 0) {
            weight.pack(tensors.get(at).copy().reshape(-1).slice(0, 0, columns * ROWS).reshape(ROWS, columns)
                .transpose().matmul(b).times(0.01));
          }
        }
        default -> {
          if (random.nextInt(4) == 0) {
            tensors.set(at, a.softmax(1));
          }
        }
      }
    }

    private Tensor writable(int at) {
      if (tensors.get(at).layout().overlaps()) {
        tensors.set(at, tensors.get(at).copy());
      }
      return tensors.get(at);
    }

    private Accumulator sum(int at, Tensor a, Tensor b) {
      Accumulator sum = Accumulator.into(Tensor.zeros(DType.FLOAT32, ROWS, 2 * columns).slice(1, 1, columns + 1));
      sum.add(a);
      sum.add(b);
      tensors.set(at, sum.total());
      return sum;
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 64", "2, 64", "3, 64", "4, 50", "5, 50", "6, 50", "7, 1", "8, 130", "9, 130", "10, 17"})
  void operationsThatWaitGiveTheSameBits(int seed, int columns) {
    requireSameBits(seed, columns);
  }

  @ParameterizedTest
  @CsvSource({"1, 64", "2, 64", "4, 50", "7, 1", "8, 130", "10, 17"})
  void soDoTheyInMemoryThatIsUsedAgain(int seed, int columns) {
    RawAccess.ResultMemory memory = new RawAccess.ResultMemory();
    for (int round = 0; round < 3; round++) {
      int of = seed + round;
      memory.lendTo(() -> requireSameBits(of, columns));
      assertThat(memory.toString()).doesNotContain(" 0 lent");
      memory.takeBack();
      assertThat(memory.toString()).contains(" 0 lent").doesNotContain(" 0 idle");
    }
    memory.takeBack();
    assertThat(memory.toString()).contains(" 0 lent, 0 idle");
  }

  private static boolean requireSameBits(int seed, int columns) {
    World plain = new World(columns);
    World waiting = new World(columns);
    Random random = new Random(seed);
    Random same = new Random(seed);
    try (RowFusion program = new RowFusion(ROWS)) {
      waiting.tensors.stream().limit(6).forEach(program::adopt);
      for (int i = 0; i < 600; i++) {
        plain.step(random);
        waiting.step(same);
        if (i % 97 == 0) {
          assertThat(waiting.tensors.get(i % 7)).isEqualTo(plain.tensors.get(i % 7));
        }
      }
    }
    assertThat(waiting.tensors).isEqualTo(plain.tensors);
    return true;
  }

  @Test
  void operationsOnWhatWasAdoptedAndOnWhatCameOfItWait() {
    Tensor x = Tensor.ones(DType.FLOAT32, ROWS, 4);
    PackedMatrix weight = PackedMatrix.of(Tensor.eye(DType.FLOAT32, 4));
    try (RowFusion program = new RowFusion(ROWS)) {
      x.plus(x);
      assertThat(program.waiting()).isZero();
      program.adopt(x);
      x.slice(1, 0, 4).matmul(weight).plus(x).tanh().times(3);
      x.transpose().plus(1); // other rows
      assertThat(program.waiting()).isZero();
      Tensor y = x.slice(1, 0, 4).matmul(weight).plus(x).times(3);
      assertThat(program.waiting()).isEqualTo(3);
      assertThat(y.at(ROWS - 1, 3)).isEqualTo(6);
      assertThat(program.waiting()).isZero();
      y.plus(1);
      assertThat(program.waiting()).isEqualTo(1);
    }
    RowFusion closed = new RowFusion(ROWS);
    closed.adopt(x);
    closed.close();
    x.plus(1);
    assertThat(closed.waiting()).isZero();
  }

  @Test
  void arraysKnownOutsideAreReadAtOnce() {
    float[] known = new float[ROWS * 2];
    Tensor x = Tensor.ones(DType.FLOAT32, ROWS, 2);
    Tensor row = Tensor.wrap(new float[] {1, 2});
    try (RowFusion program = new RowFusion(ROWS)) {
      program.adopt(x);
      Tensor sum = x.plus(Tensor.wrap(known, ROWS, 2));
      Tensor rows = x.plus(row);
      Tensor y = x.plus(1);
      known[0] = 5;
      RawAccess.floats(row)[0] = 7;
      RawAccess.floats(y)[0] = 9; // from now on
      Tensor after = y.plus(0);
      RawAccess.floats(y)[1] = 11;
      assertThat(sum.at(0, 0)).isEqualTo(1);
      assertThat(rows.at(0, 0)).isEqualTo(2);
      assertThat(after.at(0, 0)).isEqualTo(9);
      assertThat(after.at(0, 1)).isEqualTo(2);
    }
  }

  @Test
  void whatAnOperationWaitsToReadIsChangedAfterIt() {
    Tensor x = Tensor.ones(DType.FLOAT32, ROWS, 2);
    Tensor other = Tensor.ones(DType.FLOAT32, ROWS, 2);
    try (RowFusion program = new RowFusion(ROWS)) {
      program.adopt(x);
      Tensor sum = x.plus(other);
      other.slice(1, 0, 1).fill(3);
      other.transpose().timesInPlace(2);
      assertThat(sum).isEqualTo(Tensor.full(DType.FLOAT32, 2, ROWS, 2));
      assertThat(other.at(0, 0)).isEqualTo(6);
    }
  }

  /// Every way to look at the elements of a tensor, as it lies and through views.
  @Test
  void everyLookSeesWhatWasComputed() {
    Tensor plain = Tensor.normal(Rng.of(8), DType.FLOAT32, 0, 1, ROWS, 6).plus(1).times(2);
    Tensor ids = Tensor.of(new int[] {3, 0, 3});
    Map<String, Function<Tensor, Object>> looks = new TreeMap<>(
        Map.of("equals", plain.copy()::equals, "hashCode", Tensor::hashCode,
            "toString", Tensor::toString, "at", x -> x.at(3, 2), "toFloats", x -> Arrays.toString(x.toFloats()),
            "toDoubles", x -> Arrays.toString(x.toDoubles()), "RawAccess.floats",
            x -> RawAccess.floats(x)[RawAccess.offset(x)],
            "allClose", x -> plain.allClose(x, 0, 0), "sumOfSquares", Tensor::sumOfSquares, "gather",
            x -> x.gather(ids, 0)));
    looks.putAll(
        Map.of("gather columns", x -> x.gather(ids, 1), "takeAlong", x -> x.takeAlong(ids.unsqueeze(1).expand(3, 6), 0),
            "maskedSelect", x -> x.maskedSelect(plain.greater(1)), "topK", x -> x.topK(2).values(), "sum", Tensor::sum,
            "max", x -> x.max(0), "argmin", x -> x.argmin(1), "cumsum", x -> x.cumsum(0), "softmax", x -> x.softmax(0),
            "where", x -> Tensor.where(plain.greater(1), x, plain)));
    looks.putAll(
        Map.of("less", x -> x.less(1), "to", x -> x.to(DType.FLOAT64), "matmul", x -> x.matmul(plain.transpose()),
            "matmul on the right", x -> plain.transpose().matmul(x), "concat", x -> Tensor.concat(0, List.of(x, plain)),
            "pad", x -> x.pad(0, 1, 1, 5), "scatterAdd", x -> plain.scatterAdd(ids, x.slice(0, 0, 3), 0),
            "scatterAddInPlace", x -> x.scatterAddInPlace(ids, plain.slice(0, 0, 3), 0), "pow", x -> x.pow(2),
            "assign", x -> plain.copy().assign(x)));
    looks.putAll(Map.of("transpose", x -> plain.copy().transpose().equals(x.transpose()),
        "hashCode of columns", x -> x.slice(1, 2, 5).hashCode(), "equals of flipped",
        x -> plain.flip(0).copy().equals(x.flip(0)),
        "gather of columns", x -> x.slice(1, 1, 5).gather(ids, 0), "PackedMatrix",
        x -> plain.transpose().matmul(PackedMatrix.of(x)),
        "unfold", x -> x.unfold(0, 3, 2).copy(), "reshape", x -> x.transpose().reshape(-1), "logSumExp",
        Tensor::logSumExp));
    Tensor start = Tensor.normal(Rng.of(8), DType.FLOAT32, 0, 1, ROWS, 6);
    looks.forEach((name, look) -> {
      try (RowFusion program = new RowFusion(ROWS)) {
        Tensor first = start.copy();
        program.adopt(first);
        Tensor waiting = first.plus(1).times(2);
        assertThat(program.waiting()).as(name).isEqualTo(2);
        Object seen = look.apply(waiting);
        assertThat(seen instanceof Tensor x ? x.copy().toString() : seen).as(name)
            .isEqualTo(look.apply(plain.copy()) instanceof Tensor x ? x.toString() : look.apply(plain.copy()));
      }
    });
  }

  @Test
  void operationsOfOtherThreadsDoNotWait() throws InterruptedException {
    Tensor x = Tensor.ones(DType.FLOAT32, ROWS, 2);
    try (RowFusion program = new RowFusion(ROWS)) {
      program.adopt(x);
      Tensor y = x.plus(1);
      Tensor[] seen = new Tensor[1];
      Thread other = new Thread(() -> seen[0] = y.plus(1));
      other.start();
      other.join();
      assertThat(program.waiting()).isZero();
      assertThat(seen[0]).isEqualTo(Tensor.full(DType.FLOAT32, 3, ROWS, 2));
    }
  }

  @Test
  void itPaysWhereEachThreadHasRows() {
    assertThat(RowFusion.pays(24)).isTrue();
    assertThat(RowFusion.pays(23)).isFalse();
  }
}
