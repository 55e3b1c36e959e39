package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TbpttStateTest {
  private static final int BATCH = 3;

  private final StackedCell<LstmState> cell = new StackedCell<>(
      List.of(new LstmCell(2, 4, Rng.of(1)), new LstmCell(4, 3, Rng.of(2))), 0);
  private final TbpttState<StackedState<LstmState>> carried = new TbpttState<>(cell, BATCH);
  private final Tensor x = Tensor.normal(Rng.of(3), DType.FLOAT32, 0, 1, BATCH, 6, 2);

  /// The outputs of a window of two steps.
  private Tensor window(TbpttState<StackedState<LstmState>> from, int number) {
    try (Tape tape = Tape.recording()) {
      StackedState<LstmState> start = from.on(tape);
      assertThat(start.leaves()).noneMatch(Variable::isTracked);
      Scanned<StackedState<LstmState>> run = Recurrence.scan(
          cell, tape.constant(x.slice(1, 2 * number, 2 * number + 2)), start);
      from.keep(run.state());
      return run.outputs().value();
    }
  }

  /// The outputs of two steps of a text that begins at a window.
  private Tensor fromTheStart(int first, int number) {
    try (Tape tape = Tape.inference()) {
      return Recurrence.scan(cell, tape.constant(x.slice(1, 2 * first, 6)), cell.initialState(tape, BATCH))
          .outputs().value().slice(1, 2 * (number - first), 2 * (number - first) + 2);
    }
  }

  @Test
  void windowsReadOneAfterAnotherAreTheWholeText() {
    for (int k = 0; k < 3; k++) {
      assertThat(window(carried, k)).isEqualTo(fromTheStart(0, k));
    }
    carried.reset();
    assertThat(window(carried, 0)).isEqualTo(fromTheStart(0, 0));
  }

  @Test
  void sequencesWhoseDocumentHasEndedBeginAnew() {
    window(carried, 0);
    carried.reset(new boolean[] {false, true, false});
    carried.reset(new boolean[] {false, false, true}); // adds to it
    for (int k = 1; k < 3; k++) {
      Tensor outputs = window(carried, k);
      assertThat(outputs.select(0, 0)).isEqualTo(fromTheStart(0, k).select(0, 0));
      assertThat(outputs.slice(0, 1, 3)).isEqualTo(fromTheStart(1, k).slice(0, 1, 3));
    }
  }

  @Test
  void aCopyGoesOnWithTheSameBits() {
    TbpttState<StackedState<LstmState>> copy = new TbpttState<>(cell, BATCH);
    window(copy, 2);
    copy.load(carried.state()); // of all that begin
    assertThat(carried.state()).isEmpty();
    assertThat(window(copy, 0)).isEqualTo(window(carried, 0));
    carried.reset(new boolean[] {true, false, false});
    Map<String, Tensor> saved = carried.state();
    assertThat(saved.keySet()).containsExactly("0.h", "0.c", "1.h", "1.c", "fresh");
    Tensor expected = window(carried, 1);
    assertThat(window(copy, 2)).isNotEqualTo(expected);
    copy.load(saved);
    assertThat(window(copy, 1)).isEqualTo(expected);
    assertThat(carried.state()).doesNotContainKey("fresh");
  }

  @Test
  void whatDoesNotFitIsNamed() {
    window(carried, 0);
    TbpttState<StackedState<LstmState>> two = new TbpttState<>(cell, 2);
    assertThatIllegalArgumentException().isThrownBy(() -> two.load(carried.state()))
        .withMessage("carried state: 0.h is FLOAT32 [3, 4], wanted FLOAT32 [2, 4]; "
            + "0.c is FLOAT32 [3, 4], wanted FLOAT32 [2, 4]; 1.h is FLOAT32 [3, 3], wanted FLOAT32 [2, 3]; "
            + "1.c is FLOAT32 [3, 3], wanted FLOAT32 [2, 3]");
    assertThatIllegalArgumentException().isThrownBy(() -> two.load(Map.of("0.h", Tensor.zeros(DType.FLOAT32, 2, 4))))
        .withMessage("carried state: 0.c is missing; 1.h is missing; 1.c is missing");
    assertThatIllegalArgumentException().isThrownBy(() -> two.load(Map.of("h", Tensor.zeros(DType.FLOAT32, 2, 4))))
        .withMessage("carried state: 0.h is missing; 0.c is missing; 1.h is missing; 1.c is missing; "
            + "h is not a leaf of this cell");
    assertThatIllegalArgumentException().isThrownBy(() -> new TbpttState<>(cell, -1))
        .withMessage("carried state: a batch of -1; it must be at least 1");
    assertThatIllegalArgumentException().isThrownBy(() -> two.reset(new boolean[3]))
        .withMessage("carried state: a batch of 2, but 3 to reset or not");
    try (Tape tape = Tape.inference()) {
      assertThatIllegalArgumentException().isThrownBy(() -> two.keep(cell.initialState(tape, 3)))
          .withMessage("carried state: a batch of 2, but state with leaves of shape [3, 4]");
    }
  }

  /// A cell whose state is a sum that starts from a parameter.
  private static final class Sum extends Block implements Cell<HiddenState> {
    private final Param first = parameter("first", Tensor.zeros(DType.FLOAT32, 1, 1));

    @Override
    public int inputSize() {
      return 1;
    }

    @Override
    public int outputSize() {
      return 1;
    }

    @Override
    public HiddenState initialState(Tape tape, int batch) {
      return new HiddenState(tape.watch(first).expand(batch, 1));
    }

    @Override
    public Step<HiddenState> stepPrepared(Variable prepared, HiddenState state) {
      Variable h = state.h().plus(prepared);
      return new Step<>(h, new HiddenState(h));
    }
  }

  @Test
  void aLearnedInitialStateGetsTheGradientOfThoseThatBegin() {
    Sum sum = new Sum();
    TbpttState<HiddenState> state = new TbpttState<>(sum, BATCH);
    assertThat(gradientOfFirst(sum, state)).isEqualTo(BATCH);
    state.reset(new boolean[] {true, false, true});
    assertThat(gradientOfFirst(sum, state)).isEqualTo(2);
    assertThat(gradientOfFirst(sum, state)).isEqualTo(0);
  }

  private double gradientOfFirst(Sum sum, TbpttState<HiddenState> state) {
    try (Tape tape = Tape.recording()) {
      Variable inputs = tape.watch(x.slice(2, 0, 1));
      Scanned<HiddenState> run = Recurrence.scan(sum, inputs, state.on(tape));
      state.keep(run.state());
      Gradients gradients = tape.gradients(run.state().h().sum());
      return gradients.ofOrZero(sum.first).item();
    }
  }
}
