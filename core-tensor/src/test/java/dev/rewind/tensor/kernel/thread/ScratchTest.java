package dev.rewind.tensor.kernel.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScratchTest {
  @Test
  void whatWasGivenBackIsLentAgainToOneBorrower() {
    Scratch scratch = new Scratch();
    float[] first = scratch.borrow(5000);
    assertThat(first.length).isGreaterThanOrEqualTo(5000);
    scratch.giveBack(first);
    assertThat(scratch.borrow(100)).isSameAs(first);
    assertThat(scratch.borrow(100)).isNotSameAs(first);
  }

  @Test
  void anArrayThatIsTooShortStaysThere() {
    Scratch scratch = new Scratch();
    float[] small = scratch.borrow(10);
    scratch.giveBack(small);
    assertThat(scratch.borrow(11)).hasSizeGreaterThanOrEqualTo(11).isNotSameAs(small);
    assertThat(scratch.borrow(10)).isSameAs(small);
  }

  @Test
  void fewAreKeptAndTheLongestOfThem() {
    Scratch scratch = new Scratch();
    List<float[]> all = new ArrayList<>();
    for (int length = 1; length <= 50; length++) {
      all.add(new float[length]);
    }
    all.forEach(scratch::giveBack);
    int kept = 0;
    for (float[] array = scratch.borrow(1); all.contains(array); array = scratch.borrow(1)) {
      assertThat(array.length).isGreaterThan(40);
      kept++;
    }
    assertThat(kept).isBetween(1, 10);
  }

  @Test
  void veryLongArraysAreLeftToTheCollector() {
    Scratch scratch = new Scratch();
    float[] huge = scratch.borrow(Scratch.LONGEST + 1);
    assertThat(huge).hasSize(Scratch.LONGEST + 1);
    scratch.giveBack(huge);
    assertThat(scratch.borrow(1)).isNotSameAs(huge);
  }
}
