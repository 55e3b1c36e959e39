package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class StackedStateTest {
  @Test
  void statesOfLayersAndDirectionsAreStackedAndUnstacked() {
    Lstm lstm = new Lstm(RecurrentOptions.of(2, 3).withLayers(2).withBidirectional(true), Rng.of(2));
    try (Tape tape = Tape.recording()) {
      Variable x = tape.constant(Tensor.normal(Rng.of(3), DType.FLOAT32, 0, 1, 5, 4, 2));
      StackedState<LstmState> state = lstm.forward(x).state();
      LstmState all = state.stacked();
      assertThat(all.h().shape().sizes()).containsExactly(4, 5, 3);
      assertThat(all.c().value().select(0, 2)).isEqualTo(state.layers().get(2).c().value());
      StackedState<LstmState> back = StackedState.of(all);
      assertThat(lstm.forward(x, back).outputs().value()).isEqualTo(lstm.forward(x, state).outputs().value());
      LstmState uneven = new LstmState(all.h(), all.c().slice(0, 0, 3));
      assertThatExceptionOfType(ShapeException.class).isThrownBy(() -> StackedState.of(uneven))
          .withMessage("stacked state: leaves of different numbers of layers, LstmState(h [4, 5, 3], c [3, 5, 3])");
      StackedState<LstmState> mixed = new StackedState<>(List.of(back.layers().getFirst(), uneven));
      assertThatIllegalArgumentException().isThrownBy(mixed::stacked);
      assertThat(tape.gradients(back.layers().getLast().h().sum()).parameters()).isNotEmpty();
    }
  }
}
