package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PoolingTest {
  private static final Tensor X = Tensor.normal(Rng.of(1), DType.FLOAT64, 0, 1, 3, 4, 2);
  private static final int[] LENGTHS = {4, 1, 3};

  private enum Kind {
    LAST {
      @Override
      Variable of(Variable x, int[]... lengths) {
        return Pooling.last(x, lengths);
      }

      @Override
      double expected(double[] steps) {
        return steps[steps.length - 1];
      }
    },
    MEAN {
      @Override
      Variable of(Variable x, int[]... lengths) {
        return Pooling.mean(x, lengths);
      }

      @Override
      double expected(double[] steps) {
        return Arrays.stream(steps).sum() / steps.length;
      }
    },
    MAX {
      @Override
      Variable of(Variable x, int[]... lengths) {
        return Pooling.max(x, lengths);
      }

      @Override
      double expected(double[] steps) {
        return Arrays.stream(steps).max().orElseThrow();
      }
    };

    abstract Variable of(Variable x, int[]... lengths);

    abstract double expected(double[] steps);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everySequenceIsPooledWithinItsLength(Kind kind) {
    for (int[][] lengths : new int[][][] {{LENGTHS}, {}}) {
      try (Tape tape = Tape.inference()) {
        Tensor pooled = kind.of(tape.constant(X), lengths).value();
        assertThat(pooled.shape().sizes()).containsExactly(3, 2);
        for (int b = 0; b < 3; b++) {
          for (int k = 0; k < 2; k++) {
            double[] steps = new double[lengths.length == 0 ? 4 : lengths[0][b]];
            for (int t = 0; t < steps.length; t++) {
              steps[t] = X.at(b, t, k);
            }
            assertThat(pooled.at(b, k)).isEqualTo(kind.expected(steps));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void gradientsAgreeWithNumericalOnes(Kind kind) {
    GradientCheck.of(x -> kind.of(x.square(), LENGTHS).square()).at(X).secondOrder().run().assertPasses();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void paddingMayBeAnythingAndHasNoGradient(Kind kind) {
    Tensor mask = Lengths.mask(LENGTHS, 4).unsqueeze(2);
    for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
      Tensor spoiled = Tensor.where(mask, X.to(dtype), Tensor.full(dtype, Double.NaN));
      try (Tape tape = Tape.recording()) {
        Variable x = tape.watch(spoiled);
        Variable pooled = kind.of(x, LENGTHS);
        assertThat(pooled.value()).isEqualTo(kind.of(tape.constant(X.to(dtype)), LENGTHS).value());
        Tensor gradient = tape.gradients(pooled.sum()).of(x);
        assertThat(Tensor.where(mask, Tensor.zeros(dtype), gradient).sumOfSquares()).isZero();
        assertThat(gradient.sum().item()).isBetween(5.999, 6.001); // 1 for each element of [3, 2]
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aBatchWithoutSequencesHasNothing(Kind kind) {
    try (Tape tape = Tape.recording()) {
      Variable x = tape.watch(Tensor.zeros(DType.FLOAT32, 0, 4, 2));
      Variable pooled = kind.of(x);
      assertThat(pooled.shape().sizes()).containsExactly(0, 2);
      assertThat(tape.gradients(pooled.sum()).of(x).shape()).isEqualTo(x.shape());
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatDoesNotFitIsNamed(Kind kind) {
    String name = kind.name().toLowerCase(java.util.Locale.ROOT);
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(X);
      assertThatIllegalArgumentException().isThrownBy(() -> kind.of(x, new int[] {4, 0, 1}))
          .withMessage("pooling: " + name + " of sequence 1, which has length 0 and no step to take; leave it out of "
              + "the batch, or give it a step of padding");
      assertThatIllegalArgumentException().isThrownBy(() -> kind.of(x, new int[] {4, 5, 1}))
          .withMessage("lengths: sequence 1 has length 5, not one of 0 to 4");
      assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> kind.of(x, new int[] {4, 1}))
          .withMessage("pooling: " + name + ": 2 lengths for a batch of 3");
      assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> kind.of(x.select(2, 0)))
          .withMessage("pooling: " + name + " wants floating [batch, time >= 1, size], not FLOAT64 [3, 4]");
    }
  }

  @Test
  void wholeSequencesAreReadFromTheInitialState() {
    Tensor x = X.to(DType.FLOAT32);
    try (Tape tape = Tape.inference()) {
      Variable inputs = tape.constant(x);
      Lstm lstm = new Lstm(RecurrentOptions.of(2, 5).withLayers(2).withBidirectional(true), Rng.of(2));
      assertThat(lstm.forward(inputs, LENGTHS).outputs().value())
          .isEqualTo(lstm.forward(inputs, lstm.initialState(tape, 3), LENGTHS).outputs().value());
      LstmCell cell = new LstmCell(2, 5, Rng.of(3));
      Scanned<LstmState> run = Recurrence.scan(cell, inputs, LENGTHS);
      assertThat(Pooling.last(run.outputs(), LENGTHS).value()).isEqualTo(run.state().h().value());
      assertThat(run.outputs().value())
          .isEqualTo(Recurrence.scan(cell, inputs, cell.initialState(tape, 3), LENGTHS).outputs().value());
      Bidirectional<LstmState, HiddenState> both = new Bidirectional<>(cell, new GruCell(2, 4, Rng.of(4)));
      assertThat(both.scan(inputs, LENGTHS).outputs().value())
          .isEqualTo(both.scan(inputs, both.initialState(tape, 3), LENGTHS).outputs().value());
      Variable flat = inputs.select(1, 0);
      assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> Recurrence.scan(cell, flat))
          .withMessageStartingWith("scan: LstmCell wants inputs [batch, time >= 1, 2], not [3, 2]");
      assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> both.scan(flat));
    }
  }
}
