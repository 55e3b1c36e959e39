package dev.rewind.nn.wrappers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.Variable;
import dev.rewind.autograd.check.GradientCheck;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.MLstmCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.cells.SLstmCell;
import dev.rewind.nn.generate.Session;
import dev.rewind.nn.generate.Sessions;
import dev.rewind.nn.rnn.Cell;
import dev.rewind.nn.rnn.CellCheck;
import dev.rewind.nn.rnn.LstmState;
import dev.rewind.nn.rnn.Recurrence;
import dev.rewind.nn.rnn.Scanned;
import dev.rewind.nn.rnn.StackedCell;
import dev.rewind.nn.rnn.State;
import dev.rewind.nn.rnn.TbpttState;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LearnedStateCellTest {
  private static final int INPUTS = 3;

  /// A cell whose start has been learned.
  private static <S extends State<S>> LearnedStateCell<S> learned(Cell<S> cell, String... leaves) {
    LearnedStateCell<S> learned = new LearnedStateCell<>(cell, leaves);
    learned.initialize("start_.*", Rng.of(8),
        (rng, shape) -> Tensor.normal(rng, DType.FLOAT32, 0, 1, shape.sizes()));
    return learned;
  }

  static Stream<LearnedStateCell<?>> cells() {
    Rng rng = Rng.of(1);
    return Stream.of(learned(new LstmCell(INPUTS, 4, rng)), learned(new PeepholeLstmCell(INPUTS, 4, rng), "c"),
        learned(new GruCell(INPUTS, 2, rng).then(new LstmCell(2, 3, rng))), learned(new MLstmCell(INPUTS, 4, 2, rng)),
        learned(new StackedCell<>(List.of(new LstmCell(INPUTS, 4, rng), new LstmCell(4, 2, rng)), 0)));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void itIsACellWhoseStartHasGradients(LearnedStateCell<?> cell) {
    check(cell);
  }

  private static <S extends State<S>> void check(LearnedStateCell<S> cell) {
    CellCheck.of(cell).run().assertPasses();
    CellCheck.of(cell).steps(3).lengths(3, 0, 1).run().assertPasses();
    GradientCheck.of(x -> {
      Scanned<S> run = Recurrence.scan(cell, x, new int[] {3, 0, 1});
      return Variable.concat(0, run.variables().stream().map(leaf -> leaf.reshape(-1)).toList());
    }).at(Tensor.normal(Rng.of(2), DType.FLOAT64, 0, 1, 3, 3, INPUTS)).withParameters(cell.namedParameters())
        .secondOrder().run().assertPasses();
  }

  /// As with the rows of the start given as a state, whose gradients are added up; fused too.
  @ParameterizedTest
  @MethodSource("cells")
  void everySequenceStartsFromTheParameters(LearnedStateCell<?> cell) {
    compare(cell);
  }

  private static <S extends State<S>> void compare(LearnedStateCell<S> cell) {
    Tensor x = Tensor.normal(Rng.of(3), DType.FLOAT32, 0, 1, 5, 4, INPUTS);
    try (Tape tape = Tape.recording(); Tape other = Tape.recording()) {
      Scanned<S> run = Recurrence.scan(cell, tape.constant(x));
      S start = cell.initialState(other, 5).map(leaf -> other.watch(leaf.value().copy()));
      Scanned<S> expected = Recurrence.scan(cell.cell(), other.constant(x), start);
      assertThat(run.outputs().value()).isEqualTo(expected.outputs().value());
      Gradients gradients = tape.gradients(run.outputs().square().sum());
      Gradients wanted = other.gradients(expected.outputs().square().sum());
      cell.namedParameters().forEach((name, parameter) -> {
        if (name.startsWith("start_")) {
          String leaf = start.names().stream().filter(n -> name.equals("start_" + n.replace('.', '_'))).findFirst()
              .orElseThrow();
          assertThat(gradients.of(parameter).allClose(wanted.of(start.leaf(leaf)).sum(0), 1e-5, 1e-6)).isTrue();
        }
      });
    }
  }

  @Test
  void itBeginsAsWhatTheCellStartsFrom() {
    SLstmCell cell = new SLstmCell(INPUTS, 2, Rng.of(1));
    LearnedStateCell<SLstmCell.Memory> all = new LearnedStateCell<>(cell);
    assertThat(all.namedParameters().keySet()).contains("start_h", "start_c", "start_n", "start_m", "cell.weight_ih");
    assertThat(new LearnedStateCell<>(cell, "h").parameterCount()).isEqualTo(cell.parameterCount() + 2);
    assertThat(new LearnedStateCell<>(new StackedCell<>(List.of(cell), 0), "0.c").namedParameters().keySet())
        .contains("start_0_c");
    try (Tape tape = Tape.inference()) {
      for (int k = 0; k < 4; k++) {
        assertThat(all.initialState(tape, 3).leaves().get(k).value())
            .isEqualTo(cell.initialState(tape, 3).leaves().get(k).value());
      }
    }
  }

  @Test
  void sessionsStartFromIt() {
    LearnedStateCell<LstmState> cell = learned(new LstmCell(INPUTS, 20, Rng.of(1)));
    Tensor x = Tensor.normal(Rng.of(3), DType.FLOAT32, 0, 1, 2, 4, INPUTS);
    Tensor y;
    try (Tape tape = Tape.inference()) {
      y = Recurrence.scan(cell, tape.constant(x)).outputs().value();
    }
    Session<LstmState> session = Sessions.of(cell).open(2);
    for (int round = 0; round < 2; round++) {
      for (int t = 0; t < 4; t++) {
        assertThat(session.step(x.select(1, t)).allClose(y.select(1, t), 1e-6, 1e-6)).isTrue();
      }
      session.reset();
    }
  }

  /// Of a state that is carried, the sequences that begin anew have a gradient.
  @Test
  void windowsThatBeginAnewTrainTheStart() {
    LearnedStateCell<LstmState> cell = learned(new LstmCell(INPUTS, 2, Rng.of(1)));
    TbpttState<LstmState> carried = new TbpttState<>(cell, 2);
    Tensor x = Tensor.normal(Rng.of(3), DType.FLOAT32, 0, 1, 2, 4, INPUTS);
    for (boolean anew : new boolean[] {true, false, true}) {
      try (Tape tape = Tape.recording()) {
        carried.reset(new boolean[] {false, anew});
        Scanned<LstmState> run = Recurrence.scan(cell, tape.constant(x), carried.on(tape));
        carried.keep(run.state());
        Tensor gradient = tape.gradients(run.outputs().sum()).ofOrZero(cell.namedParameters().get("start_c"));
        assertThat(gradient.equalTo(0).all().item()).isEqualTo(anew ? 0 : 1);
      }
    }
  }

  @Test
  void whatCannotBeLearnedIsNamed() {
    VariationalStateCell<LstmState> masked = VariationalStateCell.of(new LstmCell(INPUTS, 2, Rng.of(1)), 0.5);
    assertThatIllegalArgumentException().isThrownBy(() -> new LearnedStateCell<>(masked)).withMessage(
        "learned state: leaf mask, FLOAT32 [1, 2], cannot be learned; name those that shall be, of [cell.h, cell.c, "
            + "mask]");
    assertThat(new LearnedStateCell<>(masked, "cell.h").namedParameters().keySet()).contains("start_cell_h");
    assertThatIllegalArgumentException().isThrownBy(() -> new LearnedStateCell<>(new GruCell(2, 2, Rng.of(1)), "c"))
        .withMessage("state: no leaf is called c; there are [h]");
  }
}
