package dev.rewind.nn.wrappers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.Step;
import dev.rewind.nn.rnn.Unrolled;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class VariationalDropoutTest {
  private static final int BATCH = 3;
  private static final int STEPS = 4;
  private static final int INPUTS = 20;
  private static final int HIDDEN = 30;

  private final LstmCell lstm = new LstmCell(INPUTS, HIDDEN, Rng.of(1));
  private final Tensor x = Tensor.normal(Rng.of(2), DType.FLOAT32, 0, 1, BATCH, STEPS, INPUTS);

  private static Tape training() {
    return Tape.inference(TapeOptions.defaults().withRng(Rng.of(3)));
  }

  private static Tensor row(Tensor values, int b) {
    return values.select(0, b);
  }

  @Test
  void oneMaskDropsTheInputsOfAllSteps() {
    VariationalInputCell<LstmState> cell = new VariationalInputCell<>(lstm, 0.25);
    try (Tape tape = training()) {
      MaskedState<LstmState> start = cell.initialState(tape, BATCH);
      Tensor mask = start.mask().value();
      assertThat(mask.equalTo(0).any().item()).isEqualTo(1);
      assertThat(mask.equalTo(0).or(mask.equalTo(Tensor.full(DType.FLOAT32, 1 / 0.75, 1))).all().item()).isEqualTo(1);
      assertThat(row(mask, 0)).isNotEqualTo(row(mask, 1)); // each sequence has its own
      Scanned<MaskedState<LstmState>> run = Recurrence.scan(cell, tape.constant(x), start);
      Variable masked = tape.constant(x.times(mask.unsqueeze(1)));
      Scanned<LstmState> expected = Recurrence.scan(lstm, masked, lstm.initialState(tape, BATCH));
      assertThat(run.outputs().value()).isEqualTo(expected.outputs().value());
      assertThat(run.state().mask()).isSameAs(start.mask());
      List<Variable> steps = tape.constant(x).split(1, STEPS).stream().map(part -> part.squeeze(1)).toList();
      Unrolled<MaskedState<LstmState>> unrolled = Recurrence.unroll(cell, steps, start);
      assertThat(Variable.stack(1, unrolled.outputs()).value().allClose(run.outputs().value(), 1e-5, 1e-6)).isTrue();
    }
  }

  @Test
  void oneMaskDropsWhatTheRecurrentProductReads() {
    VariationalStateCell<LstmState> cell = VariationalStateCell.of(lstm, 0.5);
    try (Tape tape = training()) {
      MaskedState<LstmState> start = cell.initialState(tape, BATCH);
      Scanned<MaskedState<LstmState>> run = Recurrence.scan(cell, tape.constant(x), start);
      LstmState state = start.state();
      for (int t = 0; t < STEPS; t++) {
        LstmState seen = new LstmState(state.h().times(start.mask()), state.c());
        Step<LstmState> step = lstm.step(tape.constant(x.select(1, t)), seen);
        assertThat(run.outputs().value().select(1, t).allClose(step.output().value(), 1e-5, 1e-6)).isTrue();
        state = step.state();
      }
      assertThat(run.state().state().c().value().allClose(state.c().value(), 1e-5, 1e-6)).isTrue();
    }
  }

  @Test
  void elmanNetworksDropTheirStateToo() {
    RnnCell rnn = new RnnCell(INPUTS, HIDDEN, Rng.of(1));
    VariationalStateCell<HiddenState> cell = VariationalStateCell.of(rnn, 0.5);
    try (Tape tape = training()) {
      MaskedState<HiddenState> start = cell.initialState(tape, BATCH).map(leaf -> leaf.plus(0.5));
      Step<MaskedState<HiddenState>> step = cell.step(tape.constant(x.select(1, 0)), start);
      HiddenState seen = new HiddenState(start.state().h().times(start.mask()));
      assertThat(step.output().value())
          .isEqualTo(rnn.step(tape.constant(x.select(1, 0)), seen).output().value());
    }
  }

  @Test
  void aLeafIsChosenByItsName() {
    VariationalStateCell<LstmState> cell = VariationalStateCell.of(lstm, "c", 0.5);
    try (Tape tape = training()) {
      MaskedState<LstmState> start = cell.initialState(tape, BATCH).map(leaf -> leaf.plus(0.5));
      Step<MaskedState<LstmState>> step = cell.step(tape.constant(x.select(1, 0)), start);
      LstmState seen = new LstmState(start.state().h(), start.state().c().times(start.mask()));
      assertThat(step.output().value())
          .isEqualTo(lstm.step(tape.constant(x.select(1, 0)), seen).output().value());
      assertThatIllegalArgumentException().isThrownBy(() -> start.withLeaves(List.of(start.mask())))
          .withMessage("state: 1 leaves for [cell.h, cell.c, mask]");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> VariationalStateCell.of(lstm, "n", 0.5))
        .withMessage("state: no leaf is called n; there are [h, c]");
  }

  @Test
  void evaluationsAreThoseOfThePlainCell() {
    MaskedState<LstmState> trained;
    VariationalInputCell<LstmState> inputs = new VariationalInputCell<>(lstm, 0.25);
    VariationalStateCell<LstmState> states = VariationalStateCell.of(lstm, 0.25);
    try (Tape tape = training()) {
      trained = inputs.initialState(tape, BATCH);
    }
    try (Tape tape = Tape.inference()) {
      Tensor plain = Recurrence.scan(lstm, tape.constant(x), lstm.initialState(tape, BATCH)).outputs().value();
      assertThat(Recurrence.scan(inputs, tape.constant(x), inputs.initialState(tape, BATCH)).outputs().value())
          .isEqualTo(plain);
      assertThat(Recurrence.scan(inputs, tape.constant(x), trained.on(tape)).outputs().value()).isEqualTo(plain);
      assertThat(Recurrence.scan(states, tape.constant(x), states.initialState(tape, BATCH)).outputs().value())
          .isEqualTo(plain);
    }
  }

  @Test
  void aMaskIsCarriedUntilItIsRedrawn() {
    VariationalInputCell<LstmState> inputs = new VariationalInputCell<>(lstm, 0.25);
    VariationalStateCell<LstmState> states = VariationalStateCell.of(lstm, 0.25);
    try (Tape first = training(); Tape second = Tape.inference(TapeOptions.defaults().withRng(Rng.of(4)))) {
      MaskedState<LstmState> start = inputs.initialState(first, BATCH);
      assertThat(start.names()).containsExactly("cell.h", "cell.c", "mask");
      MaskedState<LstmState> carried = start.on(second);
      assertThat(carried.mask().value()).isEqualTo(start.mask().value());
      MaskedState<LstmState> redrawn = inputs.redrawn(carried);
      assertThat(redrawn.mask().value()).isNotEqualTo(start.mask().value());
      assertThat(redrawn.mask().shape()).isEqualTo(start.mask().shape());
      assertThat(redrawn.state()).isSameAs(carried.state());
      MaskedState<LstmState> other = states.initialState(second, BATCH);
      assertThat(states.redrawn(other).mask().value()).isNotEqualTo(other.mask().value());
      assertThat(other.mask().size(1)).isEqualTo(HIDDEN);
    }
  }

  @Test
  void parametersAreThoseOfTheCellAndWrongRatesAreNamed() {
    assertThat(VariationalStateCell.of(lstm, 0.5).namedParameters().keySet())
        .isEqualTo(new VariationalInputCell<>(lstm, 0.5).namedParameters().keySet())
        .containsExactlyInAnyOrder("cell.weight_ih", "cell.weight_hh", "cell.bias");
    assertThatIllegalArgumentException().isThrownBy(() -> new VariationalInputCell<>(lstm, 1))
        .withMessage("dropout: the rate must be in [0, 1), not 1.0");
  }
}
