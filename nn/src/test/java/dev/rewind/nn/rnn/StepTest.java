package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.rewind.autograd.Gradients;
import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.cells.Cells;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.RnnCell;
import dev.rewind.nn.wrappers.DropoutCell;
import dev.rewind.nn.wrappers.ResidualCell;
import dev.rewind.nn.wrappers.VariationalInputCell;
import dev.rewind.nn.wrappers.VariationalStateCell;
import dev.rewind.nn.wrappers.ZoneoutCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A step by hand is the step of the drivers, above all where an input is as wide as what a cell prepares of it.
class StepTest {
  private static final int HIDDEN = 4;
  private static final int BATCH = 3;

  /// How a cell of [#HIDDEN] units that reads vectors of some size is made.
  private interface Maker {
    Cell<?> make(int inputs, Rng rng);
  }

  private static final List<Maker> WRAPPERS = List.of(
      (inputs, rng) -> new RnnCell(inputs, HIDDEN, RnnCell.Nonlinearity.RELU, rng),
      (inputs, rng) -> new ZoneoutCell<>(new LstmCell(inputs, HIDDEN, rng), 0),
      (inputs, rng) -> new DropoutCell<>(new GruCell(inputs, HIDDEN, rng), 0),
      (inputs, rng) -> new VariationalInputCell<>(new RnnCell(inputs, HIDDEN, rng), 0),
      (inputs, rng) -> VariationalStateCell.of(new RnnCell(inputs, HIDDEN, rng), 0),
      (inputs, rng) -> new ResidualCell<>(new RnnCell(inputs, inputs, rng)),
      (inputs, rng) -> new StackedCell<>(
          List.of(new RnnCell(inputs, HIDDEN, rng), new RnnCell(HIDDEN, HIDDEN, rng.split("above"))), 0),
      (inputs, rng) -> new DropoutCell<>(
          new RnnCell(inputs, HIDDEN, rng).then(new LstmCell(HIDDEN, HIDDEN, rng.split("above"))), 0));

  static Stream<Arguments> cells() {
    Stream<Maker> plain = Cells.ALL.stream().map(maker -> (inputs, rng) -> maker.make(inputs, HIDDEN, rng));
    return Stream.concat(plain, WRAPPERS.stream())
        .flatMap(maker -> IntStream.of(HIDDEN, 4 * HIDDEN, prepared(maker.make(7, Rng.of(1))))
            .distinct().mapToObj(inputs -> maker.make(inputs, Rng.of(1)))
            .map(cell -> Arguments.of(cell.getClass().getSimpleName() + " of " + cell.inputSize(), cell)));
  }

  private static int prepared(Cell<?> cell) {
    try (Tape tape = Tape.inference()) {
      return cell.prepare(tape.constant(Tensor.zeros(DType.FLOAT32, 1, cell.inputSize()))).size(1);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cells")
  void aStepTakesTheInputItselfAndIsTheFirstOfAScan(String name, Cell<?> cell) {
    List<Tensor> step = valuesAndGradients(cell, true);
    List<Tensor> scan = valuesAndGradients(cell, false);
    assertThat(step).hasSameSizeAs(scan);
    for (int k = 0; k < step.size(); k++) {
      assertThat(step.get(k).allClose(scan.get(k), 1e-12, 1e-14)).as("%d", k).isTrue();
      assertThat(step.get(k).equalTo(0).all().item()).as("%d is zero", k).isZero();
    }
  }

  @Test
  void whatIsPreparedGoesToStepPrepared() {
    LstmCell cell = new LstmCell(3, HIDDEN, Rng.of(1));
    try (Tape tape = Tape.inference()) {
      Variable x = tape.constant(Tensor.zeros(DType.FLOAT32, BATCH, 3));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> cell.step(cell.prepare(x), cell.initialState(tape, BATCH)))
          .withMessage("step: LstmCell wants inputs [batch, 3], not [3, 16], and prepares them itself; "
              + "what prepare(..) gave is for stepPrepared(..)");
    }
  }

  @Test
  void oneStepAndAllStepsNameEachOther() {
    LstmCell cell = new LstmCell(3, HIDDEN, Rng.of(1));
    try (Tape tape = Tape.inference()) {
      Variable sequences = tape.constant(Tensor.zeros(DType.FLOAT32, BATCH, 6, 3));
      assertThatIllegalArgumentException().isThrownBy(() -> cell.step(sequences, cell.initialState(tape, BATCH)))
          .withMessage("step: LstmCell wants inputs [batch, 3], not " + sequences.shape()
              + "; Recurrence.scan(..) runs it over a time axis");
      assertThatIllegalArgumentException().isThrownBy(() -> Recurrence.scan(cell, sequences.select(1, 0)))
          .withMessageEndingWith("; one step is cell.step(..)");
    }
  }

  /// The output, the state after, and the gradients of the input, the state before and all parameters.
  private static <S extends State<S>> List<Tensor> valuesAndGradients(Cell<S> cell, boolean byHand) {
    try (Tape tape = Tape.recording(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      Variable x = tape.watch(normal("x", BATCH, cell.inputSize()));
      S start = cell.initialState(tape, BATCH).map(leaf -> tape.watch(normal("state", leaf.shape().sizes())));
      Step<S> step = byHand ? cell.step(x, start) : first(Recurrence.scan(cell, x.unsqueeze(1), start));
      Variable sum = step.output().square().sum();
      for (Variable leaf : step.state().leaves()) {
        sum = sum.plus(leaf.square().sum());
      }
      List<Tensor> all = new ArrayList<>(List.of(step.output().value()));
      step.state().leaves().forEach(leaf -> all.add(leaf.value()));
      Gradients gradients = tape.gradients(sum);
      all.add(gradients.of(x));
      start.leaves().forEach(leaf -> all.add(gradients.of(leaf)));
      for (Param parameter : ((Block) cell).parameters()) {
        all.add(gradients.of(parameter));
      }
      return all;
    }
  }

  private static <S extends State<S>> Step<S> first(Scanned<S> run) {
    return new Step<>(run.outputs().select(1, 0), run.state());
  }

  private static Tensor normal(String what, int... sizes) {
    return Tensor.normal(Rng.of(7).split(what), DType.FLOAT64, 0, 1, sizes);
  }
}
