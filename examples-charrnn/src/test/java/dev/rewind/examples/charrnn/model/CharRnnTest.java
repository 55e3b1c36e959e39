package dev.rewind.examples.charrnn.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Tape;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.StackedState;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a program of one's own writes: no helper with a type parameter.
class CharRnnTest {
  private static final Tensor IDS = Tensor.of(new int[] {0, 3, 1, 4, 2, 2}, 2, 3);

  private static ModelOptions options(CellKind cell) {
    return new ModelOptions(cell, 5, 3, 4, 2, 0);
  }

  @Test
  void theStateOfALstmHasItsType() {
    CharRnn<LstmState> model = CharRnn.lstm(options(CellKind.LSTM), Rng.of(1));
    TbpttState<StackedState<LstmState>> carried = new TbpttState<>(model.cell(), 2);
    for (int window = 0; window < 2; window++) {
      try (Tape tape = Tape.inference()) {
        CharRnn.Outcome<LstmState> outcome = model.forward(tape, IDS, carried.on(tape));
        assertThat(outcome.logits().shape().sizes()).containsExactly(2, 3, 5);
        assertThat(outcome.state().layers().getFirst().c().shape().sizes()).containsExactly(2, 4);
        carried.keep(outcome.state());
      }
    }
  }

  @Test
  void aTypedModelIsTheOneOfItsKind() {
    CharRnn<HiddenState> gru = CharRnn.gru(options(CellKind.GRU), Rng.of(1));
    CharRnn<HiddenState> rnn = CharRnn.rnn(options(CellKind.RNN), Rng.of(1));
    assertThat(ModelFile.tensors(gru)).isEqualTo(ModelFile.tensors(CharRnn.of(gru.options(), Rng.of(1))));
    assertThat(ModelFile.tensors(rnn)).isEqualTo(ModelFile.tensors(CharRnn.of(rnn.options(), Rng.of(1))));
    assertThatThrownBy(() -> CharRnn.lstm(gru.options(), Rng.of(1))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("CharRnn.lstm: the options say gru; CharRnn.of makes a model of any kind");
  }

  @ParameterizedTest
  @EnumSource(CellKind.class)
  void aModelOfAnyKindReadsFromItsInitialState(CellKind cell) {
    CharRnn<?> model = CharRnn.of(options(cell), Rng.of(1));
    try (Tape tape = Tape.inference()) {
      CharRnn.Outcome<?> outcome = model.forward(tape, IDS);
      assertThat(outcome.logits().shape().sizes()).containsExactly(2, 3, 5);
    }
  }
}
