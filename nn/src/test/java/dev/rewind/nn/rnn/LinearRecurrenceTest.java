package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.nn.cells.MinLstmCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import dev.rewind.tensor.Threads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinearRecurrenceTest {
  private static Tensor normal(DType dtype, String what, int... sizes) {
    return Tensor.normal(Rng.of(1).split(what), dtype, 0, 1, sizes);
  }

  private static Tensor scanned(Tensor a, Tensor b, Tensor start) {
    try (Tape tape = Tape.inference()) {
      return LinearRecurrence.scan(tape.constant(a), tape.constant(b), tape.constant(start)).value();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 1, 3", "1, 5, 17", "7, 4, 33"})
  void equalsItsStepsToTheBit(int batch, int steps, int hidden) {
    for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
      Tensor a = normal(dtype, "a", steps, batch, hidden).transpose(0, 1); // views with gaps
      Tensor b = normal(dtype, "b", batch, steps, 2 * hidden).slice(2, 0, 2 * hidden, 2);
      Tensor h = normal(dtype, "h", batch, hidden);
      Tensor all = scanned(a, b, h);
      for (int t = 0; t < steps; t++) {
        h = a.select(1, t).times(h).plus(b.select(1, t));
        assertThat(all.select(1, t)).isEqualTo(h);
      }
    }
  }

  @Test
  void gradientsAgreeWithNumericalOnesToSecondOrder() {
    for (int steps : new int[] {1, 4}) {
      GradientCheck.ofMany(xs -> LinearRecurrence.scan(xs.get(0), xs.get(1), xs.get(2)))
          .at(normal(DType.FLOAT64, "a", 2, steps, 3), normal(DType.FLOAT64, "b", 2, steps, 3),
              normal(DType.FLOAT64, "h", 2, 3))
          .secondOrder().run().assertPasses();
    }
  }

  /// Products of what is kept leave the range of floats within a few of these steps, their logarithms do not exist.
  @Test
  void nothingIsLostWhereProductsVanish() {
    Tensor a = Tensor.full(DType.FLOAT32, 1e-30, 1, 100, 2);
    a.select(2, 1).fill(0);
    Tensor b = normal(DType.FLOAT32, "b", 1, 100, 2);
    Tensor last = scanned(a, b, Tensor.ones(DType.FLOAT32, 1, 2)).select(1, -1);
    assertThat(last).isEqualTo(b.select(1, -1));
  }

  @Test
  void bitsDependNeitherOnThreadsNorOnNeighboursInTheBatch() {
    Tensor a = normal(DType.FLOAT32, "a", 9, 6, 20);
    Tensor b = normal(DType.FLOAT32, "b", 9, 6, 20);
    Tensor start = normal(DType.FLOAT32, "h", 9, 20);
    int before = Threads.count();
    try {
      Threads.resize(1);
      Tensor one = scanned(a, b, start);
      Threads.resize(3);
      assertThat(scanned(a, b, start)).isEqualTo(one);
      assertThat(scanned(a.slice(0, 4, 5), b.slice(0, 4, 5), start.slice(0, 4, 5))).isEqualTo(one.slice(0, 4, 5));
    } finally {
      Threads.resize(before);
    }
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    Tensor three = Tensor.zeros(DType.FLOAT32, 2, 3, 4);
    assertThatIllegalArgumentException().isThrownBy(() -> scanned(three, three, Tensor.zeros(DType.FLOAT32, 2, 3)))
        .withMessage(
            "linear recurrence: wants a and b [batch, time >= 1, hidden] and a start [batch, hidden], not [2, 3, 4], "
                + "[2, 3, 4] and [2, 3]");
    assertThatIllegalArgumentException().isThrownBy(
        () -> scanned(three.slice(1, 0, 0), three.slice(1, 0, 0), Tensor.zeros(DType.FLOAT32, 2, 4)));
  }

  /// Both gates shut: their quotient is zero by zero, the shares are halves all the same.
  @Test
  void gatesThatAreShutHaveSharesToo() {
    MinLstmCell cell = new MinLstmCell(1, 1, Rng.of(1));
    cell.parameters().forEach(p -> p.value().fill(0));
    cell.namedParameters().get("bias").value().assign(Tensor.of(new float[] {-1000, -1000, 3}, 3));
    try (Tape tape = Tape.recording(TapeOptions.defaults())) {
      Variable x = tape.watch(Tensor.zeros(DType.FLOAT32, 1, 2, 1));
      Scanned<HiddenState> run = Recurrence.scan(cell, x, cell.initialState(tape, 1));
      assertThat(run.outputs().value().toFloats()).containsExactly(1.5f, 2.25f);
      assertThat(tape.gradients(run.outputs().sum()).areFinite()).isTrue();
    }
  }
}
