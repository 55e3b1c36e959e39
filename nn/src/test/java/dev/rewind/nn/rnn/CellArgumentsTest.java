package dev.rewind.nn.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rewind.autograd.Param;
import dev.rewind.autograd.Tape;
import dev.rewind.autograd.TapeOptions;
import dev.rewind.autograd.Variable;
import dev.rewind.nn.Block;
import dev.rewind.nn.cells.GruCell;
import dev.rewind.nn.cells.Lstm;
import dev.rewind.nn.cells.LstmCell;
import dev.rewind.nn.cells.PeepholeLstmCell;
import dev.rewind.nn.cells.RecurrentOptions;
import dev.rewind.nn.wrappers.MaskedState;
import dev.rewind.nn.wrappers.VariationalInputCell;
import dev.rewind.tensor.DType;
import dev.rewind.tensor.DTypeException;
import dev.rewind.tensor.Rng;
import dev.rewind.tensor.ShapeException;
import dev.rewind.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is wrong with inputs and states is said before the first step, in the words of the caller.
class CellArgumentsTest {
  private static final int BATCH = 2;
  private static final int INPUTS = 3;
  private static final int HIDDEN = 4;

  /// Every way in, by the name that messages begin with.
  private interface Driver {
    <S extends State<S>> Object run(Cell<S> cell, Variable x, S state);
  }

  private static final Map<String, Driver> DRIVERS = Map.of(
      "scan", new Driver() {
        @Override
        public <S extends State<S>> Object run(Cell<S> cell, Variable x, S state) {
          return Recurrence.scan(cell, x, state);
        }
      },
      "unroll", new Driver() {
        @Override
        public <S extends State<S>> Object run(Cell<S> cell, Variable x, S state) {
          return Recurrence.unroll(cell, List.of(x.select(1, 0), x.select(1, 1)), state);
        }
      },
      "steps", new Driver() {
        @Override
        public <S extends State<S>> Object run(Cell<S> cell, Variable x, S state) {
          return Recurrence.steps(cell, x, state);
        }
      },
      "scanReversed", new Driver() {
        @Override
        public <S extends State<S>> Object run(Cell<S> cell, Variable x, S state) {
          return Recurrence.scanReversed(cell, x, state);
        }
      },
      "scanRecomputing", new Driver() {
        @Override
        public <S extends State<S>> Object run(Cell<S> cell, Variable x, S state) {
          return Recurrence.scanRecomputing(cell, x, state, 1);
        }
      },
      "scanSymbols", new Driver() {
        @Override
        public <S extends State<S>> Object run(Cell<S> cell, Variable x, S state) {
          return Recurrence.scanSymbols(cell, x.select(1, 0), Tensor.zeros(DType.INT32, x.size(0), 5), state);
        }
      },
      "step", new Driver() {
        @Override
        public <S extends State<S>> Object run(Cell<S> cell, Variable x, S state) {
          return cell.step(x.select(1, 0), state);
        }
      });

  private final LstmCell lstm = new LstmCell(INPUTS, HIDDEN, Rng.of(1));
  private final StackedCell<LstmState> stack = new StackedCell<>(List.of(lstm, new LstmCell(HIDDEN, HIDDEN, Rng.of(2))),
      0);

  private static Tensor inputs(DType dtype) {
    return Tensor.ones(dtype, BATCH, 2, INPUTS);
  }

  private static <S extends State<S>> void assertThatAllRefuse(
      Cell<S> cell, Variable x, S state, Class<? extends RuntimeException> kind, String message) {
    DRIVERS.forEach((name, driver) -> assertThatThrownBy(() -> driver.run(cell, x, state)).as(name)
        .isExactlyInstanceOf(kind).hasMessageStartingWith(name + ": " + message));
  }

