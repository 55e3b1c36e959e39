package dev.rewind.nn.wrappers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.nn.Block;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.CellCheck;
import dev.rewind.nn.rnn.HiddenState;
import dev.rewind.nn.rnn.Lengths;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.PairState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.Step;
import dev.rewind.nn.rnn.ThenCell;
import dev.rewind.nn.rnn.Unrolled;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class WrappersTest {
  private static final int BATCH = 3;
  private static final int TIME = 4;
  private static final int INPUTS = 2;
  private static final int HIDDEN = 5;
  private static final int[] LENGTHS = {2, 0, 3};

  private final LstmCell lstm = new LstmCell(INPUTS, HIDDEN, Rng.of(1));
  private final GruCell gru = new GruCell(HIDDEN, 3, Rng.of(2));
  private final ThenCell<LstmState, HiddenState> pair = new ThenCell<>(lstm, gru);

  /// A cell over the time axis step by step.
  private static <S extends State<S>> Unrolled<S> steps(Cell<S> cell, Variable x, S state) {
    int time = x.size(1);
    List<Variable> list = time == 0 ? List.of() : x.split(1, time).stream().map(part -> part.squeeze(1)).toList();
    return Recurrence.unroll(cell, list, state);
  }

  private static Tensor inputs() {
    return Tensor.normal(Rng.of(5), DType.FLOAT32, 0, 1, BATCH, TIME, INPUTS);
  }

  @Test
  void checksOfCellsPass() {
    assertThat(CellCheck.of(pair).batch(2).steps(2).run().assertPasses().compared()).isPositive();
    CellCheck.of(new DropoutCell<>(lstm, 0.5)).seed(3).run().assertPasses();
  }

  /// Forgets that its output depends on the state.
  private static final class CutCell extends Block implements Cell<LstmState> {
    private final LstmCell inner;

    CutCell(LstmCell inner) {
      this.inner = child("inner", inner);
    }

    @Override
    public int inputSize() {
      return inner.inputSize();
    }

    @Override
    public int outputSize() {
      return inner.outputSize();
    }

    @Override
    public Variable prepare(Variable input) {
      return inner.prepare(input);
    }

    @Override
    public LstmState initialState(Tape tape, int batch) {
      return inner.initialState(tape, batch);
    }

    @Override
    public Step<LstmState> stepPrepared(Variable prepared, LstmState state) {
      return inner.stepPrepared(prepared, state.map(Variable::stopGradient));
    }
  }

  @Test
  void checksOfWrongCellsFail() {
    assertThatThrownBy(() -> CellCheck.of(new CutCell(lstm)).run().assertPasses())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("gradient check failed: gradient of state.h, state.c: the analytic one is zero");
  }

  @Test
  void aPairNamesItsPartsAndEqualsOneCellAfterTheOther() {
    assertThat(pair.namedParameters().keySet()).containsExactly("first.weight_ih", "first.weight_hh", "first.bias",
        "second.weight_ih", "second.weight_hh", "second.bias_ih", "second.bias_hh");
    try (Tape tape = Tape.inference()) {
      PairState<LstmState, HiddenState> start = pair.initialState(tape, BATCH);
      assertThat(start.names()).containsExactly("first.h", "first.c", "second.h");
      Variable x = tape.constant(inputs());
      Unrolled<PairState<LstmState, HiddenState>> both = steps(pair, x, start);
      Unrolled<LstmState> below = steps(lstm, x, lstm.initialState(tape, BATCH));
      Unrolled<HiddenState> above = Recurrence.unroll(gru, below.outputs(), gru.initialState(tape, BATCH));
      for (int t = 0; t < TIME; t++) {
        Tensor expected = above.outputs().get(t).value();
        assertThat(both.outputs().get(t).value().allClose(expected, 1e-6, 1e-7)).isTrue();
      }
      assertThat(both.state().withLeaves(both.state().leaves())).isEqualTo(both.state());
      Scanned<PairState<LstmState, HiddenState>> whole = Recurrence.scan(pair, x, start);
      assertThat(whole.outputs().value().allClose(Variable.stack(1, both.outputs()).value(), 1e-5, 1e-6)).isTrue();
      assertThat(whole.state().first().c().value().allClose(both.state().first().c().value(), 1e-5, 1e-6)).isTrue();
    }
  }

  @Test
  void pairsThatCannotBeAreRefused() {
    LstmCell square = new LstmCell(HIDDEN, HIDDEN, Rng.of(1));
    assertThatIllegalArgumentException().isThrownBy(() -> new ThenCell<>(square, square))
        .withMessageContaining("the same cell");
    assertThatIllegalArgumentException().isThrownBy(() -> new ThenCell<>(gru, square))
        .withMessage("then: the second cell reads vectors of 5, the first gives 3");
  }

  @Test
  void dropoutTouchesOutputsAlone() {
    DropoutCell<LstmState> dropping = new DropoutCell<>(lstm, 0.5);
    assertThat(dropping.parameterCount()).isEqualTo(lstm.parameterCount());
    try (Tape training = Tape.inference(TapeOptions.defaults().withRng(Rng.of(1))); Tape plain = Tape.inference()) {
      Scanned<LstmState> dropped = Recurrence.scan(
          dropping, training.constant(inputs()), dropping.initialState(training, BATCH));
      Scanned<LstmState> whole = Recurrence.scan(
          dropping, plain.constant(inputs()), dropping.initialState(plain, BATCH));
      assertThat(dropped.state().h().value()).isEqualTo(whole.state().h().value());
      Tensor output = dropped.outputs().value();
      Tensor twice = whole.outputs().value().times(2);
      assertThat(output.equalTo(0).or(output.equalTo(twice)).all().item()).isEqualTo(1);
      assertThat(output.equalTo(0).any().item()).isEqualTo(1);
      assertThat(output.equalTo(twice).any().item()).isEqualTo(1);
    }
  }

  // ---- lengths ------------------------------------------------------------------------------------------------------

  @Test
  void maskIsTrueWithinSequences() {
    assertThat(Lengths.mask(new int[] {2, 0, 3}, 3)).isEqualTo(Tensor.of(
        new boolean[] {true, true, false, false, false, false, true, true, true}, 3, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> Lengths.mask(new int[] {1, 4}, 3))
        .withMessage("lengths: sequence 1 has length 4, not one of 0 to 3");
  }

  @Test
  void everySequenceIsAsIfItWereAlone() {
    Tensor x = inputs();
    for (int b = 0; b < BATCH; b++) {
      x.select(0, b).slice(0, LENGTHS[b], TIME).fill(Double.NaN); // padding must not matter
    }
    try (Tape tape = Tape.inference()) {
      LstmState start = lstm.initialState(tape, BATCH).map(leaf -> leaf.plus(0.25));
      Scanned<LstmState> run = Recurrence.scan(lstm, tape.constant(x), start, LENGTHS);
      assertThat(run.outputs().shape().sizes()).containsExactly(BATCH, TIME, HIDDEN);
      for (int b = 0; b < BATCH; b++) {
        int row = b;
        Variable alone = tape.constant(x.slice(0, b, b + 1).slice(1, 0, LENGTHS[b]));
        Unrolled<LstmState> expected = steps(lstm, alone, start.map(leaf -> leaf.slice(0, row, row + 1)));
        for (int t = 0; t < TIME; t++) {
          Tensor output = run.outputs().value().select(0, b).slice(0, t, t + 1);
          Tensor wanted = t < LENGTHS[b]
              ? expected.outputs().get(t).value() : Tensor.zeros(DType.FLOAT32, 1, HIDDEN);
          assertThat(output.allClose(wanted, 1e-6, 1e-7)).isTrue();
        }
        LstmState mine = run.state().map(leaf -> leaf.slice(0, row, row + 1));
        assertThat(mine.c().value().allClose(expected.state().c().value(), 1e-6, 1e-7)).isTrue();
        assertThat(mine.h().value().allClose(expected.state().h().value(), 1e-6, 1e-7)).isTrue();
      }
    }
  }

  @Test
  void paddingOfNaNLeavesGradientsFiniteAndZeroThere() {
    Tensor x = inputs();
    x.select(0, 0).slice(0, 2, TIME).fill(Double.NaN);
    x.select(0, 1).fill(Double.NaN);
    x.select(0, 2).slice(0, 3, TIME).fill(Double.NaN);
    try (Tape tape = Tape.recording()) {
      Variable leaf = tape.watch(x);
      Scanned<LstmState> run = Recurrence.scan(lstm, leaf, lstm.initialState(tape, BATCH), LENGTHS);
      Gradients gradients = tape.gradients(run.outputs().sum().plus(run.state().c().sum()));
      assertThat(gradients.areFinite()).isTrue();
      assertThat(gradients.parameters()).hasSize(3);
      assertThat(gradients.of(leaf).select(0, 1)).isEqualTo(Tensor.zeros(DType.FLOAT32, TIME, INPUTS));
      assertThat(gradients.of(leaf).select(0, 0).slice(0, 0, 2).equalTo(0).any().item()).isZero();
    }
  }

  @Test
  void gradientsWithLengthsAgreeWithNumericalOnes() {
    GradientCheck.of(x -> {
      Scanned<HiddenState> run = Recurrence.scan(gru, x, gru.initialState(x.tape(), 3), new int[] {2, 0, 1});
      return Variable.concat(0, List.of(run.outputs().reshape(-1), run.state().h().reshape(-1)));
    }).at(Tensor.normal(Rng.of(9), DType.FLOAT64, 0, 1, 3, 3, HIDDEN)).withParameters(gru.parameters()).secondOrder()
        .run().assertPasses();
  }

  @Test
  void fullAndEmptyLengthsAreNoSpecialCases() {
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(inputs());
      LstmState start = lstm.initialState(tape, BATCH);
      Scanned<LstmState> plain = Recurrence.scan(lstm, x, start);
      Scanned<LstmState> full = Recurrence.scan(lstm, x, start, new int[] {TIME, TIME, TIME});
      assertThat(full.outputs().value()).isEqualTo(plain.outputs().value());
      assertThat(full.state().c().value()).isEqualTo(plain.state().c().value());
      Scanned<LstmState> empty = Recurrence.scan(lstm, x, start, new int[BATCH]);
      assertThat(empty.outputs().value()).isEqualTo(Tensor.zeros(DType.FLOAT32, BATCH, TIME, HIDDEN));
      assertThat(empty.state().h().value()).isEqualTo(start.h().value());
      assertThatIllegalArgumentException().isThrownBy(() -> Recurrence.scan(lstm, x, start, new int[] {1}))
          .withMessage("scan: 1 lengths for a batch of 3");
      assertThatIllegalArgumentException().isThrownBy(() -> Recurrence.scan(lstm, x, start, new int[0]))
          .withMessage("scan: 0 lengths for a batch of 3");
      int[] all = {TIME, TIME, TIME};
      assertThatIllegalArgumentException().isThrownBy(() -> Recurrence.scan(lstm, x, start, all, all))
          .withMessage("scan: takes one array of lengths, not 2");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Recurrence.scan(lstm, x, start.map(leaf -> leaf.slice(0, 0, 1))))
          .withMessage("scan: leaf h of the state of LstmCell is [1, 5], wanted [3, 5], the batch of 3 first");
    }
  }
}
