package dev.rewind.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.tensor.Rng;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Gatherers;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
  private static Dataset<Integer> numbers(int size) {
    return Dataset.of(size, i -> i);
  }

  @Test
  void isTheListThatItWasMadeOf() {
    List<String> list = new ArrayList<>(List.of("a", "b"));
    Dataset<String> data = Dataset.of(list);
    list.set(0, "changed");
    assertThat(data).containsExactly("a", "b").hasToString("Dataset[2]");
    assertThatThrownBy(() -> data.get(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatIllegalArgumentException().isThrownBy(() -> numbers(-1)).withMessage("dataset: the size is negative: -1");
  }

  @Test
  void computesWhenAsked() {
    List<Integer> asked = new ArrayList<>();
    Dataset<Integer> data = Dataset.of(100, i -> {
      asked.add(i);
      return i;
    });
    Dataset<List<Integer>> batches = data.shuffled(Rng.of(1)).map(i -> 2 * i).batches(7);
    assertThat(asked).isEmpty();
    assertThat(batches.get(14)).hasSize(2);
    assertThat(asked).hasSize(2);
  }

  @Test
  void theSameSeedGivesTheSameOrder() {
    Dataset<Integer> data = numbers(50);
    assertThat(data.shuffled(Rng.of(1))).isEqualTo(data.shuffled(Rng.of(1))).isNotEqualTo(data.shuffled(Rng.of(2)))
        .isNotEqualTo(data).containsExactlyInAnyOrderElementsOf(data);
    Rng rng = Rng.of(1);
    assertThat(data.shuffled(rng)).isNotEqualTo(data.shuffled(rng));
  }

  @ParameterizedTest
  @CsvSource({"0,3,0,0", "1,3,1,1", "3,3,1,3", "4,3,2,1", "5,2147483647,1,5", "6,1,6,1"})
  void cutsIntoBatches(int size, int batch, int count, int last) {
    Dataset<List<Integer>> batches = numbers(size).batches(batch);
    assertThat(batches).hasSize(count);
    assertThat(batches.stream().flatMap(List::stream)).isEqualTo(numbers(size));
    if (count > 0) {
      assertThat(batches.getLast()).hasSize(last);
    }
  }

  @Test
  void aBatchHoldsAtLeastOne() {
    assertThatIllegalArgumentException().isThrownBy(() -> numbers(4).batches(0))
        .withMessage("batches: the size must be at least 1, not 0");
    assertThatIllegalArgumentException().isThrownBy(() -> numbers(4).batchesByLength(-2, i -> i, Rng.of(1)))
        .withMessage("batches: the size must be at least 1, not -2");
  }

  @Test
  void batchesByLengthHoldNeighbours() {
    int[] lengths = IntStream.generate(() -> 0).limit(103).toArray();
    Rng draws = Rng.of(3);
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = draws.nextInt(20);
    }
    Dataset<List<Integer>> batches = numbers(103).batchesByLength(8, i -> lengths[i], Rng.of(4));
    assertThat(batches).hasSize(13).isEqualTo(numbers(103).batchesByLength(8, i -> lengths[i], Rng.of(4)));
    assertThat(batches.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(numbers(103));
    List<int[]> ranges = batches.stream().map(batch -> new int[] {
        batch.stream().mapToInt(i -> lengths[i]).min().orElseThrow(),
        batch.stream().mapToInt(i -> lengths[i]).max().orElseThrow()}).toList();
    for (int[] a : ranges) { // no two overlap by more than an end
      assertThat(ranges).allMatch(b -> a == b || a[1] <= b[0] || b[1] <= a[0]);
    }
    assertThat(ranges.stream().mapToInt(range -> range[0]).toArray()).isNotEqualTo(
        ranges.stream().mapToInt(range -> range[0]).sorted().toArray()); // shuffled
    assertThat(numbers(0).batchesByLength(8, i -> i, Rng.of(1))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10, 1000})
  void shufflesAStream(int buffer) {
    List<Integer> shuffled = numbers(100).stream().gather(Dataset.shuffling(buffer, Rng.of(5))).toList();
    assertThat(shuffled).containsExactlyInAnyOrderElementsOf(numbers(100))
        .isEqualTo(numbers(100).stream().gather(Dataset.shuffling(buffer, Rng.of(5))).toList());
    assertThat(shuffled.equals(numbers(100))).isEqualTo(buffer == 1);
    for (int i = 0; i < 100; i++) { // nothing is taken from beyond the buffer
      assertThat(shuffled.get(i)).isLessThan(i + buffer);
    }
  }

  @Test
  void aStreamIsReadNoFurtherThanNeeded() {
    assertThat(Stream.iterate(0, i -> i + 1).gather(Dataset.shuffling(4, Rng.of(1))).gather(Gatherers.windowFixed(3))
        .limit(2)).hasSize(2).allMatch(batch -> batch.size() == 3);
    assertThat(Stream.of(1, 2, 3, 4, 5).gather(Dataset.shuffling(9, Rng.of(1))).limit(2)).hasSize(2);
    assertThat(Stream.empty().gather(Dataset.shuffling(9, Rng.of(1)))).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> Dataset.shuffling(0, Rng.of(1)))
        .withMessage("shuffling: the buffer must hold at least 1, not 0");
  }
}