  @Test
  void inputsOfAnotherDTypeNameTheCell() {
    try (Tape tape = Tape.recording(); Tape wide = Tape.recording(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      assertThatAllRefuse(lstm, tape.constant(inputs(DType.FLOAT64)), lstm.initialState(tape, BATCH),
          DTypeException.class,
          "LstmCell wants inputs of FLOAT32, not FLOAT64; convert them with to(..)");
      assertThatAllRefuse(stack, tape.constant(inputs(DType.INT32)), stack.initialState(tape, BATCH),
          DTypeException.class,
          "StackedCell wants inputs of FLOAT32, not INT32; convert them with to(..), or look symbols up in an "
              + "Embedding");
      assertThatAllRefuse(lstm, wide.constant(inputs(DType.FLOAT32)), lstm.initialState(wide, BATCH),
          DTypeException.class,
          "LstmCell wants inputs of FLOAT64, not FLOAT32");
    }
  }

  @Test
  void aLeafOfAnotherDTypeIsNamed() {
    try (Tape tape = Tape.recording(); Tape wide = Tape.recording(TapeOptions.defaults().withDType(DType.FLOAT64))) {
      StackedState<LstmState> start = stack.initialState(tape, BATCH);
      LstmState second = start.layers().get(1);
      LstmState wrong = new LstmState(second.h(), second.c().to(DType.FLOAT64));
      assertThatAllRefuse(stack, tape.constant(inputs(DType.FLOAT32)),
          new StackedState<>(List.of(start.layers().get(0), wrong)), DTypeException.class,
          "leaf 1.c of the state of StackedCell is FLOAT64, wanted FLOAT32; convert it with to(..)");
      assertThatAllRefuse(lstm, wide.constant(inputs(DType.FLOAT64)), lstm.initialState(tape, BATCH).on(wide),
          DTypeException.class, "leaf h of the state of LstmCell is FLOAT32, wanted FLOAT64");
    }
  }

  @Test
  void aLeafOfAnotherShapeIsNamed() {
    for (Cell<LstmState> cell : List.of(lstm, new PeepholeLstmCell(INPUTS, HIDDEN, Rng.of(1)))) {
      String name = cell.getClass().getSimpleName();
      try (Tape tape = Tape.recording()) {
        Variable x = tape.constant(inputs(DType.FLOAT32));
        Variable h = cell.initialState(tape, BATCH).h();
        assertThatAllRefuse(cell, x, cell.initialState(tape, 1), ShapeException.class,
            "leaf h of the state of " + name + " is [1, 4], wanted [2, 4], the batch of 2 first");
        assertThatAllRefuse(cell, x, new LstmState(h, h.slice(1, 0, 1)), ShapeException.class,
            "leaf c of the state of " + name + " is [2, 1], wanted [2, 4]"); // would be broadcast
        assertThatAllRefuse(cell, x, new LstmState(h, h.sum()), ShapeException.class,
            "leaf c of the state of " + name + " is [], wanted [2, 4]");
        assertThatAllRefuse(cell, x, new LstmState(h.unsqueeze(2), h), ShapeException.class,
            "leaf h of the state of " + name + " is [2, 4, 1], wanted [2, 4]");
      }
    }
  }

  @Test
  void aStateOfMoreOrFewerLayersIsNamed() {
    try (Tape tape = Tape.recording()) {
      assertThatAllRefuse(stack, tape.constant(inputs(DType.FLOAT32)),
          new StackedState<>(List.of(lstm.initialState(tape, BATCH))), IllegalArgumentException.class,
          "StackedCell wants a state with the leaves [0.h, 0.c, 1.h, 1.c], not [0.h, 0.c]");
    }
  }

  @Test
  void aStateOfAnEarlierTapeNamesOnTapeAndTbpttState() {
    LstmState last;
    try (Tape tape = Tape.recording()) {
      last = Recurrence.scan(lstm, tape.constant(inputs(DType.FLOAT32)), lstm.initialState(tape, BATCH)).state();
    }
    try (Tape tape = Tape.recording()) {
      assertThatAllRefuse(lstm, tape.constant(inputs(DType.FLOAT32)), last, IllegalStateException.class,
          "leaf h of the state of LstmCell is on another tape than the inputs; take a state of an earlier tape to "
              + "this one with "
              + "state.on(tape), which cuts the gradient, or let a TbpttState carry it");
      assertThat(Recurrence.scan(lstm, tape.constant(inputs(DType.FLOAT32)), last.on(tape)).outputs().size(0))
          .isEqualTo(BATCH);
    }
  }

  @Test
  void layersAndBothDirectionsNameTheCellToo() {
    Lstm layers = new Lstm(RecurrentOptions.of(INPUTS, HIDDEN).withLayers(2), Rng.of(1));
    Bidirectional<LstmState, HiddenState> both = new Bidirectional<>(lstm, new GruCell(INPUTS, 5, Rng.of(1)));
    try (Tape tape = Tape.recording(); Tape other = Tape.recording()) {
      assertThatExceptionOfType(DTypeException.class)
          .isThrownBy(() -> layers.forward(tape.constant(inputs(DType.FLOAT64))))
          .withMessageStartingWith("scan: LstmCell wants inputs of FLOAT32, not FLOAT64");
      Variable x = tape.constant(inputs(DType.FLOAT32));
      assertThatThrownBy(() -> layers.forward(x, layers.initialState(other, BATCH)))
          .isInstanceOf(IllegalStateException.class).hasMessageContaining("state.on(tape)");
      PairState<LstmState, HiddenState> start = both.initialState(tape, BATCH);
      PairState<LstmState, HiddenState> wrong = new PairState<>(start.first(),
          new HiddenState(start.second().h().to(DType.FLOAT64)));
      assertThatExceptionOfType(DTypeException.class).isThrownBy(() -> both.scan(x, wrong))
          .withMessageStartingWith("scanReversed: leaf h of the state of GruCell is FLOAT64, wanted FLOAT32");
    }
  }

  // ---- what is not refused ------------------------------------------------------------------------------------------

  /// A mean of all inputs so far, with all of them as its state, which grows by one at each step.
  private static final class Mean extends Block implements Cell<HiddenState> {
    private final Param scale = parameter("scale", Tensor.ones(DType.FLOAT32, INPUTS));

    @Override
    public int inputSize() {
      return INPUTS;
    }

    @Override
    public int outputSize() {
      return INPUTS;
    }

    @Override
    public HiddenState initialState(Tape tape, int batch) {
      return new HiddenState(tape.constant(Tensor.zeros(tape.dtype(DType.FLOAT32), batch, 0, INPUTS)));
    }

    @Override
    public Step<HiddenState> stepPrepared(Variable x, HiddenState state) {
      Variable all = Variable.concat(1, List.of(state.h(), x.unsqueeze(1)));
      return new Step<>(all.mean(1).times(x.tape().watch(scale)), new HiddenState(all));
    }
  }

  @Test
  void anAxisThatBeginsWithoutElementsMayGrow() {
    Mean mean = new Mean();
    try (Tape tape = Tape.recording()) {
      Variable x = tape.constant(inputs(DType.FLOAT32));
      HiddenState two = Recurrence.scan(mean, x, mean.initialState(tape, BATCH)).state();
      assertThat(two.h().shape().sizes()).containsExactly(BATCH, 2, INPUTS);
      assertThat(mean.step(x.select(1, 0), two).output().value()).isEqualTo(Tensor.ones(DType.FLOAT32, BATCH, INPUTS));
    }
  }

  /// A cell with parameters in FLOAT64.
  private static final class Wide extends RecurrentCell<HiddenState> {
    private final Param weight;

    Wide() {
      super(INPUTS, HIDDEN, HiddenState::zeros);
      weight = parameter("weight", Tensor.ones(DType.FLOAT64, HIDDEN, INPUTS + HIDDEN));
    }

    @Override
    public Step<HiddenState> stepPrepared(Variable x, HiddenState state) {
      Variable h = linear(Variable.concat(1, List.of(x, state.h())), weight).tanh();
      return new Step<>(h, new HiddenState(h));
    }
  }

  @Test
  void aStateOfTheDTypeOfTheParametersIsRight() {
    Wide cell = new Wide();
    try (Tape tape = Tape.recording()) {
      Variable x = tape.constant(inputs(DType.FLOAT64));
      HiddenState start = new HiddenState(tape.constant(Tensor.zeros(DType.FLOAT64, BATCH, HIDDEN)));
      assertThat(Recurrence.scan(cell, x, start).outputs().dtype()).isEqualTo(DType.FLOAT64);
    }
  }

  /// Masks are drawn with the initial state: a check that drew some would change all that is drawn after it.
  @Test
  void theCheckDrawsNothingAndRecordsNothing() {
    VariationalInputCell<LstmState> cell = new VariationalInputCell<>(lstm, 0.5);
    Rng rng = Rng.of(5);
    try (Tape tape = Tape.recording(TapeOptions.defaults().withRng(rng))) {
      Variable x = tape.constant(Tensor.ones(DType.FLOAT32, BATCH, INPUTS));
      MaskedState<LstmState> start = cell.initialState(tape, BATCH);
      Rng.State before = rng.state();
      CellArguments.require("step", cell, x, BATCH, start);
      assertThat(rng.state()).isEqualTo(before);
      assertThat(tape.length()).isZero();
    }
  }
}
