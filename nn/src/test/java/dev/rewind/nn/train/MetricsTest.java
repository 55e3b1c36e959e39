package dev.rewind.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.rewind.autograd.Tape;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricsTest {
  private static final Offset<Double> EXACT = within(1e-12);

  @Test
  void aMeanIsOverAllThatWasAdded() {
    Tensor right = Tensor.of(new boolean[][] {{true, false, true}, {true, true, true}});
    Tensor mask = Tensor.of(new boolean[][] {{true, true, false}, {true, false, false}});
    Mean accuracy = new Mean().add(right).add(right, mask);
    assertThat(accuracy.value()).isCloseTo((5.0 + 2) / (6 + 3), EXACT);
    assertThat(new Mean().add(2, 3).add(6, 1).value()).isEqualTo(3);
    assertThat(new Mean().add(Tensor.of(new float[] {1, 2, 6}, 3)).add(Double.NaN, 0)).hasToString("Mean[3.0 of 3.0]");
    assertThat(new Mean().value()).isNaN();
    assertThat(new Mean().add(right, Tensor.zeros(DType.BOOL, 2, 3)).value()).isNaN();
    assertThatIllegalArgumentException().isThrownBy(() -> new Mean().add(1, -1))
        .withMessage("mean: the weight must be a finite number of at least 0, not -1.0");
  }

  @Test
  void aMeanOverBatchesHasATapeForEach() {
    List<Tape> tapes = new ArrayList<>();
    assertThat(Mean.over(List.of(2, 6), (tape, batch) -> {
      tapes.add(tape);
      return tape.constant(Tensor.arange(batch)).value(); // 0 1, then 0 to 5
    })).isCloseTo((1 + 15) / 8.0, EXACT);
    assertThat(tapes).doesNotHaveDuplicates().hasSize(2).noneMatch(Tape::isInference); // closed
    assertThat(Mean.over(List.<Integer>of(), (_, batch) -> Tensor.scalar(batch))).isNaN();
  }

  @Test
  void confusionCountsClasses() {
    Confusion confusion = new Confusion(4)
        .add(Tensor.of(new int[] {0, 0, 1, 1, 2}, 5), Tensor.of(new int[] {0, 1, 1, 1, 0}, 5))
        .add(Tensor.of(new int[][] {{1, 3}}), Tensor.of(new int[][] {{0, -1}}),
            Tensor.of(new boolean[][] {{true, false}}));
    assertThat(confusion.count(0, 2)).isEqualTo(1);
    assertThat(confusion.accuracy()).isCloseTo(3 / 6.0, EXACT);
    assertThat(confusion.precision(0)).isCloseTo(1 / 2.0, EXACT);
    assertThat(confusion.recall(0)).isCloseTo(1 / 3.0, EXACT);
    assertThat(confusion.f1(0)).isCloseTo(2 / 5.0, EXACT);
    assertThat(confusion.f1(1)).isCloseTo(2 / 3.0, EXACT);
    assertThat(confusion.f1(2)).isZero(); // predicted, never right
    assertThat(confusion.f1(3)).isZero(); // not there at all, and not counted
    assertThat(confusion.macroF1()).isCloseTo((2 / 5.0 + 2 / 3.0) / 3, EXACT);
    assertThat(confusion).hasToString("[1, 1, 1, 0]\n[1, 2, 0, 0]\n[0, 0, 0, 0]\n[0, 0, 0, 0]");
  }

  @Test
  void confusionOfNothing() {
    assertThat(new Confusion(2).accuracy()).isNaN();
    assertThat(new Confusion(2).macroF1()).isNaN();
    assertThat(new Confusion(2).add(Tensor.zeros(DType.INT32, 0), Tensor.zeros(DType.INT32, 0)).f1(1)).isZero();
  }

  @Test
  void confusionSaysWhatIsNotAClass() {
    Confusion three = new Confusion(3);
    List<IntToDoubleFunction> asked = List.of(three::precision, three::recall, three::f1,
        label -> three.count(label, 0), label -> three.count(0, label));
    for (int label : new int[] {-1, 3, 7}) {
      assertThat(asked).allSatisfy(ask -> assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> ask.applyAsDouble(label))
          .withMessage("confusion: " + label + " is not a class; the classes are 0 to 2"));
    }
  }

  @Test
  void confusionRefusesWhatIsNoClass() {
    Tensor two = Tensor.of(new int[] {0, 2}, 2);
    assertThatIllegalArgumentException().isThrownBy(() -> new Confusion(2).add(two, two)).withMessage(
        "confusion: element 1 is predicted 2 and is 2, but the classes are 0 to 1; a mask leaves padding out");
    assertThatIllegalArgumentException().isThrownBy(() -> new Confusion(3).add(two, two.minus(1)));
    assertThatThrownBy(() -> new Confusion(3).add(two, Tensor.scalar(1))).isInstanceOf(ShapeException.class)
        .hasMessage("confusion: wants INT32 predictions and targets of one shape, not INT32 [2] and INT32 []");
    assertThatIllegalArgumentException().isThrownBy(() -> new Confusion(0));
  }

  @ParameterizedTest
  @CsvSource({"kitten, sitting, 3", "'', abc, 3", "abc, '', 3", "'', '', 0", "flaw, lawn, 2", "abc, abc, 0",
      "ab, ba, 2"})
  void editDistance(String a, String b, int distance) {
    int[] x = a.codePoints().toArray();
    int[] y = b.codePoints().toArray();
    assertThat(EditDistance.between(x, y)).isEqualTo(distance).isEqualTo(EditDistance.between(y, x));
  }

  @Test
  void theErrorRateIsOverAllSymbols() {
    EditDistance errors = new EditDistance();
    assertThat(errors.rate()).isZero();
    errors.add(new int[] {1, 2, 3}, new int[] {1, 3}).add(new int[0], new int[] {7, 8});
    assertThat(errors.rate()).isEqualTo(3 / 4.0);
    assertThat(errors).hasToString("EditDistance[3 edits, 4 symbols]");
    assertThat(new EditDistance().add(new int[] {1}, new int[0]).rate()).isInfinite();
  }
}
